import Batching
import Synchronization

/// One request's rows for a network, and the answers so far.
final class NetworkJob: Sendable {
    let rows: [NetworkInput]
    private let completion: @Sendable ([Result<NetworkAnswer, NetworkFailure>], Timing) -> Void
    private let progress: Mutex<JobProgress<Result<NetworkAnswer, NetworkFailure>>>

    init(
        rows: [NetworkInput],
        completion: @escaping @Sendable ([Result<NetworkAnswer, NetworkFailure>], Timing) -> Void
    ) {
        self.rows = rows
        self.completion = completion
        progress = Mutex(JobProgress(rows: rows.count))
    }

    /// Notes the answers of some rows; the last ones complete the request.
    func deliver(_ answers: [Result<NetworkAnswer, NetworkFailure>], for rows: Range<Int>, batch: BatchTiming)
    {
        let done = progress.withLock { $0.deliver(answers, for: rows, batch: batch) }
        if let done { completion(done.results, done.timing) }
    }
}
