import Glibc

/// How uncertain a numeric prediction is: a normal distribution on the scale that the model works on.
struct Spread: Sendable {
    /// From the model's scale back to the target's (attribute `transformation` of time series).
    enum Transformation: String, Sendable {
        case none, logarithmic, squareroot

        /// Onto the model's scale; nil where the number is not in the function's domain.
        func applied(to x: Double) -> Double? {
            switch self {
            case .none: x
            case .logarithmic: x > 0 ? Glibc.log(x) : nil
            case .squareroot: x >= 0 ? x.squareRoot() : nil
            }
        }

        /// Back onto the target's scale.
        func inverse(_ x: Double) -> Double {
            switch self {
            case .none: x
            case .logarithmic: exponential(x)
            case .squareroot: x * x
            }
        }
    }

    /// On the model's scale.
    let mean: Double
    /// On the model's scale.
    let deviation: Double
    let transformation: Transformation
    private let factor: Double
    private let constant: Double

    init(mean: Double, deviation: Double, transformation: Transformation = .none, target: Target) {
        self.mean = mean
        self.deviation = deviation
        self.transformation = transformation
        factor = target.rescaleFactor
        constant = target.rescaleConstant
    }

    /// What an output asks for; nil where a transformed scale has none.
    func value(_ query: SpreadQuery) -> Double? {
        switch query {
        case .deviation: return transformation == .none ? deviation * abs(factor) : nil
        case .bound(let level, let isUpper):
            let sign: Double = isUpper == (factor >= 0) ? 1 : -1
            let reach = Normal.quantile(0.5 + level / 200) * deviation
            return transformation.inverse(mean + sign * reach) * factor + constant
        }
    }
}

/// Output features about a prediction's uncertainty, which Gaussian processes, Bayesian networks and time
/// series have.
///
/// The standard's own Gaussian process example gives its second output, called `StandardDeviation`, the
/// feature `predictedValue`: there the name decides.
enum SpreadQuery: Sendable {
    /// Features `standardDeviation` and `standardError`.
    case deviation
    /// Features `confidenceIntervalLower` and `confidenceIntervalUpper`: attribute `value` is the level in
    /// percent, 95 where it is absent.
    case bound(level: Double, isUpper: Bool)

    /// The models whose predictions have a spread.
    static let models: Set<String> = ["GaussianProcessModel", "TimeSeriesModel", "BayesianNetworkModel"]

    /// Reads an output field; nil for one that asks for something else.
    init?(_ output: Element, _ model: Element) throws(Fault) {
        guard SpreadQuery.models.contains(model.name) else { return nil }
        switch output["feature"] ?? "predictedValue" {
        case "standardDeviation", "standardError": self = .deviation
        case "confidenceIntervalLower", "confidenceIntervalUpper":
            let level = try output.number("value") ?? 95
            guard level > 0, level < 100 else {
                throw output.fault("attribute value must be a level between 0 and 100 percent")
            }
            self = .bound(level: level, isUpper: output["feature"] == "confidenceIntervalUpper")
        case "predictedValue":
            guard model.name == "GaussianProcessModel", output["name"] == "StandardDeviation" else {
                return nil
            }
            self = .deviation
        default: return nil
        }
    }

    /// Whether any output of the model asks for the spread.
    static func isWanted(by model: ModelContext) -> Bool {
        (model.element.child("Output")?.children("OutputField") ?? []).contains {
            ((try? SpreadQuery($0, model.element)) ?? nil) != nil
        }
    }
}
