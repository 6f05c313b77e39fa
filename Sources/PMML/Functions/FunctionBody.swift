/// A built-in function by its number of arguments; one and two need no argument array.
enum FunctionBody: Sendable {
    case unary(@Sendable (FieldValue) throws(EvaluationError) -> Value)
    case binary(@Sendable (FieldValue, FieldValue) throws(EvaluationError) -> Value)
    case variadic(
        atLeast: Int, atMost: Int, @Sendable ([FieldValue], Frame) throws(EvaluationError) -> Value)
    /// `if`: evaluates one branch only.
    case conditional
}

extension FunctionBody {
    /// The built-in function called `name`, or nil.
    static func builtIn(_ name: String) -> FunctionBody? {
        if let body = known(name) { return body }
        // Before they became standard, functions had the prefix of extensions; it is still understood.
        return name.hasPrefix("x-") ? known(String(name.dropFirst(2))) : nil
    }

    private static func known(_ name: String) -> FunctionBody? {
        arithmetic(name) ?? elementary(name) ?? statistical(name) ?? aggregate(name) ?? logical(name)
            ?? textual(name) ?? temporal(name) ?? (name == "if" ? .conditional : nil)
    }
}

extension EvaluationError {
    /// An argument that a function needs.
    static func missingArgument(_ function: String, _ position: Int) -> EvaluationError {
        EvaluationError(
            .missingValue, "org.jpmml.evaluator.MissingArgumentException",
            "Function \"\(function)\" cannot accept missing value at position \(position)")
    }

    /// A result that is no number; `Apply@invalidValueTreatment` decides what comes of it.
    static func invalidResult(_ function: String) -> EvaluationError {
        EvaluationError(
            .undefinedResult, "org.jpmml.evaluator.EvaluationException",
            "Function \"\(function)\" returned invalid value")
    }

    /// Integer arithmetic without a result: division by zero, or past 32 bits.
    static func failed(_ function: String) -> EvaluationError {
        EvaluationError(.type, "org.jpmml.evaluator.ApplyException", "Function \"\(function)\" failed")
    }

    /// No result, and nothing to say of it.
    static let undefined = EvaluationError(
        .undefinedResult, "org.jpmml.evaluator.UndefinedResultException", "Undefined result")

    /// An argument that a function cannot use.
    static func invalidArgument(_ function: String, _ reason: String) -> EvaluationError {
        EvaluationError(
            .type, "org.jpmml.evaluator.InvalidArgumentException", "Function \"\(function)\" \(reason)")
    }
}

/// Checks that an argument is there.
func present(_ value: FieldValue, _ function: String, _ position: Int) throws(EvaluationError) -> Value {
    if value.isMissing { throw .missingArgument(function, position) }
    return value.value
}

/// Checks that all arguments are there, before any is converted.
func present(_ values: [FieldValue], _ function: String) throws(EvaluationError) {
    for (position, value) in values.enumerated() where value.isMissing {
        throw .missingArgument(function, position)
    }
}

/// An argument as a number: text is parsed, a boolean is 1 or 0, a count of days or seconds is its count.
func number(_ value: FieldValue, _ function: String, _ position: Int) throws(EvaluationError) -> Double {
    try numeric(try present(value, function, position))
}

/// A present value as a number.
func numeric(_ value: Value) throws(EvaluationError) -> Double {
    if let number = value.number { return number }
    guard case .double(let number) = try value.converted(to: .double) else {
        throw .type(expected: "double", actual: value.typeName)
    }
    return number
}

/// An argument as a 32-bit integer.
func integer(_ value: FieldValue, _ function: String, _ position: Int) throws(EvaluationError) -> Int {
    guard case .integer(let integer) = try present(value, function, position).converted(to: .integer) else {
        throw .type(expected: "integer", actual: value.value.typeName)
    }
    return Int(integer)
}

/// An argument as text: numbers and booleans as Java prints them.
func text(_ value: FieldValue, _ function: String, _ position: Int) throws(EvaluationError) -> String {
    guard case .text(let text) = try present(value, function, position).cast(to: .string) else {
        throw .type(expected: "string", actual: value.value.typeName)
    }
    return text
}
