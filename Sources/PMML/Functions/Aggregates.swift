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
            .variadic(atLeast: 0, atMost: .max) { (arguments, _) throws(EvaluationError) in
                try average(arguments)
            }
        default: nil
        }
    }

    private static func fold(
        _ name: String, _ combine: @escaping @Sendable (Value, Value) throws(EvaluationError) -> Value
    ) -> FunctionBody {
        .variadic(atLeast: 0, atMost: .max) { (arguments, _) throws(EvaluationError) in
            var result = Value.missing
            for argument in arguments where !argument.isMissing {
                let number = try numeric(argument.value)
                if !result.isMissing {
                    result = try combine(result, argument.value)
                } else if argument.value.number != nil {
                    result = argument.value
                } else {
                    // One value alone keeps its type; two of such a type have none in common.
                    result = try Value.double(number).converted(like: argument.value)
                }
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
        var kind = Value.missing
        for argument in arguments where !argument.isMissing {
            sum += try numeric(argument.value)
            if count > 0 { _ = try NumericPair(kind, argument.value) }
            if count == 0 || isNarrower(kind, argument.value) { kind = argument.value }
            count += 1
        }
        guard count > 0 else { return .missing }
        let mean = Value.double(sum / Double(count))
        if case .integer = kind { return mean }
        return try mean.converted(like: kind)
    }

    private static func isNarrower(_ a: Value, _ b: Value) -> Bool {
        switch (a, b) {
        case (.integer, .float), (.integer, .double), (.float, .double): true
        default: false
        }
    }
}

extension Value {
    /// A number in the type of another value: text as Java prints it, a boolean where it is 0 or 1.
    func converted(like other: Value) throws(EvaluationError) -> Value {
        switch other {
        case .days, .seconds, .dateSeconds: throw .type(expected: other.typeName, actual: typeName)
        case .missing, .double, .float, .integer, .boolean, .text, .date, .time, .dateTime, .list:
            return try other.dataType.map { (type) throws(EvaluationError) in try cast(to: type) } ?? self
        }
    }
}
