/// Deadlines in order, as a binary heap: pure, times in nanoseconds of the monotonic clock.
struct TimerQueue<Action> {
    private struct Entry {
        let deadline: UInt64
        /// Breaks ties: equal deadlines are due in the order in which they were set.
        let order: UInt64
        let action: Action

        func isBefore(_ other: Entry) -> Bool {
            deadline != other.deadline ? deadline < other.deadline : order < other.order
        }
    }

    private var entries: [Entry] = []
    private var ordersGiven: UInt64 = 0

    var isEmpty: Bool { entries.isEmpty }
    var nextDeadline: UInt64? { entries.first?.deadline }

    mutating func insert(_ action: Action, at deadline: UInt64) {
        entries.append(Entry(deadline: deadline, order: ordersGiven, action: action))
        ordersGiven += 1
        var child = entries.count - 1
        while child > 0, entries[child].isBefore(entries[(child - 1) / 2]) {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes out the first action that is due at `now`, or nil.
    mutating func popDue(at now: UInt64) -> Action? {
        guard let first = entries.first, first.deadline <= now else { return nil }
        let last = entries.removeLast()
        if entries.isEmpty { return last.action }
        entries[0] = last
        sink()
        return first.action
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < entries.count {
                if entries[child].isBefore(entries[least]) { least = child }
            }
            if least == parent { return }
            entries.swapAt(parent, least)
            parent = least
        }
    }
}
