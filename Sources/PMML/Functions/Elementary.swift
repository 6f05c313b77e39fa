import Glibc

extension FunctionBody {
    /// Functions of one number (and `hypot`, `x-atan2` of two).
    static func elementary(_ name: String) -> FunctionBody? {
        switch name {
        case "abs": return .unary { (a) throws(EvaluationError) in try absolute(try present(a, name, 0)) }
        case "floor": return whole(name) { (x) throws(EvaluationError) in try exact(x.rounded(.down)) }
        case "ceil": return whole(name) { (x) throws(EvaluationError) in try exact(x.rounded(.up)) }
        case "round": return whole(name, rounded)
        case "rint": return rint(name)
        case "hypot":
            return .binary { (a, b) throws(EvaluationError) in
                try present([a, b], name)
                return try finite(Glibc.hypot(try number(a, name, 0), try number(b, name, 1)), name)
            }
        case "x-atan2":
            return .binary { (a, b) throws(EvaluationError) in
                try present([a, b], name)
                return try finite(Glibc.atan2(try number(a, name, 0), try number(b, name, 1)), name)
            }
        default:
            guard let function = real(name) else { return nil }
            return .unary { (a) throws(EvaluationError) in
                try finite(function(try number(a, name, 0)), name)
            }
        }
    }

    private static func real(_ name: String) -> (@Sendable (Double) -> Double)? {
        switch name {
        case "log10": Glibc.log10
        case "ln": Glibc.log
        case "sqrt": { $0.squareRoot() }
        case "exp": Glibc.exp
        case "expm1": Glibc.expm1
        case "ln1p": Glibc.log1p
        case "sin": Glibc.sin
        case "asin": Glibc.asin
        case "sinh": Glibc.sinh
        case "cos": Glibc.cos
        case "acos": Glibc.acos
        case "cosh": Glibc.cosh
        case "tan": Glibc.tan
        case "atan": Glibc.atan
        case "tanh": Glibc.tanh
        default: nil
        }
    }

    private static func finite(_ result: Double, _ name: String) throws(EvaluationError) -> Value {
        if result.isNaN { throw .invalidResult(name) }
        return .double(result)
    }

    private static func absolute(_ value: Value) throws(EvaluationError) -> Value {
        switch value {
        case .integer(let value): return .integer(value == .min ? value : Swift.abs(value))
        case .float(let value): return .float(Swift.abs(value))
        case .double(let value): return .double(Swift.abs(value))
        case .missing, .boolean, .text, .date, .time, .dateTime, .days, .seconds, .dateSeconds, .list:
            return try Value.double(Swift.abs(try numeric(value))).converted(like: value)
        }
    }

    /// A rounding whose result is an integer.
    private static func whole(
        _ name: String, _ round: @escaping @Sendable (Double) throws(EvaluationError) -> Int32
    ) -> FunctionBody {
        .unary { (a) throws(EvaluationError) in
            let value = try present(a, name, 0)
            if case .integer = value { return value }
            if case .float(let number) = value, name == "round" {
                return .integer(Int32(clamping: Int((number + 0.5).rounded(.down).clamped)))
            }
            return .integer(try round(try numeric(value)))
        }
    }

    /// Half up; only an integer will do.
    private static func rounded(_ x: Double) throws(EvaluationError) -> Int32 {
        try exact((x + 0.5).rounded(.down))
    }

    private static func exact(_ x: Double) throws(EvaluationError) -> Int32 {
        if x.isNaN { return 0 }
        guard let exact = Int32(exactly: x) else {
            throw EvaluationError(.undefinedResult, "java.lang.ArithmeticException", "Integer overflow")
        }
        return exact
    }

    private static func rint(_ name: String) -> FunctionBody {
        .unary { (a) throws(EvaluationError) in
            let value = try present(a, name, 0)
            if case .integer = value { return value }
            return try Value.double(try numeric(value).rounded(.toNearestOrEven)).converted(like: value)
        }
    }
}

extension Float {
    /// Within the range of `Int`, NaN as zero, as Java converts to `long`.
    fileprivate var clamped: Float {
        isNaN ? 0 : Swift.min(Swift.max(self, -0x1p62), 0x1p62)
    }
}
