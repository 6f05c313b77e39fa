import Glibc

extension FunctionBody {
    /// The normal distribution and the error function.
    static func statistical(_ name: String) -> FunctionBody? {
        switch name {
        case "normalCDF": return normal(name) { Normal.cumulative(($0 - $1) / $2) }
        case "normalPDF": return normal(name) { Normal.density(($0 - $1) / $2) / $2 }
        case "normalIDF":
            return .variadic(atLeast: 3, atMost: 3) { (arguments, _) throws(EvaluationError) in
                try present(arguments, name)
                let x = try number(arguments[0], name, 0)
                let mean = try number(arguments[1], name, 1)
                let deviation = try deviation(arguments[2], name)
                let p = try probability(x)
                return .double(mean + deviation * Normal.quantile(p))
            }
        case "stdNormalCDF": return standard(name, Normal.cumulative)
        case "stdNormalPDF": return standard(name, Normal.density)
        case "stdNormalIDF":
            return .unary { (a) throws(EvaluationError) in
                .double(Normal.quantile(try probability(try number(a, name, 0))))
            }
        case "erf": return standard(name, Glibc.erf)
        default: return nil
        }
    }

    private static func standard(
        _ name: String, _ function: @escaping @Sendable (Double) -> Double
    ) -> FunctionBody {
        .unary { (a) throws(EvaluationError) in
            let result = function(try number(a, name, 0))
            if result.isNaN { throw .invalidResult(name) }
            return .double(result)
        }
    }

    private static func normal(
        _ name: String, _ function: @escaping @Sendable (Double, Double, Double) -> Double
    ) -> FunctionBody {
        .variadic(atLeast: 3, atMost: 3) { (arguments, _) throws(EvaluationError) in
            try present(arguments, name)
            let x = try number(arguments[0], name, 0)
            let mean = try number(arguments[1], name, 1)
            return .double(function(x, mean, try deviation(arguments[2], name)))
        }
    }

    private static func deviation(_ value: FieldValue, _ name: String) throws(EvaluationError) -> Double {
        let deviation = try number(value, name, 2)
        guard deviation > 0 else {
            throw .invalidArgument(
                name,
                "cannot accept \"sigma\" value of \(JavaNumber.text(deviation)). Must be greater than 0")
        }
        return deviation
    }

    private static func probability(_ p: Double) throws(EvaluationError) -> Double {
        guard p >= 0, p <= 1 else {
            throw EvaluationError(
                .invalidValue, "org.apache.commons.math3.exception.OutOfRangeException",
                "\(p) out of [0, 1] range")
        }
        return p
    }
}

/// The standard normal distribution.
enum Normal {
    static func density(_ x: Double) -> Double {
        exp(-0.5 * x * x) / (2 * Double.pi).squareRoot()
    }

    static func cumulative(_ x: Double) -> Double {
        0.5 * erfc(-x / 2.0.squareRoot())
    }

    /// The inverse of `cumulative`: Acklam's rational approximation, refined by two steps of Halley's method.
    static func quantile(_ p: Double) -> Double {
        if p <= 0 { return -.infinity }
        if p >= 1 { return .infinity }
        var x = approximation(p)
        for _ in 0..<2 {
            let error = p < 0.5 ? cumulative(x) - p : (1 - p) - cumulative(-x)
            let u = error * (2 * Double.pi).squareRoot() * exp(x * x / 2)
            x -= u / (1 + x * u / 2)
        }
        return x
    }

    private static func approximation(_ p: Double) -> Double {
        let low = 0.02425
        if p < low { return tail((-2 * log(p)).squareRoot()) }
        if p > 1 - low { return -tail((-2 * log(1 - p)).squareRoot()) }
        let q = p - 0.5
        let r = q * q
        let numerator = polynomial(
            r,
            [
                -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02,
                -3.066479806614716e+01, 2.506628277459239e+00,
            ])
        let denominator = polynomial(
            r,
            [
                -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
                -1.328068155288572e+01, 1,
            ])
        return numerator * q / denominator
    }

    private static func tail(_ q: Double) -> Double {
        let numerator = polynomial(
            q,
            [
                -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                -2.549732539343734e+00, 4.374664141464968e+00, 2.938163982698783e+00,
            ])
        let denominator = polynomial(
            q,
            [
                7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00, 1,
            ])
        return numerator / denominator
    }

    private static func polynomial(_ x: Double, _ coefficients: [Double]) -> Double {
        coefficients.reduce(0) { $0 * x + $1 }
    }
}
