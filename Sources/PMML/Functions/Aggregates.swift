extension FunctionBody {
    /// Functions over any count of numbers; missing ones are left out, except by `product`'s and `sum`'s kin.
    static func aggregate(_ name: String) -> FunctionBody? {
        switch name {
        case "min": fold(name) { (a, b) throws(EvaluationError) in try extreme(a, b, isLess: true) }
        case "max": fold(name) { (a, b) throws(EvaluationError) in try extreme(a, b, isLess: false) }
        case "sum": fold(name) { (a, b) throws(EvaluationError) in try ArithmeticOperation.add.apply(a, b) }
        case "product":
            fold(name) { (a, b) throws(EvaluationError) in try ArithmeticOperation.multiply.apply(a, b) }
        case "avg":
            .variadic(atLeast: 1, atMost: .max) { (arguments, _) throws(EvaluationError) in
                try average(arguments)
            }
        default: nil
        }
    }

    private static func fold(
        _ name: String, _ combine: @escaping @Sendable (Value, Value) throws(EvaluationError) -> Value
    ) -> FunctionBody {
        .variadic(atLeast: 1, atMost: .max) { (arguments, _) throws(EvaluationError) in
            var result = Value.missing
            for argument in arguments where !argument.isMissing {
                guard argument.value.number != nil else {
                    throw .type(expected: "double", actual: argument.value.typeName)
                }
                result = result.isMissing ? argument.value : try combine(result, argument.value)
            }
            return result
        }
    }

    private static func extreme(_ a: Value, _ b: Value, isLess: Bool) throws(EvaluationError) -> Value {
        switch try NumericPair(a, b) {
        case .integers(let a, let b): return .integer(isLess ? min(a, b) : max(a, b))
        case .floats(let a, let b): return .float(isLess ? min(a, b) : max(a, b))
        case .doubles(let a, let b): return .double(isLess ? min(a, b) : max(a, b))
        }
    }

    private static func average(_ arguments: [FieldValue]) throws(EvaluationError) -> Value {
        var sum = 0.0
        var count = 0
        for argument in arguments where !argument.isMissing {
            guard let number = argument.value.number else {
                throw .type(expected: "double", actual: argument.value.typeName)
            }
            sum += number
            count += 1
        }
        return count == 0 ? .missing : .double(sum / Double(count))
    }
}
