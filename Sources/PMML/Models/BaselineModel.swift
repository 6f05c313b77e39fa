import Glibc

/// PMML element `BaselineModel`: how far events are from a baseline distribution (element
/// `TestDistributions`).
///
/// A server keeps nothing from one request to the next, so the events of a test are those of one record: the
/// one value of its field, or, where the mining schema has a group field, the values of the whole group in
/// order (the last `windowSize` of them, unless that is 0). So `CUSUM` starts at 0 with each record.
///
/// | `testStatistic` | score |
/// |---|---|
/// | `zValue` | (x - mean) / standard deviation, of the last event |
/// | `CUSUM` | Z = max(resetValue, Z + log f1(x) / f0(x)) after the last event, from Z = 0 |
/// | `chiSquareDistribution` | p-value: the chance of counts at least this far from the baseline's shares |
/// | `chiSquareIndependence` | p-value: the same for independent fields, over baseline counts and events |
/// | `scalarProduct` | sum of the products of baseline and event counts |
///
/// The p-value is the chi square distribution's upper tail, as Augustus (whose authors wrote this part of the
/// standard) answers. With `normalizationScheme="Independent"` both count vectors are scaled to length 1.
final class BaselineModel: ScoringModel {
    /// A test with what it compares events with.
    enum Test: Sendable {
        case zValue(mean: Double, deviation: Double)
        case cusum(baseline: BaselineDistribution, alternate: BaselineDistribution, reset: Double)
        case distribution(CountTable)
        case independence(CountTable)
        case scalarProduct(CountTable, isNormalised: Bool)
    }

    let test: Test
    /// The fields of an event: one, or those of the count table.
    let slots: [Int]
    let weightSlot: Int?
    let windowSize: Int
    private let target: Target

    init(test: Test, slots: [Int], weightSlot: Int?, windowSize: Int, target: Target) {
        self.test = test
        self.slots = slots
        self.weightSlot = weightSlot
        self.windowSize = windowSize
        self.target = target
    }

    var form: String {
        switch test {
        case .zValue: "baseline: z-value"
        case .cusum: "baseline: CUSUM"
        case .distribution(let table): "baseline: chi square against \(table.cells.count) counts"
        case .independence(let table): "baseline: chi square of independence of \(table.cells.count) counts"
        case .scalarProduct(let table, _): "baseline: scalar product with \(table.cells.count) counts"
        }
    }

    func score(_ frame: Frame) throws(EvaluationError) -> Outcome {
        let events = try events(frame)
        guard let last = events.last else { return try target.regression(nil) }
        let score: Double
        switch test {
        case .zValue(let mean, let deviation): score = (try number(last) - mean) / deviation
        case .cusum(let baseline, let alternate, let reset):
            var sum = 0.0
            for event in events {
                let x = try number(event)
                let next = sum + (alternate.logDensity(x) - baseline.logDensity(x))
                // `max` would drop a NaN: neither distribution knows such an event.
                guard !next.isNaN else {
                    throw .undefined("Neither distribution has \(JavaNumber.text(x))")
                }
                sum = max(reset, next)
            }
            score = sum
        case .distribution(let table):
            score = try table.distributionTest(try table.counts(events))
        case .independence(let table):
            score = try table.independenceTest(try table.counts(events))
        case .scalarProduct(let table, let isNormalised):
            score = table.scalarProduct(try table.counts(events), isNormalised: isNormalised)
        }
        guard score.isFinite else {
            throw .undefined("The test statistic is not a finite number")
        }
        return try target.regression(score)
    }

    private func number(_ event: BaselineEvent) throws(EvaluationError) -> Double {
        guard let x = try event.values.first?.cast(to: .double).number else {
            throw .type(expected: "java.lang.Number", actual: event.values.first?.typeName ?? "missing")
        }
        return x
    }

    /// The record's events without missing values, oldest first.
    private func events(_ frame: Frame) throws(EvaluationError) -> [BaselineEvent] {
        var columns: [[Value]] = []
        for slot in slots { columns.append(try members(slot, frame)) }
        let weights = try weightSlot.map { (slot) throws(EvaluationError) in try members(slot, frame) }
        var events: [BaselineEvent] = []
        for index in (columns.first ?? []).indices {
            let values = columns.map { index < $0.count ? $0[index] : .missing }
            guard !values.contains(where: \.isMissing) else { continue }
            var weight = 1.0
            if let weights {
                guard index < weights.count, !weights[index].isMissing else { continue }
                guard let number = try weights[index].cast(to: .double).number, number.isFinite else {
                    throw .type(expected: "java.lang.Number", actual: weights[index].typeName)
                }
                weight = number
            }
            events.append(BaselineEvent(values: values, weight: weight))
        }
        return windowSize > 0 ? events.suffix(windowSize) : events
    }

    private func members(_ slot: Int, _ frame: Frame) throws(EvaluationError) -> [Value] {
        let value = try frame.value(slot).value
        if case .list(let members) = value { return members }
        return [value]
    }
}

/// One event of a baseline test.
struct BaselineEvent {
    let values: [Value]
    let weight: Double
}

/// The distributions of elements `Baseline` and `Alternate`.
enum BaselineDistribution: Sendable {
    /// `GaussianDistribution`, and `AnyDistribution`, of which only the moments are known.
    case gaussian(mean: Double, variance: Double)
    case poisson(mean: Double)
    case uniform(lower: Double, upper: Double)

    /// The logarithm of the density at `x`; minus infinity outside the distribution's domain.
    func logDensity(_ x: Double) -> Double {
        switch self {
        case .gaussian(let mean, let variance):
            let z = x - mean
            return -z * z / (2 * variance) - 0.5 * Glibc.log(2 * Double.pi * variance)
        case .poisson(let mean):
            guard x >= 0, x == x.rounded() else { return -.infinity }
            return x * Glibc.log(mean) - mean - Glibc.lgamma(x + 1)
        case .uniform(let lower, let upper):
            return x >= lower && x <= upper ? -Glibc.log(upper - lower) : -.infinity
        }
    }

    /// Mean and standard deviation.
    var moments: (mean: Double, deviation: Double) {
        switch self {
        case .gaussian(let mean, let variance): (mean, variance.squareRoot())
        case .poisson(let mean): (mean, mean.squareRoot())
        case .uniform(let lower, let upper): ((lower + upper) / 2, (upper - lower) / 12.0.squareRoot())
        }
    }
}
