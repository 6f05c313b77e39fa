extension FunctionBody {
    /// Comparisons, tests of presence and validity, membership, and the connectives.
    static func logical(_ name: String) -> FunctionBody? {
        comparison(name) ?? presence(name) ?? connective(name)
    }

    private static func comparison(_ name: String) -> FunctionBody? {
        switch name {
        case "equal", "notEqual":
            let isEqual = name == "equal"
            return .binary { (a, b) throws(EvaluationError) in
                _ = try present(a, name, 0)
                return .boolean(try a.equals(try present(b, name, 1)) == isEqual)
            }
        case "lessThan": return ordered(name) { $0 < 0 }
        case "lessOrEqual": return ordered(name) { $0 <= 0 }
        case "greaterThan": return ordered(name) { $0 > 0 }
        case "greaterOrEqual": return ordered(name) { $0 >= 0 }
        default: return nil
        }
    }

    private static func ordered(_ name: String, _ test: @escaping @Sendable (Int) -> Bool) -> FunctionBody {
        .variadic(atLeast: 2, atMost: 2) { (arguments, frame) throws(EvaluationError) in
            _ = try present(arguments[0], name, 0)
            let other = try present(arguments[1], name, 1)
            return .boolean(test(try arguments[0].compare(other, orders: frame.orders)))
        }
    }

    private static func presence(_ name: String) -> FunctionBody? {
        switch name {
        case "isMissing": .unary { (a) throws(EvaluationError) in .boolean(a.isMissing) }
        case "isNotMissing": .unary { (a) throws(EvaluationError) in .boolean(!a.isMissing) }
        case "isValid": .unary { (a) throws(EvaluationError) in .boolean(!a.isMissing && a.isValid) }
        case "isNotValid": .unary { (a) throws(EvaluationError) in .boolean(!a.isMissing && !a.isValid) }
        default: nil
        }
    }

    private static func connective(_ name: String) -> FunctionBody? {
        switch name {
        case "isIn", "isNotIn":
            let isIn = name == "isIn"
            return .variadic(atLeast: 2, atMost: .max) { (arguments, _) throws(EvaluationError) in
                if arguments[0].isMissing {
                    return .boolean(arguments.dropFirst().contains(where: \.isMissing) == isIn)
                }
                for candidate in arguments.dropFirst() where !candidate.isMissing {
                    if try arguments[0].equals(candidate.value) { return .boolean(isIn) }
                }
                return .boolean(!isIn)
            }
        case "and": return joined(name) { $0 && $1 }
        case "or": return joined(name) { $0 || $1 }
        case "not": return .unary { (a) throws(EvaluationError) in .boolean(!(try truth(a, name, 0))) }
        default: return nil
        }
    }

    private static func joined(
        _ name: String, _ combine: @escaping @Sendable (Bool, Bool) -> Bool
    ) -> FunctionBody {
        .variadic(atLeast: 2, atMost: .max) { (arguments, _) throws(EvaluationError) in
            var result = try truth(arguments[0], name, 0)
            for (position, argument) in arguments.enumerated().dropFirst() {
                result = combine(result, try truth(argument, name, position))
            }
            return .boolean(result)
        }
    }

    /// An argument as a boolean.
    static func truth(
        _ value: FieldValue, _ name: String, _ position: Int
    ) throws(EvaluationError) -> Bool {
        let value = try present(value, name, position)
        guard case .boolean(let truth) = try value.converted(to: .boolean) else {
            throw .type(expected: "boolean", actual: value.typeName)
        }
        return truth
    }
}
