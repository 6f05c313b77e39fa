import Batching

/// The two ways to run a servable, and which one a request takes.
struct ServableBatching: Sendable {
    /// For requests of few rows on an event loop; `nil` when even one row is too dear.
    private let loop: MicroBatcher?
    private let threads: MicroBatcher
    /// Rows of one request that the loop may run.
    private let loopRowsMax: Int

    init(plan: BatchPlan, parts: ServiceParts, work: BatchWork) {
        threads = MicroBatcher(policy: plan.policy, mode: .threads(parts.pool), work: work)
        switch plan.placement {
        case .threads:
            loop = nil
            loopRowsMax = 0
        case .loop(let rowsMax):
            let lanes = parts.configuration.loops
            loop = MicroBatcher(policy: plan.policy, mode: .inline(lanes: lanes), work: work)
            loopRowsMax = rowsMax
        }
    }

    func submit(_ item: BatchItem, rows: Int, on lane: LoopLane?) -> Submission {
        guard let loop, let lane, rows <= loopRowsMax else { return threads.submit(item, rows: rows) }
        return loop.submit(item, rows: rows, on: lane)
    }

    func cancel(_ ticket: Ticket) -> Bool {
        ticket.isInline ? loop?.cancel(ticket) ?? false : threads.cancel(ticket)
    }
}

/// Where a servable's requests run.
enum Placement: Sendable, Hashable {
    case threads
    /// On the event loop, up to that many rows of a request; larger ones go to the threads.
    case loop(rowsMax: Int)
}
