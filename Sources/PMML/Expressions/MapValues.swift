/// PMML element `MapValues`: looks a combination of field values up in a table.
struct MapValues: Expression {
    /// What a row of the table holds in the output column.
    enum Output: Sendable {
        case value(FieldValue)
        case none
        /// Text that the declared type cannot take: rows that come here fail.
        case failing(EvaluationError)
    }

    let slots: [Int]
    /// One cell a slot, in the order of `slots`, with the output.
    let rows: [(cells: [Operand], output: Output)]
    /// Output by text where there is one text column: the usual case, in constant time.
    let byText: [String: Int]?
    let defaultValue: FieldValue?
    let mapMissingTo: FieldValue?

    func evaluate(_ frame: Frame) throws(EvaluationError) -> FieldValue {
        var values: [FieldValue] = []
        for slot in slots {
            let value = try frame.value(slot)
            if value.isMissing { return mapMissingTo ?? .missing }
            values.append(value)
        }
        if let byText, case .text(let text)? = values.first?.value {
            guard let row = byText[text] else { return defaultValue ?? .missing }
            return try result(rows[row].output)
        }
        for row in rows where try matches(row.cells, values) { return try result(row.output) }
        return defaultValue ?? .missing
    }

    private func result(_ output: Output) throws(EvaluationError) -> FieldValue {
        switch output {
        case .value(let value): return value
        case .none: return defaultValue ?? .missing
        case .failing(let error): throw error
        }
    }

    private func matches(_ cells: [Operand], _ values: [FieldValue]) throws(EvaluationError) -> Bool {
        for (cell, value) in zip(cells, values) where try !cell.equals(value) { return false }
        return true
    }
}
