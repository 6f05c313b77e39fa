import EventLoop
import HTTP1
import Synchronization

/// One request and the duty to answer it once. Freed unanswered, it answers 500.
package final class Exchange: Sendable {
    /// Where the reply goes.
    private enum Destination {
        case connection(Connection, turn: UInt64)
        case closure(@Sendable (Response) -> Void)
    }

    /// The request's head, and its body as the disposition asked for it.
    package let head: RequestHead
    package let body: RequestBody
    /// The client's address without its port, such as `127.0.0.1` or `::1`.
    package let remoteAddress: String
    /// When the last byte of the request was read, nanoseconds of the monotonic clock.
    package let arrived: UInt64
    /// The loop that parsed it.
    package let loop: LoopContext
    private let destination: Destination
    /// The body's share of the memory for bodies, until the exchange is freed.
    private let lease: BodyLease?
    private let isAnswered = Atomic(false)

    /// An exchange without a connection: `answer` gets the reply. For tests of applications.
    package init(
        head: RequestHead, body: RequestBody = .bytes([]), remoteAddress: String = "127.0.0.1",
        answer: @escaping @Sendable (Response) -> Void
    ) {
        self.head = head
        self.body = body
        self.remoteAddress = remoteAddress
        arrived = monotonicNanoseconds()
        loop = LoopContext(index: 0, loop: nil)
        destination = .closure(answer)
        lease = nil
    }

    init(
        head: RequestHead, body: RequestBody, lease: BodyLease?, arrived: UInt64, connection: Connection,
        turn: UInt64
    ) {
        self.head = head
        self.body = body
        self.lease = lease
        self.arrived = arrived
        remoteAddress = connection.peer
        loop = connection.context
        destination = .connection(connection, turn: turn)
    }

    deinit {
        guard claim() else { return }
        switch destination {
        case .connection(let connection, let turn):
            let response = Response(
                .internalServerError, headers: ["Content-Type": "application/json"],
                body: .bytes(Array("{\n  \"message\" : \"The request was not answered\"\n}".utf8)))
            connection.answer(turn, Reply(response, to: head, pool: connection.service.deflaters))
        case .closure:
            break
        }
    }

    /// Sends the reply, from any thread, without blocking. Only the first call counts.
    package func respond(_ response: Response) {
        guard claim() else { return }
        switch destination {
        case .closure(let answer):
            answer(response)
        case .connection(let connection, let turn):
            // Compressing a large body would keep the loop from its other clients.
            if Reply.isLong(response), loop.isCurrent, Reply.isCompressed(response, for: head) {
                let isTaken = connection.service.sideline.submit { [self] in
                    connection.answer(turn, Reply(response, to: head, pool: connection.service.deflaters))
                }
                if isTaken { return }
            }
            connection.answer(turn, Reply(response, to: head, pool: connection.service.deflaters))
        }
    }

    /// A new temporary file in `directory` for the request's work or its answer; `share` is what it may claim
    /// of the bytes of all such files.
    package func makeFile(in directory: String, of share: BudgetShare = .common) -> SpooledFile {
        switch destination {
        case .connection(let connection, _): connection.service.makeFile(in: directory, of: share)
        case .closure:
            SpooledFile(
                directory: directory, lease: BodyLease(BodyBudget(bytesMax: .max)), sideline: nil)
        }
    }

    /// Whether the client is known to be gone; work for it can be dropped.
    package var isDisconnected: Bool {
        switch destination {
        case .connection(let connection, _): connection.isGone.load(ordering: .acquiring)
        case .closure: false
        }
    }

    /// Calls `action` once, on the event loop, if the client goes away before the reply is given; at once if
    /// it already has.
    ///
    /// A client that has only finished its own side still reads, and does not count as gone.
    package func onDisconnect(_ action: @escaping @Sendable () -> Void) {
        switch destination {
        case .connection(let connection, let turn):
            if !connection.watch(turn, action) { action() }
        case .closure:
            break
        }
    }

    /// True for the first caller.
    private func claim() -> Bool {
        isAnswered.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged
    }
}
