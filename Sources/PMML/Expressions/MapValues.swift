/// PMML element `MapValues`: looks a combination of field values up in a table.
struct MapValues: Expression {
    let slots: [Int]
    /// One cell a slot, in the order of `slots`, with the output.
    let rows: [(cells: [Operand], output: Literal?)]
    /// Output by text where there is one text column: the usual case, in constant time.
    let byText: [String: Int]?
    let defaultValue: Literal?
    let mapMissingTo: Literal?

    func evaluate(_ frame: Frame) throws(EvaluationError) -> FieldValue {
        var values: [FieldValue] = []
        for slot in slots {
            let value = try frame.value(slot)
            if value.isMissing { return try mapMissingTo?.get() ?? .missing }
            values.append(value)
        }
        if let byText, case .text(let text)? = values.first?.value {
            guard let row = byText[text] else { return try result(nil) }
            return try result(rows[row].output)
        }
        for row in rows where try matches(row.cells, values) { return try result(row.output) }
        return try result(nil)
    }

    private func result(_ output: Literal?) throws(EvaluationError) -> FieldValue {
        try (output ?? defaultValue)?.get() ?? .missing
    }

    private func matches(_ cells: [Operand], _ values: [FieldValue]) throws(EvaluationError) -> Bool {
        for (cell, value) in zip(cells, values) where try !cell.equals(value) { return false }
        return true
    }
}
