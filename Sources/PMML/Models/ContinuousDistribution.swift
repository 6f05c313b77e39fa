import Glibc

/// PMML element `ContinuousDistribution` of a Bayesian network's node.
///
/// Where the standard leaves room: a lognormal distribution's mean and variance are those of the logarithm; a
/// triangular distribution's `Mean` is its mean, so that its peak is at 3 mean - lower - upper.
struct ContinuousDistribution: Sendable {
    /// The kind of distribution, with its parameters' meaning.
    enum Kind: Sendable {
        case normal, lognormal, triangular, uniform
    }

    /// A parameter: an expression over continuous nodes.
    struct Parameter: Sendable {
        let expression: any Expression
        /// Continuous nodes that it refers to.
        let references: [Int]
        /// The same as a constant and a coefficient for each node, where it is that simple.
        let affine: Affine?
    }

    /// A constant plus coefficients times nodes.
    struct Affine: Sendable {
        var constant = 0.0
        var coefficients: [Int: Double] = [:]

        /// Whether no node matters.
        var isConstant: Bool { coefficients.isEmpty }

        /// The sum of this and another, times a factor.
        func adding(_ other: Affine, times factor: Double) -> Affine {
            var sum = Affine(constant: constant + factor * other.constant, coefficients: coefficients)
            for (node, coefficient) in other.coefficients {
                sum.coefficients[node, default: 0] += factor * coefficient
            }
            return sum
        }

        /// This times a factor.
        func scaled(_ factor: Double) -> Affine {
            Affine(constant: constant * factor, coefficients: coefficients.mapValues { $0 * factor })
        }
    }

    let kind: Kind
    /// Mean of normal, lognormal and triangular distributions.
    let mean: Parameter?
    let variance: Parameter?
    let lower: Parameter?
    let upper: Parameter?

    /// Every node that a parameter refers to.
    var references: [Int] { [mean, variance, lower, upper].flatMap { $0?.references ?? [] } }

    /// The parameters as numbers, their nodes all being known.
    struct Values: Sendable {
        let kind: Kind
        let mean: Double
        let variance: Double
        let lower: Double
        let upper: Double
    }

    /// The parameters from the row, for a node whose continuous parents are all observed.
    func values(_ frame: Frame) throws(EvaluationError) -> Values {
        let values = Values(
            kind: kind, mean: try number(mean, frame), variance: try number(variance, frame),
            lower: try number(lower, frame), upper: try number(upper, frame))
        guard values.isProper else {
            throw .undefined("A distribution's parameters are out of range")
        }
        return values
    }

    private func number(_ parameter: Parameter?, _ frame: Frame) throws(EvaluationError) -> Double {
        guard let parameter else { return 0 }
        let value = try parameter.expression.evaluate(frame)
        guard let number = try value.value.converted(to: .double).number, number.isFinite else {
            throw .undefined("A distribution's parameter is not a finite number")
        }
        return number
    }
}

extension ContinuousDistribution.Values {
    /// Whether the parameters make a distribution.
    var isProper: Bool {
        switch kind {
        case .normal, .lognormal: variance >= 0
        case .uniform: upper > lower
        case .triangular: upper > lower && peak >= lower && peak <= upper
        }
    }

    private var peak: Double { 3 * mean - lower - upper }

    /// The distribution's own mean.
    var expectation: Double {
        switch kind {
        case .normal, .triangular: mean
        case .lognormal: exponential(mean + variance / 2)
        case .uniform: (lower + upper) / 2
        }
    }

    /// The distribution's own variance.
    var dispersion: Double {
        switch kind {
        case .normal: return variance
        case .lognormal: return (Glibc.expm1(variance)) * exponential(2 * mean + variance)
        case .uniform: return (upper - lower) * (upper - lower) / 12
        case .triangular:
            let c = peak
            return (lower * lower + upper * upper + c * c - lower * upper - lower * c - upper * c) / 18
        }
    }

    /// The density at `x`; nil where all of it lies in one point.
    func density(_ x: Double) -> Double? {
        switch kind {
        case .normal: return normal(x)
        case .lognormal: return x > 0 ? normal(Glibc.log(x)).map { $0 / x } : 0
        case .uniform: return x >= lower && x <= upper ? 1 / (upper - lower) : 0
        case .triangular:
            let c = peak
            if x < lower || x > upper { return 0 }
            if x < c { return 2 * (x - lower) / ((upper - lower) * (c - lower)) }
            return x == c ? 2 / (upper - lower) : 2 * (upper - x) / ((upper - lower) * (upper - c))
        }
    }

    private func normal(_ x: Double) -> Double? {
        guard variance > 0 else { return nil }
        let z = x - mean
        return exponential(-z * z / (2 * variance)) / (2 * Double.pi * variance).squareRoot()
    }
}
