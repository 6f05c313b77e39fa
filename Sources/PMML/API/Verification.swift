/// PMML element `ModelVerification`: rows with the answers that the document's author expects.
struct Verification: Sendable {
    /// PMML element `VerificationField`.
    struct Field: Sendable {
        let name: String
        let column: String
        let precision: Double
        let zeroThreshold: Double
    }

    let fields: [Field]
    /// Cell texts by column.
    let rows: [[String: String]]
    let line: Int
    /// More rows than this are not run.
    static let rowsMax = 10_000

    init?(_ model: Element) {
        guard let element = model.child("ModelVerification"), let table = element.child("InlineTable") else {
            return nil
        }
        line = element.line
        fields = (element.child("VerificationFields")?.children("VerificationField") ?? []).compactMap {
            field in
            guard let name = field["field"] else { return nil }
            return Field(
                name: name, column: InlineCell.name(field["column"] ?? name),
                precision: field["precision"].flatMap(JavaNumber.double) ?? 1e-6,
                zeroThreshold: field["zeroThreshold"].flatMap(JavaNumber.double) ?? 1e-16)
        }
        rows = table.children("row").prefix(Verification.rowsMax).map { row in
            Dictionary(
                row.children.map { (InlineCell.name($0.name), $0.text) }, uniquingKeysWith: { a, _ in a })
        }
    }
}

extension Evaluator {
    /// Runs the document's own verification records.
    ///
    /// - Throws: `PMMLError.verificationFailed` at the first record that does not agree.
    package func verify() throws(PMMLError) {
        guard let verification else { return }
        for (index, cells) in verification.rows.enumerated() {
            var row = Row(count: slotCount)
            for field in verification.fields {
                guard let slot = slot(of: field.name), let text = cells[field.column], !text.isEmpty else {
                    continue
                }
                row.values[slot] = .text(text)
            }
            let results: Results
            do throws(EvaluationError) {
                results = try evaluate(row)
            } catch {
                throw .verificationFailed("verification record \(index + 1): \(error.message)")
            }
            for field in verification.fields where slot(of: field.name) == nil {
                guard let actual = results[field.name], let expected = cells[field.column] else { continue }
                guard field.agrees(actual, expected) else {
                    throw .verificationFailed(
                        "verification record \(index + 1): field \"\(field.name)\" is \(actual), "
                            + "expected \(expected)")
                }
            }
        }
    }
}

extension Verification.Field {
    /// Whether an answer is what the record expects, within the declared precision.
    func agrees(_ actual: ResultValue, _ expected: String) -> Bool {
        switch actual {
        case .missing: return expected.isEmpty
        case .double(let number): return agrees(number, expected)
        case .float(let number): return agrees(Double(number), expected)
        case .integer(let number): return agrees(Double(number), expected)
        case .boolean(let flag): return expected.lowercased() == (flag ? "true" : "false")
        case .text(let text): return sameText(text, expected) || agreesAsNumbers(text, expected)
        case .list: return true
        }
    }

    private func agreesAsNumbers(_ text: String, _ expected: String) -> Bool {
        guard let a = JavaNumber.double(text) else { return false }
        return agrees(a, expected)
    }

    private func agrees(_ number: Double, _ expected: String) -> Bool {
        guard let expected = JavaNumber.double(expected) else { return false }
        if abs(expected) <= zeroThreshold { return abs(number) <= zeroThreshold || abs(number) <= precision }
        return abs(number - expected) <= precision * abs(expected)
    }
}
