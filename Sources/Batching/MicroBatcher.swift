import Synchronization

/// Groups the requests of one servable into batches.
///
/// `.inline`: requests that one event loop brings in one round run together at the round's end, on that loop.
/// `.threads`: requests wait in one queue for the inference threads; a batch is what waits when one gets
/// idle.
package final class MicroBatcher: Sendable {
    /// Where batches run.
    package enum Mode: Sendable {
        /// On the submitting loop; `lanes` loops, each with a queue of its own.
        case inline(lanes: Int)
        case threads(InferencePool)
    }

    /// A queue and its lock; loops do not share one, so on them the lock is never contended.
    private final class Lane: Sendable {
        let queue: Mutex<BatchQueue<BatchItem>>

        init(policy: BatchPolicy) {
            queue = Mutex(BatchQueue(policy: policy))
        }
    }

    private let lanes: [Lane]
    private let mode: Mode
    private let work: BatchWork

    /// Empty queues for batches of `work` in that mode.
    package init(policy: BatchPolicy, mode: Mode, work: BatchWork) {
        self.mode = mode
        self.work = work
        switch mode {
        case .inline(let count): lanes = (0..<max(1, count)).map { _ in Lane(policy: policy) }
        case .threads: lanes = [Lane(policy: policy)]
        }
    }

    /// Takes a request of `rows` rows in, or refuses it at once when `depthMax` wait.
    /// - Parameter loop: the event loop of the calling thread; needed by `.inline`, ignored by `.threads`.
    package func submit(_ item: BatchItem, rows: Int = 1, on loop: LoopLane? = nil) -> Submission {
        let now = monotonicNanoseconds()
        let lane = laneIndex(loop)
        let (outcome, wasEmpty) = lanes[lane].queue.withLock { queue in
            let wasEmpty = queue.isEmpty
            return (queue.submitted(item, rows: rows, at: now), wasEmpty)
        }
        switch (outcome.action, mode) {
        case (.refuse, _): return .refused
        case (.wait, _): break
        case (.run, .inline), (.wake, .inline):
            if wasEmpty { schedule(lane, on: loop) }
        case (.run, .threads(let pool)): pool.ready(self)
        case (.wake(let time), .threads(let pool)): pool.ready(self, at: time)
        }
        return .accepted(Ticket(number: outcome.ticket, lane: lane, isInline: isInline))
    }

    /// Drops a request whose caller left; false when no row of it waits any more.
    @discardableResult
    package func cancel(_ ticket: Ticket) -> Bool {
        guard lanes.indices.contains(ticket.lane) else { return false }
        let dropped = lanes[ticket.lane].queue.withLock { $0.cancelled(ticket.number) }
        return dropped != nil
    }

    /// Requests waiting now.
    package var depth: Int {
        lanes.reduce(0) { sum, lane in sum + lane.queue.withLock { $0.depth } }
    }

    private var isInline: Bool { if case .inline = mode { true } else { false } }

    private func laneIndex(_ loop: LoopLane?) -> Int {
        guard case .inline = mode, let loop, lanes.indices.contains(loop.index) else { return 0 }
        return loop.index
    }

    /// Without a loop the batch runs before `submit` returns.
    private func schedule(_ lane: Int, on loop: LoopLane?) {
        guard let loop else { return runAll(lane) }
        loop.atEndOfRound { self.runAll(lane) }
    }

    private func runAll(_ lane: Int) {
        while true {
            let batch = lanes[lane].queue.withLock { $0.takeBatch(at: .max) }
            guard !batch.isEmpty else { return }
            work(batch)
        }
    }
}

extension MicroBatcher: BatchSource {
    func takeBatch(at now: UInt64) -> (batch: (@Sendable () -> Void)?, next: BatchSourceState) {
        let (parts, action) = lanes[0].queue.withLock { queue in
            (queue.takeBatch(at: now), queue.action(at: now))
        }
        let next: BatchSourceState =
            switch action {
            case .run: .ready
            case .wake(let time): .due(at: time)
            case .wait, .refuse: .idle
            }
        guard !parts.isEmpty else { return (nil, next) }
        return ({ [work] in work(parts) }, next)
    }
}
