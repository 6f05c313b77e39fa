/// The families and their series, under `Metrics`' lock.
struct MetricsState {
    struct Family {
        let name: String
        let help: String
        let kind: MetricKind
        var series: [[MetricLabel]: Series]
    }

    /// By family name.
    private(set) var families: [String: Family] = [:]
    private(set) var seriesCount = 0

    mutating func fetch(
        _ family: MetricFamily, _ labels: [MetricLabel], kind: MetricKind, seriesMax: Int, make: () -> Series
    ) -> Series {
        var kept =
            families[family.name] ?? Family(name: family.name, help: family.help, kind: kind, series: [:])
        if let known = kept.series[labels] { return known }
        let made = make()
        // A name that two kinds claim would print an invalid page; the second kind stays unprinted.
        guard kept.kind == kind, seriesCount < seriesMax else { return made }
        kept.series[labels] = made
        seriesCount += 1
        families[family.name] = kept
        return made
    }

    mutating func remove(seriesWith labels: [MetricLabel]) {
        for (name, family) in families {
            let kept = family.series.filter { series in !labels.allSatisfy(series.key.contains) }
            seriesCount -= family.series.count - kept.count
            families[name]?.series = kept
        }
    }
}

/// A handle of any kind.
enum Series {
    case counter(Counter)
    case gauge(Gauge)
    case histogram(Histogram)

    var counter: Counter? { if case .counter(let counter) = self { counter } else { nil } }
    var gauge: Gauge? { if case .gauge(let gauge) = self { gauge } else { nil } }
    var histogram: Histogram? { if case .histogram(let histogram) = self { histogram } else { nil } }
}
