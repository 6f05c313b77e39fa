import HTTP1

/// One request and the duty to answer it once.
package final class Exchange: Sendable {
    package let head: RequestHead
    package let body: RequestBody
    /// The client's address without its port, such as `127.0.0.1` or `::1`.
    package let remoteAddress: String
    /// When the last byte of the request was read, nanoseconds of the monotonic clock.
    package let arrived: UInt64
    /// The loop that parsed it.
    package let loop: LoopContext
    private let answer: @Sendable (Response) -> Void

    /// An exchange without a connection: `answer` gets the reply. For tests of applications.
    package init(
        head: RequestHead, body: RequestBody = .bytes([]), remoteAddress: String = "127.0.0.1",
        answer: @escaping @Sendable (Response) -> Void
    ) {
        self.head = head
        self.body = body
        self.remoteAddress = remoteAddress
        self.arrived = 0
        self.loop = LoopContext(index: 0)
        self.answer = answer
    }

    /// Sends the reply, from any thread, without blocking. Only the first call counts.
    package func respond(_ response: Response) { answer(response) }

    /// Whether the client is known to be gone; work for it can be dropped.
    package var isDisconnected: Bool { false }

    /// Calls `action` once, on the event loop, if the client goes away before the reply is given; at once if it
    /// already has.
    package func onDisconnect(_ action: @escaping @Sendable () -> Void) {}
}
