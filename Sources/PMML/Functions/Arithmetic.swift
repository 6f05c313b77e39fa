import Glibc

/// The numeric types in the order of promotion.
enum NumericPair {
    case integers(Int32, Int32)
    case floats(Float, Float)
    case doubles(Double, Double)

    /// Two numbers in the wider of their types.
    init(_ a: Value, _ b: Value) throws(EvaluationError) {
        switch (a, b) {
        case (.integer(let a), .integer(let b)): self = .integers(a, b)
        case (.float(let a), .float(let b)): self = .floats(a, b)
        case (.integer(let a), .float(let b)): self = .floats(Float(a), b)
        case (.float(let a), .integer(let b)): self = .floats(a, Float(b))
        default:
            guard let x = a.number, let y = b.number else {
                throw .evaluation(
                    "No PMML data type for the intersection of PMML data types "
                        + "\(a.typeName) and \(b.typeName)")
            }
            self = .doubles(x, y)
        }
    }
}

/// The four operations, and those that share their promotion rules.
enum ArithmeticOperation: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case modulo = "modulo"
    case power = "pow"
    case threshold = "threshold"

    /// Applies the operation to two present numbers.
    func apply(_ a: Value, _ b: Value) throws(EvaluationError) -> Value {
        switch try NumericPair(a, b) {
        case .integers(let a, let b): return .integer(try integers(a, b))
        case .floats(let a, let b):
            let result = floats(a, b)
            if result.isNaN { throw .invalidResult(rawValue) }
            return .float(result)
        case .doubles(let a, let b):
            let result = doubles(a, b)
            if result.isNaN { throw .invalidResult(rawValue) }
            return .double(result)
        }
    }

    private func integers(_ a: Int32, _ b: Int32) throws(EvaluationError) -> Int32 {
        switch self {
        case .add: return try checked(a.addingReportingOverflow(b))
        case .subtract: return try checked(a.subtractingReportingOverflow(b))
        case .multiply: return try checked(a.multipliedReportingOverflow(by: b))
        case .divide:
            return try checked(a.dividedReportingOverflow(by: b))
        case .modulo:
            if b == 0 { return try checked((a, true)) }
            let rest = a.remainderReportingOverflow(dividingBy: b).partialValue
            return rest != 0 && (rest < 0) != (b < 0) ? rest &+ b : rest
        case .power: return try power(a, b)
        case .threshold: return a > b ? 1 : 0
        }
    }

    private func power(_ base: Int32, _ exponent: Int32) throws(EvaluationError) -> Int32 {
        guard exponent >= 0 else {
            throw .invalidArgument(
                rawValue,
                "cannot accept \"exponent\" value of \(exponent). Must be equal to or greater than 0")
        }
        let result = pow(Double(base), Double(exponent))
        guard let exact = Int32(exactly: result) else {
            throw EvaluationError(.undefinedResult, "java.lang.ArithmeticException", "integer overflow")
        }
        return exact
    }

    private func checked(_ result: (partialValue: Int32, overflow: Bool)) throws(EvaluationError) -> Int32 {
        if result.overflow { throw .failed(rawValue) }
        return result.partialValue
    }

    private func floats(_ a: Float, _ b: Float) -> Float {
        switch self {
        case .add: a + b
        case .subtract: a - b
        case .multiply: a * b
        case .divide: a / b
        case .modulo, .power, .threshold: Float(doubles(Double(a), Double(b)))
        }
    }

    private func doubles(_ a: Double, _ b: Double) -> Double {
        switch self {
        case .add: a + b
        case .subtract: a - b
        case .multiply: a * b
        case .divide: a / b
        case .modulo: a - b * (a / b).rounded(.down)
        case .power: pow(a, b)
        case .threshold: a > b ? 1 : 0
        }
    }
}

extension FunctionBody {
    static func arithmetic(_ name: String) -> FunctionBody? {
        guard let operation = ArithmeticOperation(rawValue: name) else { return nil }
        switch operation {
        case .add, .subtract, .multiply, .divide, .modulo:
            return .binary { (a, b) throws(EvaluationError) in
                if a.isMissing || b.isMissing { return .missing }
                return try operation.apply(a.value, b.value)
            }
        case .power, .threshold:
            return .binary { (a, b) throws(EvaluationError) in
                try operation.apply(try present(a, name, 0), try present(b, name, 1))
            }
        }
    }
}
