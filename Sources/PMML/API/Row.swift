/// One input value as a request brings it, before the model's own parsing and treatments.
package enum InputValue: Sendable, Hashable {
    /// Absent, null, or an empty CSV cell.
    case missing
    case number(Double)
    case integer(Int64)
    case boolean(Bool)
    /// Text is parsed by the field's own data type (PMML `DataField@dataType`).
    case text(String)
    /// Several values of one field: only for the grouped fields of association and lag models.
    case list([InputValue])
    /// Anything that no field can take (a JSON object), as the text that the error message shows.
    case object(String)
}

/// One record: a value for each input slot of an `Evaluator`, initially all missing.
package struct Row: Sendable {
    /// Indexed by `Evaluator.slot(of:)`.
    package var values: [InputValue]

    /// A row of `count` missing values.
    package init(count: Int) {
        values = Array(repeating: .missing, count: count)
    }
}

/// Rows that share one group value, merged into one row of lists (`Evaluator.merge(groups:)`).
package struct RowGroup: Sendable {
    /// The merged row.
    package var row: Row
    /// The positions of the rows that went into it, in order.
    package var members: [Int]
}
