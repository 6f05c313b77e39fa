import Synchronization

/// The upper bounds of a histogram's buckets, in the whole unit that is observed, and how that unit is
/// printed.
package struct Buckets: Sendable, Hashable {
    /// Rising upper bounds, inclusive; everything above the last falls into `+Inf`.
    package let bounds: [UInt64]
    /// What one observed unit is worth in the printed text: 1e-9 for nanoseconds printed as seconds.
    package let unit: Double

    /// Bounds in any order.
    package init(bounds: [UInt64], unit: Double) {
        self.bounds = bounds.sorted()
        self.unit = unit
    }

    /// Durations observed in nanoseconds, printed in seconds: 10 us to 10 s, three bounds a decade.
    package static let nanoseconds = Buckets(
        bounds: [
            10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
            25_000_000, 50_000_000, 100_000_000, 250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000,
            5_000_000_000, 10_000_000_000,
        ], unit: 1e-9)

    /// Rows of a batch, in powers of two up to 1024.
    package static let rows = Buckets(bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024], unit: 1)
}

/// How often values fell into each bucket, their count and their sum.
///
/// Every cell is its own atomic: a reader may see the sum of one observation more than the buckets, never a
/// count that shrinks.
package final class Histogram: Sendable {
    package let buckets: Buckets
    /// One count for each bound and one for `+Inf`; not cumulative until printed.
    private let cells: [Counter]
    private let sum = Counter()

    package init(buckets: Buckets) {
        self.buckets = buckets
        cells = (0...buckets.bounds.count).map { _ in Counter() }
    }

    /// Counts one value, in the buckets' unit.
    package func observe(_ value: UInt64) {
        let index = buckets.bounds.firstIndex { value <= $0 } ?? buckets.bounds.count
        cells[index].add()
        sum.add(value)
    }

    /// The counts for each bound (last: above all), and the sum, read one after the other.
    package var snapshot: (counts: [UInt64], sum: UInt64) {
        (cells.map(\.value), sum.value)
    }
}
