/// A compiled PMML expression (element group `EXPRESSION`).
protocol Expression: Sendable {
    /// The expression's value for the row in `frame`.
    func evaluate(_ frame: Frame) throws(EvaluationError) -> FieldValue
}

/// PMML element `Constant`.
struct ConstantExpression: Expression {
    let value: FieldValue

    func evaluate(_ frame: Frame) -> FieldValue { value }
}

/// A constant in an attribute or a table; text that its type cannot take fails the rows that come to it.
enum Literal: Sendable {
    case value(FieldValue)
    case failing(EvaluationError)

    /// The constant.
    func get() throws(EvaluationError) -> FieldValue {
        switch self {
        case .value(let value): return value
        case .failing(let error): throw error
        }
    }
}

/// An expression that the document gets wrong: every row that reaches it fails.
struct FailingExpression: Expression {
    let error: EvaluationError
    /// Its field, where a missing one is noticed first.
    var slot: Int?

    func evaluate(_ frame: Frame) throws(EvaluationError) -> FieldValue {
        if let slot, try frame.value(slot).isMissing { return .missing }
        throw error
    }
}

/// PMML element `FieldRef`.
struct FieldReference: Expression {
    let slot: Int
    let mapMissingTo: Value?

    func evaluate(_ frame: Frame) throws(EvaluationError) -> FieldValue {
        let value = try frame.value(slot)
        if value.isMissing, let mapMissingTo { return FieldValue(mapMissingTo) }
        return value
    }
}

/// PMML element `DerivedField`: an expression converted to the field's declared type.
struct DerivedField: Sendable {
    /// Nil where the field stands inside a model's own element and needs no name.
    let name: String?
    let expression: any Expression
    let dataType: DataType?
    let opType: OpType?
    let order: UInt16

    func evaluate(_ frame: Frame) throws(EvaluationError) -> FieldValue {
        let result = try expression.evaluate(frame)
        if result.isMissing { return .missing }
        if case .list = result.value { return result }
        guard let dataType else {
            guard let opType else { return result }
            return FieldValue(result.value, opType, order: order)
        }
        let value = try result.value.converted(to: dataType)
        return FieldValue(value, opType ?? dataType.naturalOpType, order: order)
    }
}
