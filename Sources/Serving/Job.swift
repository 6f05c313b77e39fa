import Batching
import Synchronization

/// One request's rows, and what became of them so far.
final class Job<Input: Sendable, Output: Sendable>: Sendable {
    private let inputs: [Input]
    private let completion: @Sendable ([Output], Timing) -> Void
    private let progress: Mutex<JobProgress<Output>>

    init(rows: [Input], completion: @escaping @Sendable ([Output], Timing) -> Void) {
        inputs = rows
        self.completion = completion
        progress = Mutex(JobProgress(rows: rows.count))
    }

    /// Some of the rows, in order; those outside are left out.
    func rows(_ range: Range<Int>) -> [Input] {
        range == inputs.indices ? inputs : Array(inputs[range.clamped(to: inputs.indices)])
    }

    /// Notes what became of some rows; the last ones complete the request.
    func deliver(_ outputs: [Output], for rows: Range<Int>, batch: BatchTiming) {
        let done = progress.withLock { $0.deliver(outputs, for: rows, batch: batch) }
        if let done { completion(done.results, done.timing) }
    }
}

/// Gives each request of a batch its own of the outputs, which are in the order of the requests' rows.
func deliver<Input, Output>(
    _ outputs: [Output], to jobs: [(job: Job<Input, Output>, part: BatchPart<BatchItem>)],
    _ timing: BatchTiming, startedAt start: UInt64
) {
    var next = 0
    for (job, part) in jobs {
        let own = jobs.count == 1 ? outputs : Array(outputs.dropFirst(next).prefix(part.rows.count))
        next += part.rows.count
        job.deliver(own, for: part.rows, batch: timing.seen(by: part, startedAt: start))
    }
}

/// The results of one request while its batches run, in any order and on any thread.
struct JobProgress<Row: Sendable> {
    /// Empty until a part of the rows is delivered: most requests get all of theirs at once.
    private var results: [Row?] = []
    private let count: Int
    private var remaining: Int
    private var timing = Timing(queue: .max, inference: 0, batchRows: 0)

    init(rows: Int) {
        count = rows
        remaining = rows
    }

    /// Takes one batch's results for `rows` in; everything, once nothing is missing.
    mutating func deliver(
        _ delivered: [Row], for rows: Range<Int>, batch: BatchTiming
    ) -> (results: [Row], timing: Timing)? {
        timing.queue = min(timing.queue, batch.queue)
        timing.inference &+= batch.inference
        timing.batchRows = max(timing.batchRows, batch.rows)
        if results.isEmpty, rows == 0..<count, delivered.count == count {
            remaining = 0
            return (delivered, timing)
        }
        if results.isEmpty { results = Array(repeating: nil, count: count) }
        for (row, result) in zip(rows, delivered) where results.indices.contains(row) {
            if results[row] == nil { remaining -= 1 }
            results[row] = result
        }
        guard remaining == 0 else { return nil }
        return (results.compactMap { $0 }, timing)
    }
}
