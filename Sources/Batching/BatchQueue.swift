/// The decisions of a micro-batcher: who waits, what runs together, who is refused. No locks, threads or
/// clocks.
///
/// A request of many rows is taken a batch at a time; what remains of it goes behind the others, so it delays
/// nobody by more than one batch. Each request is in one place:
///
///     submitted ──> waiting ──> (rows handed out batch by batch) ──> gone
///         │            └── cancelled ──> gone
///         └── refused
package struct BatchQueue<Item> {
    /// What the caller must do after an event.
    package enum Action: Hashable, Sendable {
        /// Let a runner call `takeBatch` now.
        case run
        /// Let a runner call `takeBatch` at that time, unless `run` is said before.
        case wake(at: UInt64)
        /// Nothing: a runner has been asked for already, or there is nothing to run.
        case wait
        /// The request was not taken in.
        case refuse
    }

    private struct Waiting {
        let ticket: UInt64
        let item: Item
        var rows: Range<Int>
        let since: UInt64
    }

    private let policy: BatchPolicy
    /// A ring in arrival order; the front is at `first`.
    private var waiting: [Waiting] = []
    private var first = 0
    private var waitingRows = 0
    private var nextTicket: UInt64 = 0

    /// An empty queue.
    package init(policy: BatchPolicy) {
        self.policy = policy
    }

    /// Requests of which some row waits.
    package var depth: Int { waiting.count - first }
    /// Whether nothing waits.
    package var isEmpty: Bool { depth == 0 }

    /// A request of `rows` rows came in; the ticket is for `cancelled`.
    package mutating func submitted(_ item: Item, rows: Int, at now: UInt64) -> (
        action: Action, ticket: UInt64
    ) {
        guard depth < policy.depthMax else { return (.refuse, 0) }
        nextTicket += 1
        waiting.append(Waiting(ticket: nextTicket, item: item, rows: 0..<max(0, rows), since: now))
        waitingRows += max(0, rows)
        return (action(at: now), nextTicket)
    }

    /// What a runner should do with what waits.
    package func action(at now: UInt64) -> Action {
        guard let oldest = waiting[first...].first else { return .wait }
        let (due, overflow) = oldest.since.addingReportingOverflow(policy.delayMax)
        guard waitingRows < policy.sizeMax, !overflow, due > now else { return .run }
        return .wake(at: due)
    }

    /// The next batch: at most `sizeMax` rows, oldest requests first; empty when nothing is due.
    package mutating func takeBatch(at now: UInt64) -> [BatchPart<Item>] {
        guard case .run = action(at: now) else { return [] }
        var room = sizeOfNext
        var parts: [BatchPart<Item>] = []
        var unfinished: [Waiting] = []
        while first < waiting.count, room > 0 {
            var entry = waiting[first]
            first += 1
            let taken = entry.rows.prefix(room)
            parts.append(
                BatchPart(
                    item: entry.item, rows: taken, isFirst: taken.lowerBound == 0, waitedSince: entry.since))
            room -= taken.count
            waitingRows -= taken.count
            entry.rows = taken.upperBound..<entry.rows.upperBound
            if !entry.rows.isEmpty { unfinished.append(entry) }
        }
        waiting.append(contentsOf: unfinished)
        compact()
        return parts
    }

    /// Rows of the next batch at most.
    private var sizeOfNext: Int {
        guard policy.prefersPowersOfTwo, policy.delayMax == 0, waitingRows < policy.sizeMax else {
            return policy.sizeMax
        }
        return 1 << (Int.bitWidth - 1 - max(1, waitingRows).leadingZeroBitCount)
    }

    /// The caller of a request left: its rows that wait are dropped. `nil` when none waits any more.
    package mutating func cancelled(_ ticket: UInt64) -> Item? {
        guard let index = waiting[first...].firstIndex(where: { $0.ticket == ticket }) else { return nil }
        let entry = waiting.remove(at: index)
        waitingRows -= entry.rows.count
        return entry.item
    }

    /// Gives the handed-out front of the ring back once it outweighs what waits.
    private mutating func compact() {
        guard first > 32 || first == waiting.count, first * 2 >= waiting.count else { return }
        waiting.removeFirst(first)
        first = 0
    }
}

/// Some rows of one request, in a batch.
package struct BatchPart<Item> {
    package let item: Item
    /// Which of the request's rows.
    package let rows: Range<Int>
    /// Whether the request's first row is among them.
    package let isFirst: Bool
    /// When the request came in, in the queue's nanoseconds.
    package let waitedSince: UInt64
}

extension BatchPart: Sendable where Item: Sendable {}
