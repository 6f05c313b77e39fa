import Batching
import PMML
import Synchronization

/// One request's rows for an evaluator, and the results so far.
final class EvaluationJob: Sendable {
    let rows: [Row]
    private let completion: @Sendable ([Result<Results, EvaluationError>], Timing) -> Void
    private let progress: Mutex<JobProgress<Result<Results, EvaluationError>>>

    init(rows: [Row], completion: @escaping @Sendable ([Result<Results, EvaluationError>], Timing) -> Void) {
        self.rows = rows
        self.completion = completion
        progress = Mutex(JobProgress(rows: rows.count))
    }

    /// Notes the results of some rows; the last ones complete the request.
    func deliver(_ results: [Result<Results, EvaluationError>], for rows: Range<Int>, batch: BatchTiming) {
        let done = progress.withLock { $0.deliver(results, for: rows, batch: batch) }
        if let done { completion(done.results, done.timing) }
    }
}
