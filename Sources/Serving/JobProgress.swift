import Batching

/// The results of one request while its batches run, in any order and on any thread.
struct JobProgress<Row: Sendable> {
    private var results: [Row?]
    private var remaining: Int
    private var timing = Timing(queue: .max, inference: 0, batchRows: 0)

    init(rows: Int) {
        results = Array(repeating: nil, count: rows)
        remaining = rows
    }

    /// Takes one batch's results for `rows` in; everything, once nothing is missing.
    mutating func deliver(
        _ delivered: [Row], for rows: Range<Int>, batch: BatchTiming
    ) -> (results: [Row], timing: Timing)? {
        for (row, result) in zip(rows, delivered) where results.indices.contains(row) {
            if results[row] == nil { remaining -= 1 }
            results[row] = result
        }
        timing.queue = min(timing.queue, batch.queue)
        timing.inference &+= batch.inference
        timing.batchRows = max(timing.batchRows, batch.rows)
        guard remaining == 0 else { return nil }
        return (results.compactMap { $0 }, timing)
    }
}

/// How one batch went, as one of its requests saw it.
struct BatchTiming: Sendable, Hashable {
    /// Nanoseconds that the request had waited when the batch started.
    var queue: UInt64
    /// Nanoseconds that the batch ran.
    var inference: UInt64
    /// All rows of the batch.
    var rows: Int
}
