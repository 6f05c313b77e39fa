import Telemetry

/// The handles that one version counts with, fetched once.
package final class VersionMetrics: Sendable {
    /// Requests that were accepted and not yet answered.
    package let inFlight: Gauge
    /// Nanoseconds from submission to the start of the batch.
    package let queue: Histogram
    /// Nanoseconds that a batch ran.
    package let inference: Histogram
    /// Nanoseconds from the request's arrival to its reply.
    package let request: Histogram
    /// Rows of each batch.
    package let batchSize: Histogram
    private let answered: [Int: Counter]
    private let otherAnswers: Counter
    private let metrics: Metrics
    private let labels: [MetricLabel]

    init(model: String, version: Int, metrics: Metrics) {
        let labels = [MetricLabel("model", model), MetricLabel("version", "\(version)")]
        inFlight = metrics.gauge(.inFlight, labels)
        queue = metrics.histogram(.queueSeconds, labels, buckets: .nanoseconds)
        inference = metrics.histogram(.inferenceSeconds, labels, buckets: .nanoseconds)
        request = metrics.histogram(.requestSeconds, labels, buckets: .nanoseconds)
        batchSize = metrics.histogram(.batchSize, labels, buckets: .rows)
        func answers(_ status: String) -> Counter {
            metrics.counter(.requests, labels + [MetricLabel("status", status)])
        }
        answered = Dictionary(uniqueKeysWithValues: Self.statuses.map { ($0, answers("\($0)")) })
        otherAnswers = answers("other")
        self.metrics = metrics
        self.labels = labels
    }

    /// The statuses that are counted apart: a bounded set, whatever is answered.
    private static let statuses = [200, 400, 413, 415, 500, 503]

    /// Counts one reply of that HTTP status.
    package func answered(status: Int) {
        (answered[status] ?? otherAnswers).add()
    }

    /// Ends the printing of all of it.
    func retire() {
        metrics.remove(seriesWith: labels)
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
    /// Labelled by `reason`; counted by whoever refuses.
    package static let refused = MetricFamily(
        "augur_refused_total", help: "Requests refused without being tried, by reason.")
}
