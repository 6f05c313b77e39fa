import Batching
import PMML

/// A PMML evaluator behind its micro-batchers: cheap ones run on the event loop, the rest on the threads.
package final class PMMLServable: Sendable {
    /// For the schema, for filling rows and for merging groups; data is scored through `submit`.
    package let evaluator: Evaluator
    private let batching: ServableBatching

    init(evaluator: Evaluator, batching: ServableBatching) {
        self.evaluator = evaluator
        self.batching = batching
    }

    /// Scores the rows of one request; `completion` gets one result a row, in order, on whichever thread
    /// computed the last of them.
    ///
    /// The caller keeps its `ModelVersion` until then: capture it in `completion`.
    /// - Parameter lane: the event loop that this is called on, `nil` from any other thread.
    package func submit(
        _ rows: [Row], on lane: LoopLane?,
        completion: @escaping @Sendable ([Result<Results, EvaluationError>], Timing) -> Void
    ) -> Submission {
        let job = EvaluationJob(rows: rows, completion: completion)
        return batching.submit(job, rows: rows.count, on: lane)
    }

    /// Takes a request whose caller left out of the queue; its completion is then not called.
    ///
    /// False when it has been computed, or is being computed, in full.
    @discardableResult
    package func cancel(_ ticket: Ticket) -> Bool { batching.cancel(ticket) }
}
