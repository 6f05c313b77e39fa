import Batching
import PMML

extension PMMLServable {
    /// A warm evaluator behind its micro-batchers.
    convenience init(_ evaluator: Evaluator, plan: BatchPlan, metrics: VersionMetrics, parts: ServiceParts) {
        let work = BatchWork { batch in
            evaluate(batch, with: evaluator, metrics: metrics)
            return true
        } runAlone: { part in
            evaluate([part], with: evaluator, metrics: metrics)
        }
        self.init(
            evaluator: evaluator, batching: ServableBatching(plan: plan, parts: parts, work: work))
    }
}

/// Scores the rows of one batch together and delivers each request's results; a row that fails has its error
/// as its result.
private func evaluate(_ batch: [BatchPart<BatchItem>], with evaluator: Evaluator, metrics: VersionMetrics) {
    let start = monotonicNanoseconds()
    let jobs = batch.compactMap { part in (part.item as? EvaluationJob).map { (job: $0, part: part) } }
    let rows =
        jobs.count == 1 ? jobs[0].job.rows(jobs[0].part.rows) : jobs.flatMap { $0.job.rows($0.part.rows) }
    let results = evaluator.evaluate(batch: rows)
    deliver(results, to: jobs, metrics.observe(batch, start: start), startedAt: start)
}

/// One request's rows for an evaluator, and the results so far.
typealias EvaluationJob = Job<Row, Result<Results, EvaluationError>>
