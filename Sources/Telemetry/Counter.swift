import Synchronization

/// A count that only grows.
package final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)

    /// A count of 0.
    package init() {}

    /// The count so far.
    package var value: UInt64 { count.load(ordering: .relaxed) }

    /// Adds to the count; wraps after 2^64.
    package func add(_ amount: UInt64 = 1) {
        count.wrappingAdd(amount, ordering: .relaxed)
    }
}

/// A number that goes up and down.
package final class Gauge: Sendable {
    private let bits = Atomic<Int>(0)

    /// A gauge at 0.
    package init() {}

    /// The number now.
    package var value: Int { bits.load(ordering: .relaxed) }

    /// Adds to the number; a negative amount takes away.
    package func add(_ amount: Int) {
        bits.wrappingAdd(amount, ordering: .relaxed)
    }

    /// Replaces the number.
    package func set(_ value: Int) {
        bits.store(value, ordering: .relaxed)
    }
}
