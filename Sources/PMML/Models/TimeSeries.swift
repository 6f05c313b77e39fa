/// PMML element `TimeSeriesModel`: a forecast some steps after the last observation.
///
/// A row says how far ahead it asks in one of two ways. A numeric field that is active or supplementary holds
/// the number of steps (as producers of ARIMA models have it, often under the name `h`). A field of
/// `usageType="order"` holds a time, and the steps are its distance from the last index of the original
/// series. Without either, or where it is missing, the forecast is that of the next step.
final class TimeSeries: ScoringModel {
    /// How a row says what it asks for.
    enum Horizon: Sendable {
        case next
        case steps(slot: Int)
        case time(slot: Int, last: Double)
    }

    /// What a forecast is made with.
    enum Algorithm: Sendable {
        case smoothing(ExponentialSmoothing)
        case arima(ARIMA)
    }

    /// Forecasts further ahead than this are refused.
    static let stepsMax = 100_000

    let algorithm: Algorithm
    let horizon: Horizon
    let transformation: Spread.Transformation
    /// Whether an output asks for the spread.
    private let wantsSpread: Bool
    private let target: Target

    init(
        algorithm: Algorithm, horizon: Horizon, transformation: Spread.Transformation, model: ModelContext
    ) {
        self.algorithm = algorithm
        self.horizon = horizon
        self.transformation = transformation
        wantsSpread = SpreadQuery.isWanted(by: model)
        target = model.target
    }

    var form: String {
        switch algorithm {
        case .smoothing(let smoothing): "time series: exponential smoothing, " + smoothing.form
        case .arima(let arima): "time series: ARIMA, \(arima.termCount) terms"
        }
    }

    func score(_ frame: Frame) throws(EvaluationError) -> Outcome {
        let steps = try steps(frame)
        let forecast: (mean: Double, deviation: Double?)
        switch algorithm {
        case .smoothing(let smoothing): forecast = (smoothing.forecast(steps: steps), nil)
        case .arima(let arima): forecast = try arima.forecast(steps: steps, withDeviation: wantsSpread)
        }
        let value = transformation.inverse(forecast.mean)
        guard value.isFinite else {
            throw .undefined("The forecast is not a finite number")
        }
        let outcome = try target.regression(value)
        guard let deviation = forecast.deviation else { return outcome }
        let spread = Spread(
            mean: forecast.mean, deviation: deviation, transformation: transformation, target: target)
        return .full(Prediction(value: outcome.value, spread: spread))
    }

    private func steps(_ frame: Frame) throws(EvaluationError) -> Int {
        let slot: Int
        let last: Double
        switch horizon {
        case .next: return 1
        case .steps(let field): (slot, last) = (field, 0)
        case .time(let field, let end): (slot, last) = (field, end)
        }
        let value = try frame.value(slot)
        guard !value.isMissing else { return 1 }
        guard let time = try value.value.cast(to: .double).number, let steps = Int(exactly: time - last),
            steps >= 1, steps <= TimeSeries.stepsMax
        else {
            throw EvaluationError(
                .invalidValue, "org.jpmml.evaluator.ValueCheckException",
                "A forecast reaches 1 to \(TimeSeries.stepsMax) whole steps past the series, "
                    + "not to \(value.value.displayText)")
        }
        return steps
    }
}

extension TimeSeries {
    /// Compiles a `TimeSeriesModel` element.
    static func compile(_ model: ModelContext) throws(Fault) -> any ScoringModel {
        let element = model.element
        let names = ["ExponentialSmoothing", "ARIMA"]
        let best = element["bestFit"].flatMap { element.child($0) }
        guard let child = best ?? element.children.first(where: { names.contains($0.name) }) else {
            throw element.fault("an ARIMA or ExponentialSmoothing element is required")
        }
        let series = try ObservedSeries(element)
        let transformation = try child.choice("transformation", default: Spread.Transformation.none)
        let algorithm: Algorithm
        switch child.name {
        case "ExponentialSmoothing": algorithm = .smoothing(try ExponentialSmoothing(child))
        case "ARIMA":
            algorithm = .arima(try ARIMA(child, try series.transformed(transformation, child)))
        default: throw child.fault("only ARIMA and ExponentialSmoothing are supported")
        }
        return TimeSeries(
            algorithm: algorithm, horizon: try horizon(model, last: series.last(child)),
            transformation: transformation, model: model)
    }

    private static func horizon(_ model: ModelContext, last: Double) throws(Fault) -> Horizon {
        let fields = model.scope.miningOrder
        func isNumeric(_ field: MiningField) -> Bool {
            model.compiler.dataFields[field.name]?.dataType.isNumeric ?? false
        }
        let counts = fields.filter { ($0.usage == .active || $0.usage == .supplementary) && isNumeric($0) }
        guard counts.count <= 1 else {
            throw model.element.fault("only one field may hold the steps ahead")
        }
        if let field = counts.first { return .steps(slot: model.slot(field.name, at: model.element)) }
        guard let field = fields.first(where: { $0.usage == .order }) else { return .next }
        return .time(slot: model.slot(field.name, at: model.element), last: last)
    }
}

/// PMML element `TimeSeries` with `usage="original"`: the observations, by index.
struct ObservedSeries {
    private(set) var values: [Double] = []
    private var lastIndex: Double?
    /// More observations than this are refused.
    static let countMax = 1 << 20

    init(_ model: Element) throws(Fault) {
        var points: [(index: Double, value: Double)] = []
        for series in model.children("TimeSeries")
        where series["usage"] == nil || series["usage"] == "original" {
            for value in series.children("TimeValue") {
                guard points.count < ObservedSeries.countMax else {
                    throw series.fault("there are more than \(ObservedSeries.countMax) observations")
                }
                let index = try value.finite("index") ?? (points.last.map { $0.index + 1 } ?? 1)
                points.append((index, try value.requiredFinite("value")))
            }
            if let end = try series.finite("endTime"), points.isEmpty { lastIndex = end }
        }
        points.sort { $0.index < $1.index }
        for (earlier, later) in zip(points, points.dropFirst()) where later.index - earlier.index != 1 {
            throw model.fault("observations must follow each other: index \(later.index) does not")
        }
        values = points.map(\.value)
        if let last = points.last { lastIndex = last.index }
    }

    /// The observations on the model's scale.
    func transformed(
        _ transformation: Spread.Transformation, _ element: Element
    ) throws(Fault) -> [Double] {
        var result: [Double] = []
        for value in values {
            guard let number = transformation.applied(to: value) else {
                throw element.fault("observation \(value) has no transformation \(transformation.rawValue)")
            }
            result.append(number)
        }
        return result
    }

    /// The index after which forecasts begin: that of the last observation, else the algorithm's last
    /// `TimeValue`, else 0, so that the first step has index 1.
    func last(_ algorithm: Element) -> Double {
        if let lastIndex { return lastIndex }
        let indexes = algorithm.children("TimeValue").compactMap { $0["index"].flatMap(JavaNumber.double) }
        return indexes.filter(\.isFinite).max() ?? 0
    }
}
