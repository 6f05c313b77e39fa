extension Metrics {
    /// Every series as Prometheus' text format 0.0.4, families by name, series by labels.
    ///
    /// Its media type is `text/plain; version=0.0.4; charset=utf-8`.
    package func prometheusText() -> [UInt8] {
        // The handles are copied under the lock and printed outside it: a scrape must not delay a deployment.
        let families = state.withLock { Array($0.families.values) }.sorted { $0.name < $1.name }
        var text = ""
        for family in families where !family.series.isEmpty {
            text += "# HELP \(family.name) \(escaped(family.help, quotes: false))\n"
            text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
            let series = family.series.map { (labels: labelText($0.key), series: $0.value) }
            for one in series.sorted(by: { $0.labels < $1.labels }) {
                append(one.series, name: family.name, labels: one.labels, to: &text)
            }
        }
        return Array(text.utf8)
    }
}

private func append(_ series: Series, name: String, labels: String, to text: inout String) {
    switch series {
    case .counter(let counter): text += "\(name)\(braced(labels)) \(counter.value)\n"
    case .gauge(let gauge): text += "\(name)\(braced(labels)) \(gauge.value)\n"
    case .histogram(let histogram): append(histogram, name: name, labels: labels, to: &text)
    }
}

private func append(_ histogram: Histogram, name: String, labels: String, to text: inout String) {
    let (counts, sum) = histogram.snapshot
    let prefix = labels.isEmpty ? "" : labels + ","
    var cumulative: UInt64 = 0
    for (index, count) in counts.enumerated() {
        cumulative &+= count
        let bound =
            index < histogram.buckets.bounds.count
            ? number(Double(histogram.buckets.bounds[index]) * histogram.buckets.unit) : "+Inf"
        text += "\(name)_bucket{\(prefix)le=\"\(bound)\"} \(cumulative)\n"
    }
    text += "\(name)_sum\(braced(labels)) \(number(Double(sum) * histogram.buckets.unit))\n"
    text += "\(name)_count\(braced(labels)) \(cumulative)\n"
}

private func braced(_ labels: String) -> String {
    labels.isEmpty ? "" : "{\(labels)}"
}

private func labelText(_ labels: [MetricLabel]) -> String {
    labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }.joined(separator: ",")
}

/// Backslash and newline are escaped everywhere, a quote only in label values.
private func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for character in text.unicodeScalars {
        switch character {
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\"" where quotes: result += "\\\""
        default: result.unicodeScalars.append(character)
        }
    }
    return result
}

/// A number without the noise of binary fractions: nine digits after the point at most, `2.5e-05` as
/// `0.000025`.
private func number(_ value: Double) -> String {
    let whole = value.rounded(.down)
    guard value >= 0, value < 1e9 else { return "\(value)" }
    let billionths = Int(((value - whole) * 1e9).rounded())
    if billionths >= 1_000_000_000 { return "\(Int(whole) + 1)" }
    if billionths == 0 { return "\(Int(whole))" }
    let digits = String(billionths)
    var fraction = String(repeating: "0", count: 9 - digits.count) + digits
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return "\(Int(whole)).\(fraction)"
}
