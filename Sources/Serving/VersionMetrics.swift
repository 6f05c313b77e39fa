import Registry
import Telemetry

/// What one version counts; printed from when it can be scored until it cannot.
package final class VersionMetrics: Sendable {
    /// Requests that were accepted and not yet answered.
    package let inFlight = Gauge()
    /// Nanoseconds from submission to the start of the batch.
    package let queue = Histogram(buckets: .nanoseconds)
    /// Nanoseconds that a batch ran.
    package let inference = Histogram(buckets: .nanoseconds)
    /// Nanoseconds from the request's arrival to its reply.
    package let request = Histogram(buckets: .nanoseconds)
    /// Requests that found the queue full.
    package let refused = Counter()
    /// Rows of each batch.
    package let batchSize = Histogram(buckets: .rows)
    /// One counter for each of `statuses`, and one for all others.
    private let answers: [Counter] = (0...VersionMetrics.statuses.count).map { _ in Counter() }

    /// The statuses that are counted apart: a bounded set, whatever is answered.
    private static let statuses = [200, 400, 413, 415, 500, 503]

    /// Counts one reply of that HTTP status.
    package func answered(status: Int) {
        answers[Self.statuses.firstIndex(of: status) ?? Self.statuses.count].add()
    }

    /// Starts the printing of all of it.
    func print(as version: StoredVersion, in metrics: Metrics) {
        let labels = Self.labels(version.name, version.number)
        metrics.adopt(inFlight, as: .inFlight, labels)
        metrics.adopt(queue, as: .queueSeconds, labels)
        metrics.adopt(inference, as: .inferenceSeconds, labels)
        metrics.adopt(request, as: .requestSeconds, labels)
        metrics.adopt(batchSize, as: .batchSize, labels)
        metrics.adopt(refused, as: .refused, labels + [MetricLabel("reason", "queue full")])
        let statuses = Self.statuses.map(String.init) + ["other"]
        for (status, counter) in zip(statuses, answers) {
            metrics.adopt(counter, as: .requests, labels + [MetricLabel("status", status)])
        }
    }

    /// Ends the printing of a version.
    static func retire(_ name: String, _ number: Int, in metrics: Metrics) {
        metrics.remove(seriesWith: labels(name, number))
    }

    private static func labels(_ name: String, _ number: Int) -> [MetricLabel] {
        [MetricLabel("model", name), MetricLabel("version", "\(number)")]
    }
}

extension MetricFamily {
    static let inFlight = MetricFamily(
        "augur_in_flight", help: "Requests accepted by a model version and not yet answered.")
    static let queueSeconds = MetricFamily(
        "augur_queue_seconds", help: "Seconds from a request's submission to the start of its batch.")
    static let inferenceSeconds = MetricFamily(
        "augur_inference_seconds", help: "Seconds that one batch of a model version ran.")
    static let requestSeconds = MetricFamily(
        "augur_request_seconds", help: "Seconds from a scoring request's arrival to its reply.")
    static let batchSize = MetricFamily("augur_batch_size", help: "Rows of each batch that ran.")
    static let requests = MetricFamily(
        "augur_requests_total", help: "Scoring requests answered, by model version and HTTP status.")
    /// Labelled by `reason`, and by model and version where it is their queue that was full.
    package static let refused = MetricFamily(
        "augur_refused_total", help: "Requests refused without being tried, by reason.")
}
