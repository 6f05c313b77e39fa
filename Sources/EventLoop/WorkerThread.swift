import CPlatform

/// A thread of our own, with a name for `top -H` and with signals left to the others.
package final class WorkerThread: Sendable {
    private let handle: UInt64

    /// Starts a thread that runs `body`; names are cut at 15 bytes.
    package init(name: String, _ body: @escaping @Sendable () -> Void) throws(SocketError) {
        let context = Unmanaged.passRetained(Body(run: body))
        var handle: UInt64 = 0
        let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { raw in
            // SAFETY: the pointer is the body retained for this thread, and is released here, once.
            guard let raw else { return nil }
            Unmanaged<Body>.fromOpaque(raw).takeRetainedValue().run()
            return nil
        }
        let short = String(decoding: name.utf8.prefix(15), as: UTF8.self)
        let result = short.withCString { platform_thread_start(start, context.toOpaque(), $0, &handle) }
        guard result == 0 else {
            context.release()
            throw .system(call: "pthread_create", code: -result)
        }
        self.handle = handle
    }

    /// Waits until the thread has ended; once for each thread.
    package func join() { _ = platform_thread_join(handle) }

    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
}
