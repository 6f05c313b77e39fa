import EventLoop

/// The event loop that parsed a request, as the application sees it.
package final class LoopContext: Sendable {
    /// 0 up to the number of loops.
    package let index: Int

    init(index: Int) {
        self.index = index
    }

    /// Runs `work` on the loop after every request of this round was dispatched, which is when a batch of cheap
    /// requests is complete. Replies that `work` gives leave together, one write a connection.
    package func atEndOfRound(_ work: @escaping @Sendable () -> Void) {
        work()
    }

    /// Runs `work` on the loop, `delay` from now or a little later.
    package func schedule(after delay: Duration, _ work: @escaping @Sendable () -> Void) {
        work()
    }
}
