import Glibc

/// PMML element `GaussianProcessModel`: regression by how alike a row and the training rows are.
///
///     mean     = k' (K + s I)^-1 y
///     variance = k(x, x) - k' (K + s I)^-1 k + s          s: noiseVariance
///
/// K holds the kernel of each two training rows, k that of the row and each training row. As the standard has
/// it, the variance is that of a new observation: the noise is part of it.
final class GaussianProcess: ScoringModel {
    /// The kernel elements: gamma times an exponential that falls with the distance.
    ///
    /// | element | exponent, with d = abs(x - z) / lambda of each field |
    /// |---|---|
    /// | `RadialBasisKernel`, `ARDSquaredExponentialKernel` | -1/2 sum d^2 |
    /// | `AbsoluteExponentialKernel` | -sum d |
    /// | `GeneralizedExponentialKernel` | -sum d^degree |
    struct Kernel: Sendable {
        /// How a distance counts.
        enum Shape: Sendable {
            case squared, absolute
            case power(Double)
        }

        let shape: Shape
        let gamma: Double
        let noise: Double
        /// One for each field.
        let lengths: [Double]

        /// The kernel of two rows whose values have been divided by the lengths.
        func value(_ x: ArraySlice<Double>, _ z: ArraySlice<Double>) -> Double {
            var sum = 0.0
            for (a, b) in zip(x, z) {
                let d = abs(a - b)
                switch shape {
                case .squared: sum += 0.5 * d * d
                case .absolute: sum += d
                case .power(let degree): sum += Glibc.pow(d, degree)
                }
            }
            return gamma * exponential(-sum)
        }
    }

    let kernel: Kernel
    let slots: [Int]
    /// Training rows one after the other, divided by the lengths.
    private let rows: [Double]
    /// (K + s I)^-1 y.
    private let weights: [Double]
    private let factor: Cholesky
    /// Whether an output asks for the standard deviation; it costs a triangular solve.
    private let wantsSpread: Bool
    private let target: Target

    init(
        kernel: Kernel, slots: [Int], rows: [Double], weights: [Double], factor: Cholesky, model: ModelContext
    ) {
        self.kernel = kernel
        self.slots = slots
        self.rows = rows
        self.weights = weights
        self.factor = factor
        wantsSpread = SpreadQuery.isWanted(by: model)
        target = model.target
    }

    var form: String { "Gaussian process: \(weights.count) training rows of \(slots.count) fields" }

    func score(_ frame: Frame) throws(EvaluationError) -> Outcome {
        var x: [Double] = []
        for (slot, length) in zip(slots, kernel.lengths) {
            let value = try frame.value(slot)
            guard !value.isMissing else { return try target.regression(nil) }
            guard let number = try value.value.cast(to: .double).number else {
                throw .type(expected: "java.lang.Number", actual: value.value.typeName)
            }
            x.append(number / length)
        }
        var covariances: [Double] = []
        var mean = 0.0
        for (index, weight) in weights.enumerated() {
            let at = index * slots.count
            let covariance = kernel.value(x[...], rows[at..<at + slots.count])
            covariances.append(covariance)
            mean += covariance * weight
        }
        guard mean.isFinite else { throw .undefined("The prediction is not a finite number") }
        let outcome = try target.regression(mean)
        guard wantsSpread else { return outcome }
        let explained = factor.forward(covariances).reduce(0) { $0 + $1 * $1 }
        let variance = max(0, kernel.gamma - explained) + kernel.noise
        guard variance.isFinite else { throw .undefined("The variance is not a finite number") }
        return .full(
            Prediction(
                value: outcome.value,
                spread: Spread(mean: mean, deviation: variance.squareRoot(), target: target)))
    }
}
