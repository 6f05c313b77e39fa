import Synchronization

/// Every metric of the process, printed as Prometheus text.
///
/// A series (one family with one set of labels) is fetched once and kept by whoever counts with it: fetching
/// takes the lock, counting takes none. Label values come from outside (model names), so the series are
/// bounded: past `seriesMax` a fetch gives a handle that counts but is not printed.
package final class Metrics: Sendable {
    /// Series printed at most, over all families.
    package let seriesMax: Int
    let state: Mutex<MetricsState>

    /// An empty set of metrics that prints at most `seriesMax` series.
    package init(seriesMax: Int = 20_000) {
        self.seriesMax = seriesMax
        state = Mutex(MetricsState())
    }

    /// The counter of that name and those labels; the same one for the same arguments.
    package func counter(_ family: MetricFamily, _ labels: [MetricLabel] = []) -> Counter {
        fetch(family, labels, kind: .counter) { .counter(Counter()) }.counter ?? Counter()
    }

    /// The gauge of that name and those labels.
    package func gauge(_ family: MetricFamily, _ labels: [MetricLabel] = []) -> Gauge {
        fetch(family, labels, kind: .gauge) { .gauge(Gauge()) }.gauge ?? Gauge()
    }

    /// The histogram of that name and those labels; `buckets` must be the same for a whole family.
    package func histogram(_ family: MetricFamily, _ labels: [MetricLabel] = [], buckets: Buckets)
        -> Histogram
    {
        fetch(family, labels, kind: .histogram) { .histogram(Histogram(buckets: buckets)) }.histogram
            ?? Histogram(buckets: buckets)
    }

    /// Prints a counter that its owner made, under that name and those labels.
    package func adopt(_ counter: Counter, as family: MetricFamily, _ labels: [MetricLabel]) {
        _ = fetch(family, labels, kind: .counter) { .counter(counter) }
    }

    /// Prints a gauge that its owner made.
    package func adopt(_ gauge: Gauge, as family: MetricFamily, _ labels: [MetricLabel]) {
        _ = fetch(family, labels, kind: .gauge) { .gauge(gauge) }
    }

    /// Prints a histogram that its owner made.
    package func adopt(_ histogram: Histogram, as family: MetricFamily, _ labels: [MetricLabel]) {
        _ = fetch(family, labels, kind: .histogram) { .histogram(histogram) }
    }

    /// Stops printing every series that carries all of `labels`; handles still held count into the void.
    package func remove(seriesWith labels: [MetricLabel]) {
        state.withLock { $0.remove(seriesWith: labels) }
    }

    private func fetch(
        _ family: MetricFamily, _ labels: [MetricLabel], kind: MetricKind, make: () -> Series
    ) -> Series {
        state.withLock { $0.fetch(family, labels, kind: kind, seriesMax: seriesMax, make: make) }
    }
}

/// A family's name and its one line of documentation.
package struct MetricFamily: Sendable, Hashable {
    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`; counters end in `_total`.
    package let name: String
    /// What it counts, and its unit.
    package let help: String

    package init(_ name: String, help: String) {
        self.name = name
        self.help = help
    }
}

/// One label of a series, `name="value"`.
package struct MetricLabel: Sendable, Hashable {
    /// `[a-zA-Z_][a-zA-Z0-9_]*`.
    package let name: String
    /// Any text; escaped when printed.
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What a family is, as its TYPE line says.
enum MetricKind: String {
    case counter, gauge, histogram
}
