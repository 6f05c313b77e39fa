import CPlatform
import Synchronization

/// Something with a descriptor that a loop watches.
package protocol EventSource: AnyObject {
    /// Called on the loop's thread, once a round at most, with what the descriptor is ready for.
    func ready(_ readiness: Readiness)
}

/// One thread that waits for descriptors, jobs and times, and runs what they bring to completion.
///
///     round: events -> jobs -> timers -> end-of-round works, and `afterDispatch` behind each of the four
///
/// Nothing that runs here may block or take more than some tens of microseconds.
// SAFETY: everything mutable but the inbox is touched only on the loop's own thread (or before it starts).
package final class Loop: @unchecked Sendable {
    private struct Inbox {
        var jobs: [@Sendable () -> Void] = []
        var isWakePending = false
        var isStopped = false
    }

    private let poller: Poller
    private let inbox = Lock(Inbox())
    private let identity = Atomic<UInt64>(0)
    private var sources = SourceTable()
    private var timers = TimerQueue<() -> Void>()
    private var roundEnds: [() -> Void] = []
    private var events = [platform_event](repeating: platform_event(), count: 128)

    /// What sockets are read into; the loop's own.
    package let readBuffer = ReadBuffer(capacity: 65_536)
    /// When this round's events were reported, monotonic nanoseconds; on the loop's thread.
    package private(set) var now: UInt64 = monotonicNanoseconds()
    /// Called on the loop's thread when all events of a round are dispatched, and again when all its jobs
    /// are, its timers, its end-of-round works: the place to write what they have gathered.
    ///
    /// Not after each event: a client that gets its answers together sends its next requests together, and
    /// both sides sleep and wake less often (a tenth less of the processor for a trivial GET by 32 clients).
    package var afterDispatch: () -> Void = {}

    /// End-of-round works may ask for further ones; this many times in one round.
    private static let passesMax = 8

    /// A loop that does not run yet.
    package init() throws(SocketError) {
        poller = try Poller()
    }

    /// Whether the caller runs on this loop's thread.
    package var isCurrent: Bool { identity.load(ordering: .relaxed) == platform_thread_identity() }

    /// Runs `job` on the loop in its next round; any thread. Returns false, and never runs it, once the loop
    /// is stopped.
    @discardableResult
    package func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
        let isElsewhere = !isCurrent
        let (isTaken, mustWake) = inbox.withLock { inbox in
            guard !inbox.isStopped else { return (false, false) }
            inbox.jobs.append(job)
            guard isElsewhere, !inbox.isWakePending else { return (true, false) }
            inbox.isWakePending = true
            return (true, true)
        }
        if mustWake { poller.wake() }
        return isTaken
    }

    /// Ends `run` after the round in progress and the jobs submitted so far; any thread.
    package func stop() {
        inbox.withLock { $0.isStopped = true }
        poller.wake()
    }

    /// Runs until `stop`; the calling thread becomes the loop's.
    package func run() {
        identity.store(platform_thread_identity(), ordering: .relaxed)
        while !inbox.withLock({ $0.isStopped }) { round() }
        // What was taken runs, or a listener might never hear that it is to close; the rest may hold us.
        runJobs()
        roundEnds = []
        timers = TimerQueue()
        identity.store(0, ordering: .relaxed)
    }
}

extension Loop {
    /// Runs `action` on the loop at or soon after `deadline`, monotonic nanoseconds; on the loop's thread.
    package func schedule(at deadline: UInt64, _ action: @escaping () -> Void) {
        timers.insert(action, at: deadline)
    }

    /// Runs `work` when every event of this round was dispatched; on the loop's thread.
    package func atEndOfRound(_ work: @escaping () -> Void) { roundEnds.append(work) }

    /// Watches a socket for `source`; on the loop's thread. Nil when the system refuses.
    package func add(_ source: any EventSource, socket: Socket, interest: Interest) -> UInt64? {
        add(source, descriptor: socket.descriptor, interest: interest)
    }

    /// Changes what is reported of a socket that is watched and open; any thread.
    package func change(_ token: UInt64, socket: Socket, interest: Interest) {
        poller.change(socket.descriptor, interest, token: token)
    }

    /// Stops watching a socket; on the loop's thread, before it is closed.
    package func remove(_ token: UInt64, socket: Socket) { remove(token, descriptor: socket.descriptor) }

    /// How many sources are watched; on the loop's thread.
    package var sourceCount: Int { sources.count }

    /// Some of the sources: those in up to `count` slots from `start`, and where to go on, 0 at the end; on
    /// the loop's thread.
    package func sources(from start: Int, count: Int) -> (sources: [any EventSource], next: Int) {
        sources.sources(from: start, count: count)
    }

    func add(_ source: any EventSource, descriptor: Int32, interest: Interest) -> UInt64? {
        let token = sources.insert(source)
        guard poller.add(descriptor, interest, token: token) else {
            sources.remove(token)
            return nil
        }
        return token
    }

    func remove(_ token: UInt64, descriptor: Int32) {
        sources.remove(token)
        poller.remove(descriptor)
    }

    private func round() {
        let count = poller.wait(&events, milliseconds: patience())
        now = monotonicNanoseconds()
        var dispatched = 0
        for index in 0..<count {
            let event = events[index]
            if event.token == Poller.wakeupToken {
                poller.clearWakeup()
            } else if let source = sources[event.token] {
                source.ready(Readiness(rawValue: event.events))
                dispatched += 1
            }
        }
        if dispatched > 0 { afterDispatch() }
        runJobs()
        runTimers()
        runRoundEnds()
    }

    /// How long to wait for events: not at all when jobs are there, else until the next timer.
    private func patience() -> Int32 {
        if inbox.withLock({ !$0.jobs.isEmpty }) { return 0 }
        guard let deadline = timers.nextDeadline else { return -1 }
        let now = monotonicNanoseconds()
        guard deadline > now else { return 0 }
        // Rounded up, or the last part of a millisecond would be spent asking again and again.
        return Int32(clamping: (deadline - now + 999_999) / 1_000_000)
    }

    private func runJobs() {
        let jobs = inbox.withLock { inbox in
            inbox.isWakePending = false
            let jobs = inbox.jobs
            if !jobs.isEmpty { inbox.jobs = [] }
            return jobs
        }
        guard !jobs.isEmpty else { return }
        for job in jobs { job() }
        afterDispatch()
    }

    private func runTimers() {
        guard let deadline = timers.nextDeadline, deadline <= now else { return }
        while let action = timers.popDue(at: now) { action() }
        afterDispatch()
    }

    private func runRoundEnds() {
        for _ in 0..<Self.passesMax where !roundEnds.isEmpty {
            let works = roundEnds
            roundEnds = []
            for work in works { work() }
            afterDispatch()
        }
        // What is still asked for after that runs in the next round, which must not wait.
        if !roundEnds.isEmpty { submit {} }
    }
}
