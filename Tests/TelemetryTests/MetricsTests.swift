import Foundation
import Testing

@testable import Telemetry

@Suite struct MetricsTests {
    let metrics = Metrics()
    let requests = MetricFamily("augur_requests_total", help: "Requests\nanswered \\ counted.")

    private var text: String { String(decoding: metrics.prometheusText(), as: UTF8.self) }

    @Test func `A family has its help and type once, and its series by their labels`() {
        metrics.counter(requests, [MetricLabel("model", "b")]).add(2)
        metrics.counter(requests, [MetricLabel("model", "a\"\\\n")]).add()
        metrics.gauge(MetricFamily("augur_in_flight", help: "Now.")).set(-3)
        #expect(
            text == #"""
                # HELP augur_in_flight Now.
                # TYPE augur_in_flight gauge
                augur_in_flight -3
                # HELP augur_requests_total Requests\nanswered \\ counted.
                # TYPE augur_requests_total counter
                augur_requests_total{model="a\"\\\n"} 1
                augur_requests_total{model="b"} 2

                """#)
    }

    @Test func `The same labels are the same counter`() {
        metrics.counter(requests, [MetricLabel("model", "a")]).add()
        metrics.counter(requests, [MetricLabel("model", "a")]).add()
        #expect(text.hasSuffix("{model=\"a\"} 2\n"))
    }

    @Test func `A histogram's buckets are cumulative and inclusive, in the printed unit`() {
        let buckets = Buckets(bounds: [1_000_000, 25_000, 2_500_000_000], unit: 1e-9)
        let histogram = metrics.histogram(MetricFamily("augur_s", help: "S."), buckets: buckets)
        for value: UInt64 in [25_000, 25_001, 3_000_000_000] { histogram.observe(value) }
        #expect(
            text == """
                # HELP augur_s S.
                # TYPE augur_s histogram
                augur_s_bucket{le="0.000025"} 1
                augur_s_bucket{le="0.001"} 2
                augur_s_bucket{le="2.5"} 2
                augur_s_bucket{le="+Inf"} 3
                augur_s_sum 3.000050001
                augur_s_count 3

                """)
    }

    @Test func `The default bounds print as people write them`() {
        _ = metrics.histogram(MetricFamily("augur_s", help: "S."), buckets: .nanoseconds)
        for bound in ["0.00001", "0.000025", "0.001", "0.25", "1", "10", "+Inf"] {
            #expect(text.contains("le=\"\(bound)\""), "\(bound)")
        }
    }

    @Test func `The series of a removed model go, the others stay`() {
        for model in ["a", "b"] {
            metrics.counter(requests, [MetricLabel("model", model), MetricLabel("version", "1")]).add()
        }
        metrics.remove(seriesWith: [MetricLabel("model", "a"), MetricLabel("version", "1")])
        #expect(!text.contains("\"a\"") && text.contains("\"b\""))
        metrics.remove(seriesWith: [MetricLabel("model", "b"), MetricLabel("version", "2")])
        #expect(text.contains("\"b\""))
    }

    @Test func `Series past the bound count, but are not printed`() {
        let metrics = Metrics(seriesMax: 2)
        for model in ["a", "b", "c"] { metrics.counter(requests, [MetricLabel("model", model)]).add() }
        let text = String(decoding: metrics.prometheusText(), as: UTF8.self)
        #expect(text.contains("\"b\"") && !text.contains("\"c\""))
        metrics.remove(seriesWith: [MetricLabel("model", "a")])
        metrics.counter(requests, [MetricLabel("model", "d")]).add()
        #expect(String(decoding: metrics.prometheusText(), as: UTF8.self).contains("\"d\""))
    }

    @Test func `A name cannot be of two kinds`() {
        metrics.counter(requests).add()
        metrics.gauge(requests, [MetricLabel("model", "a")]).set(5)
        #expect(text.hasSuffix("augur_requests_total 1\n"))
    }

    @Test func `Counting from many threads loses nothing`() {
        let counter = metrics.counter(requests)
        let histogram = metrics.histogram(MetricFamily("h", help: "H."), buckets: .rows)
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            for row: UInt64 in 0..<10_000 {
                counter.add()
                histogram.observe(row % 40)
            }
        }
        #expect(counter.value == 40_000)
        #expect(histogram.snapshot.counts.reduce(0, +) == 40_000)
        #expect(histogram.snapshot.sum == 4 * 250 * (0..<40).reduce(0, +))
    }
}
