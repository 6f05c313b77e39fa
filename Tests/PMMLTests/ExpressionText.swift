import PMML

/// A document whose one output `o` is the given expression over x, y, t, and fields of the other types.
func document(output expression: String, before model: String = "", type: String = "") -> [UInt8] {
    document(
        """
        \(model)<RegressionModel functionName="regression"><MiningSchema>
        <MiningField name="x"/><MiningField name="y"/><MiningField name="t"/><MiningField name="i"/>
        <MiningField name="f"/><MiningField name="b"/><MiningField name="d"/><MiningField name="m"/>
        </MiningSchema><Output><OutputField name="o" feature="transformedValue" optype="categorical" \(type)>
        \(expression)</OutputField></Output><RegressionTable intercept="1"/></RegressionModel>
        """,
        fields: """
            <DataField name="i" optype="continuous" dataType="integer"/>\
            <DataField name="f" optype="continuous" dataType="float"/>\
            <DataField name="b" optype="categorical" dataType="boolean"/>\
            <DataField name="d" optype="ordinal" dataType="date"/>\
            <DataField name="m" optype="ordinal" dataType="dateTime"/>
            """)
}

/// What an expression gives.
enum Given: Sendable, Equatable {
    case value(ResultValue)
    case error(EvaluationError.Kind)

    static func text(_ text: String) -> Given { .value(.text(text)) }
    static func double(_ number: Double) -> Given { .value(.double(number)) }
    static func integer(_ number: Int64) -> Given { .value(.integer(number)) }
    static func boolean(_ flag: Bool) -> Given { .value(.boolean(flag)) }
    static let missing = Given.value(.missing)
}

/// The output of `document(output:)` for a row.
func given(_ bytes: [UInt8], _ row: [String: String]) throws -> Given {
    let evaluator = try Evaluator.load(bytes)
    do {
        return .value(try answer(evaluator, row)["o"] ?? .missing)
    } catch let error as EvaluationError {
        return .error(error.kind)
    }
}

/// `name(a, b, ...)` over fields, or constants in quotes.
func apply(_ name: String, _ arguments: [String], _ attributes: String = "") -> String {
    let children = arguments.map { argument in
        guard argument.hasPrefix("'") else { return "<FieldRef field=\"\(argument)\"/>" }
        let text = argument.dropFirst().dropLast()
        return "<Constant dataType=\"string\">\(text)</Constant>"
    }
    return "<Apply function=\"\(name)\" \(attributes)>\(children.joined())</Apply>"
}
