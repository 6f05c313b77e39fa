import PMML

/// A document with fields x, y (numbers) and t (text), one line for each piece.
func document(_ body: String, fields: String = "", version: String = "4_4") -> [UInt8] {
    let text = """
        <PMML xmlns="http://www.dmg.org/PMML-\(version)" version="4.4">
        <Header/>
        <DataDictionary>
        <DataField name="x" optype="continuous" dataType="double"/>
        <DataField name="y" optype="continuous" dataType="double"/>
        <DataField name="t" optype="categorical" dataType="string"/>\(fields)
        </DataDictionary>
        \(body)
        </PMML>
        """
    return Array(text.utf8)
}

/// The answer for inputs given as text; nil is missing.
func answer(_ evaluator: Evaluator, _ inputs: [String: String?]) throws -> [String: ResultValue] {
    var row = Row(count: evaluator.slotCount)
    for (name, text) in inputs {
        if let slot = evaluator.slot(of: name), let text { row.values[slot] = .text(text) }
    }
    let fields = try evaluator.evaluate(row).fields
    return Dictionary(fields.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last })
}

/// What a row fails with; nil where it does not.
func failure(_ evaluate: () throws -> [String: ResultValue]) -> EvaluationError? {
    do {
        _ = try evaluate()
        return nil
    } catch {
        return error as? EvaluationError
    }
}
