/// PMML element `ARIMA`, seasonal or not, by conditional least squares.
///
/// With the backshift B, period s and w = (1 - B)^d (1 - B^s)^D y on the transformed scale:
///
///     (1 - phi1 B - ...)(1 - PHI1 B^s - ...)(w - constantTerm)
///         = (1 - theta1 B - ...)(1 - THETA1 B^s - ...) e
///
/// Moving average coefficients have the sign of Box and Jenkins, as the standard's producers write them (R's
/// exporter reverses its own). `constantTerm` is read as the mean of w: that is what SPSS and R store there.
/// Residuals come oldest first; those that the document does not give follow from the series, with
/// zeros before its start.
struct ARIMA: Sendable {
    /// Autoregression with the differences multiplied in.
    private let full: LagPolynomial
    private let moving: LagPolynomial
    /// The constant on the scale of `full`.
    private let constant: Double
    /// The last observations, oldest first; as many as `full` looks back.
    private let observations: [Double]
    /// The last residuals, oldest first; as many as `moving` looks back.
    private let residuals: [Double]
    /// `RMSE`: the standard deviation of a residual.
    private let deviation: Double?

    /// Terms of both polynomials.
    var termCount: Int { full.terms.count + moving.terms.count }

    /// Steps times terms beyond which a forecast is refused.
    static let workMax = 1 << 22

    /// The forecast on the model's scale, with its standard deviation where the document gives `RMSE`.
    func forecast(
        steps: Int, withDeviation: Bool
    ) throws(EvaluationError) -> (mean: Double, deviation: Double?) {
        guard steps <= ARIMA.workMax / max(1, termCount) else {
            throw EvaluationError(
                .invalidValue, "org.jpmml.evaluator.ValueCheckException",
                "This model's forecast is too long at \(steps) steps")
        }
        var values = observations
        var errors = residuals
        values.reserveCapacity(values.count + steps)
        for _ in 0..<steps {
            var next = constant
            for term in full.lagged { next -= term.coefficient * values[values.count - term.lag] }
            for term in moving.lagged where term.lag <= errors.count {
                next += term.coefficient * errors[errors.count - term.lag]
            }
            values.append(next)
            errors.append(0)
        }
        let spread = withDeviation ? deviation.map { $0 * weight(steps: steps).squareRoot() } : nil
        guard spread?.isFinite ?? true else { throw .undefined("The deviation is not a finite number") }
        return (values.last ?? .nan, spread)
    }

    /// The sum of the squared weights psi of the errors that a forecast does not know.
    private func weight(steps: Int) -> Double {
        var weights: [Double] = []
        var moving = Array(repeating: 0.0, count: steps)
        for term in self.moving.terms where term.lag < steps { moving[term.lag] = term.coefficient }
        for step in 0..<steps {
            var weight = moving[step]
            for term in full.lagged where term.lag <= step {
                weight -= term.coefficient * weights[step - term.lag]
            }
            weights.append(weight)
        }
        return weights.reduce(0) { $0 + $1 * $1 }
    }
}

extension ARIMA {
    /// Orders of one component beyond which a document is refused.
    static let orderMax = 64
    /// Times of differencing beyond which a document is refused.
    static let differencesMax = 4
    /// Longer seasons than this are refused.
    static let periodMax = 10_000
    /// Observations times terms beyond which residuals are not computed.
    static let residualWorkMax = 1 << 26

    /// Compiles an `ARIMA` element.
    ///
    /// - Parameter series: The observations on the model's scale, oldest first.
    init(_ element: Element, _ series: [Double]) throws(Fault) {
        for child in element.children where child.name == "DynamicRegressor" || child.name == "OutlierEffect"
        {
            throw child.fault("this part of ARIMA is not supported")
        }
        let plain = try Component(element.child("NonseasonalComponent"), isSeasonal: false)
        let seasonal = try Component(element.child("SeasonalComponent"), isSeasonal: true)
        let auto = plain.autoregression.times(seasonal.autoregression)
        full = auto.times(plain.differences).times(seasonal.differences)
        moving = plain.movingAverage.times(seasonal.movingAverage)
        // Without a moving average the methods agree on forecasts.
        let method = element["predictionMethod"] ?? "conditionalLeastSquares"
        guard method == "conditionalLeastSquares" || (method == "exactLeastSquares" && moving.degree == 0)
        else { throw element.fault("predictionMethod \(method) is not supported with a moving average") }
        constant = (try element.finite("constantTerm") ?? 0) * auto.sum
        deviation = try element.finite("RMSE")
        guard (deviation ?? 0) >= 0 else { throw element.fault("attribute RMSE must not be negative") }
        guard series.count >= full.degree else {
            throw element.fault(
                "the model looks back \(full.degree) observations; the original time series has "
                    + "\(series.count)")
        }
        observations = Array(series.suffix(full.degree))
        residuals = try ARIMA.residuals(
            element, series, given: [plain.residuals, seasonal.residuals], full, moving, constant)
    }

    private static func residuals(
        _ element: Element, _ series: [Double], given: [[Double]], _ full: LagPolynomial,
        _ moving: LagPolynomial, _ constant: Double
    ) throws(Fault) -> [Double] {
        let longest = given.max { $0.count < $1.count } ?? []
        if longest.count >= moving.degree { return Array(longest.suffix(moving.degree)) }
        guard series.count <= residualWorkMax / (full.terms.count + moving.terms.count) else {
            throw element.fault("the series is too long for so many terms")
        }
        var errors = Array(repeating: 0.0, count: series.count)
        for time in series.indices where time >= full.degree {
            var error = -constant
            for term in full.terms { error += term.coefficient * series[time - term.lag] }
            for term in moving.lagged where term.lag <= time {
                error -= term.coefficient * errors[time - term.lag]
            }
            guard error.isFinite else {
                throw element.fault("the residuals of the series do not stay finite")
            }
            errors[time] = error
        }
        return Array((errors.dropLast(min(errors.count, longest.count)) + longest).suffix(moving.degree))
    }

    /// PMML elements `NonseasonalComponent` and `SeasonalComponent`.
    private struct Component {
        let autoregression: LagPolynomial
        let differences: LagPolynomial
        let movingAverage: LagPolynomial
        let residuals: [Double]

        init(_ element: Element?, isSeasonal: Bool) throws(Fault) {
            guard let element else {
                let one = LagPolynomial(terms: [(0, 1)])
                (autoregression, differences, movingAverage, residuals) = (one, one, one, [])
                return
            }
            let step = isSeasonal ? try element.integer("period", in: 1...periodMax, default: 0) : 1
            let names = isSeasonal ? ("P", "D", "Q") : ("p", "d", "q")
            let auto = try Component.coefficients(element.child("AR"), names.0, element)
            let moving = try Component.coefficients(
                element.child("MA")?.child("MACoefficients"), names.2, element)
            autoregression = LagPolynomial(subtracting: auto, step: step)
            movingAverage = LagPolynomial(subtracting: moving, step: step)
            var product = LagPolynomial(terms: [(0, 1)])
            for _ in 0..<(try element.integer(names.1, in: 0...differencesMax, default: 0)) {
                product = product.times(LagPolynomial(subtracting: [1], step: step))
            }
            differences = product
            residuals =
                try element.child("MA")?.child("Residuals").map {
                    (child) throws(Fault) in try child.finiteArray()
                } ?? []
        }

        private static func coefficients(
            _ holder: Element?, _ order: String, _ element: Element
        ) throws(Fault) -> [Double] {
            let count = try element.integer(order, in: 0...orderMax, default: 0)
            let coefficients =
                count == 0
                ? []
                : try holder.map { (child) throws(Fault) in
                    try child.finiteArray()
                }
            guard let coefficients, coefficients.count == count else {
                throw element.fault("\(count) coefficients were expected for order \(order)")
            }
            return coefficients
        }
    }
}
