import Glibc

/// PMML element `ExponentialSmoothing`: a forecast from the last smoothed level, trend and seasonal factors.
///
/// With level S, trend T and damping phi, h steps ahead (Gardner, *Exponential smoothing: the state of the
/// art*):
///
/// | `trend` | forecast |
/// |---|---|
/// | none | S |
/// | `additive` | S + h T |
/// | `damped_additive` | S + (phi + phi^2 + ... + phi^h) T |
/// | `multiplicative` | S T^h |
/// | `damped_multiplicative` | S T^(phi + phi^2 + ... + phi^h) |
/// | `polynomial_exponential` | Brown's smoothing, from `Level`'s smoothed values and alpha |
///
/// to which an additive seasonal factor is added, and with which a multiplicative one is multiplied. `phase`
/// is read as the number (from 1) of the factor that belongs to the last observation, so that the next step
/// takes the one after it; where it is absent, the next step takes the first.
struct ExponentialSmoothing: Sendable {
    /// Element `Trend_ExpoSmooth`.
    enum Trend: String, Sendable {
        case additive, multiplicative
        case dampedAdditive = "damped_additive"
        case dampedMultiplicative = "damped_multiplicative"
        case polynomial = "polynomial_exponential"
    }

    /// Element `Seasonality_ExpoSmooth`.
    struct Seasonality: Sendable {
        let isMultiplicative: Bool
        let factors: [Double]
        /// Position of the factor of the next step.
        let start: Int
    }

    private let level: Double
    private let trend: Trend?
    private let slope: Double
    private let damping: Double
    /// Brown's polynomial in the number of steps, lowest power first.
    private let polynomial: [Double]
    private let seasonality: Seasonality?

    /// In words, for `describeForms`.
    var form: String {
        "trend \(trend?.rawValue ?? "none"), \(seasonality?.factors.count ?? 0) seasonal factors"
    }

    /// The forecast on the model's scale.
    func forecast(steps: Int) -> Double {
        let h = Double(steps)
        let base: Double
        switch trend {
        case nil: base = level
        case .additive: base = level + h * slope
        case .dampedAdditive: base = level + dampedSum(h) * slope
        case .multiplicative: base = level * Glibc.pow(slope, h)
        case .dampedMultiplicative: base = level * Glibc.pow(slope, dampedSum(h))
        case .polynomial: base = polynomial.reversed().reduce(0) { $0 * h + $1 }
        }
        guard let seasonality else { return base }
        let factor = seasonality.factors[(seasonality.start + steps - 1) % seasonality.factors.count]
        return seasonality.isMultiplicative ? base * factor : base + factor
    }

    /// phi + phi^2 + ... + phi^h.
    private func dampedSum(_ h: Double) -> Double {
        damping == 1 ? h : damping * (1 - Glibc.pow(damping, h)) / (1 - damping)
    }
}

extension ExponentialSmoothing {
    /// Compiles an `ExponentialSmoothing` element.
    init(_ element: Element) throws(Fault) {
        let level = try element.requiredChild("Level")
        self.level = try level.requiredFinite("smoothedValue")
        if let trend = element.child("Trend_ExpoSmooth") {
            let kind = try trend.choice("trend", default: Trend.additive)
            self.trend = kind
            slope =
                kind == .polynomial
                ? try trend.finite("smoothedValue") ?? 0 : try trend.requiredFinite("smoothedValue")
            damping = try trend.finite("phi") ?? 1
            guard damping >= 0, damping <= 1 else { throw trend.fault("attribute phi must be from 0 to 1") }
            guard slope > 0 || (kind != .multiplicative && kind != .dampedMultiplicative) else {
                throw trend.fault("a multiplicative trend must be positive")
            }
            polynomial = kind == .polynomial ? try ExponentialSmoothing.brown(level) : []
        } else {
            (trend, slope, damping, polynomial) = (nil, 0, 1, [])
        }
        seasonality = try element.child("Seasonality_ExpoSmooth").map {
            (child) throws(Fault) in try Seasonality(child)
        }
    }

    /// Brown's polynomial from the once, twice and three times smoothed values.
    private static func brown(_ level: Element) throws(Fault) -> [Double] {
        let alpha = try level.requiredFinite("alpha")
        guard alpha > 0, alpha < 1 else { throw level.fault("attribute alpha must be between 0 and 1") }
        let once = try level.requiredFinite("smoothedValue")
        let twice = try level.requiredFinite("quadraticSmoothedValue")
        let ratio = alpha / (1 - alpha)
        guard let thrice = try level.finite("cubicSmoothedValue") else {
            return [2 * once - twice, ratio * (once - twice)]
        }
        let linear =
            (6 - 5 * alpha) * once - 2 * (5 - 4 * alpha) * twice + (4 - 3 * alpha) * thrice
        return [
            3 * once - 3 * twice + thrice, ratio / (2 * (1 - alpha)) * linear,
            ratio * ratio / 2 * (once - 2 * twice + thrice),
        ]
    }
}

extension ExponentialSmoothing.Seasonality {
    /// Longer seasons than this are refused.
    static let periodMax = 100_000

    /// Compiles a `Seasonality_ExpoSmooth` element.
    init(_ element: Element) throws(Fault) {
        switch try element.required("type") {
        case "additive": isMultiplicative = false
        case "multiplicative": isMultiplicative = true
        case let text: throw element.fault("attribute type has the unknown value \"\(text)\"")
        }
        factors = try element.finiteArray()
        let period = try element.integer("period", in: 1...Self.periodMax, default: factors.count)
        guard factors.count == period else {
            throw element.fault("there are \(factors.count) factors for a period of \(period)")
        }
        start = try element.integer("phase", in: 1...period, default: period) % period
    }
}
