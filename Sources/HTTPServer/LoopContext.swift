import EventLoop
import HTTP1
import Synchronization

/// The event loop that parsed a request, as the application sees it.
// SAFETY: what is mutable is touched only on the loop's thread.
package final class LoopContext: @unchecked Sendable {
    /// 0 up to the number of loops.
    package let index: Int

    /// Nil for exchanges without a connection.
    let loop: Loop?
    let counters = LoopCounters()
    /// Connections given to this loop and not closed.
    let load = Atomic(0)
    /// Connections that have something to send when the work in hand is done.
    private var unsent: [Connection] = []
    private var sweepSlot = 0
    private var isSweeping = false

    init(index: Int, loop: Loop?) {
        self.index = index
        self.loop = loop
    }

    /// Runs `work` on the loop after every request of this round was dispatched, which is when a batch of
    /// cheap requests is complete. Replies that `work` gives leave together, one write a connection.
    ///
    /// From another thread than the loop's, `work` runs in the loop's next round. Without a loop it runs at
    /// once.
    package func atEndOfRound(_ work: @escaping @Sendable () -> Void) {
        guard let loop else { return work() }
        if loop.isCurrent { loop.atEndOfRound(work) } else { loop.submit { loop.atEndOfRound(work) } }
    }

    /// Runs `work` on the loop, `delay` from now or a little later. Without a loop it runs at once.
    package func schedule(after delay: Duration, _ work: @escaping @Sendable () -> Void) {
        guard let loop else { return work() }
        let deadline = monotonicNanoseconds() &+ delay.nanoseconds
        if loop.isCurrent {
            loop.schedule(at: deadline, work)
        } else {
            loop.submit { loop.schedule(at: deadline, work) }
        }
    }

    /// Runs `job` on the loop in its next round; any thread. Without a loop it runs at once.
    package func submit(_ job: @escaping @Sendable () -> Void) {
        guard let loop else { return job() }
        loop.submit(job)
    }

    /// Whether the caller runs on this loop.
    var isCurrent: Bool { loop?.isCurrent ?? false }

    /// Has `connection` flushed when the work in hand is done; on the loop.
    func enroll(_ connection: Connection) { unsent.append(connection) }

    /// Writes what the work in hand has gathered, one write a connection; on the loop.
    func flush() {
        // A flush may bring further replies, through a connection that reads on.
        var index = 0
        while index < unsent.count {
            unsent[index].flushEnrolled()
            index += 1
        }
        if index > 0 { unsent.removeAll(keepingCapacity: true) }
    }
}

extension LoopContext {
    /// Looks after time limits as long as there are connections; on the loop.
    func startSweeping(_ pace: Pace) {
        guard !isSweeping, let loop else { return }
        isSweeping = true
        loop.schedule(at: monotonicNanoseconds() &+ Self.tick(pace)) { [unowned self] in sweep(pace) }
    }

    /// Each connection is looked at once in four ticks: no timer is set or cleared for a request.
    private func sweep(_ pace: Pace) {
        isSweeping = false
        guard let loop, loop.sourceCount > 0 else { return }
        let now = monotonicNanoseconds()
        let part = loop.sources(from: sweepSlot, count: max(64, loop.sourceCount / 4 + 1))
        sweepSlot = part.next
        for source in part.sources { (source as? Connection)?.checkPace(at: now) }
        if load.load(ordering: .relaxed) > 0 { startSweeping(pace) }
    }

    private static func tick(_ pace: Pace) -> UInt64 {
        let least = min(pace.headerTimeout, pace.idleTimeout, pace.lingerTimeout, pace.transferGrace)
        return min(max(least / 8, 5_000_000), 250_000_000)
    }
}
