import Batching
import PMML

extension PMMLServable {
    /// A warm evaluator behind its micro-batchers.
    convenience init(_ evaluator: Evaluator, plan: BatchPlan, metrics: VersionMetrics, parts: ServiceParts) {
        let work = BatchWork<EvaluationJob, Never> { batch in
            evaluate(batch, with: evaluator, metrics: metrics)
        } fail: { _, _ in
        }
        self.init(evaluator: evaluator, batching: ServableBatching(plan: plan, parts: parts, work: work))
    }
}

/// Scores one batch and delivers each request's results; a row that fails has its error as its result.
private func evaluate(_ batch: [BatchPart<EvaluationJob>], with evaluator: Evaluator, metrics: VersionMetrics)
{
    let start = monotonicNanoseconds()
    let results = batch.map { part in evaluator.evaluate(batch: part.item.rows(part.rows)) }
    let timing = metrics.observe(batch, start: start)
    for (part, results) in zip(batch, results) {
        part.item.deliver(results, for: part.rows, batch: timing.seen(by: part, startedAt: start))
    }
}

/// One request's rows for an evaluator, and the results so far.
typealias EvaluationJob = Job<Row, Result<Results, EvaluationError>>
