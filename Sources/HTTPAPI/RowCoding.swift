import JSON
import PMML

extension Evaluator {
    /// The row that the arguments fill: unknown names are ignored, of equal names the last counts, absent and
    /// null are missing.
    func row(_ arguments: JSONElement) -> Row {
        var row = Row(count: slotCount)
        // Clients usually name the fields in the model's order: then no name is copied or looked up.
        var next = 0
        for (name, value) in arguments.members {
            let slot: Int
            if next < inputFields.count, name == inputFields[next].id {
                slot = next
            } else {
                guard let known = self.slot(of: name.string) else { continue }
                slot = known
            }
            next = slot + 1
            if row.values.indices.contains(slot) { row.values[slot] = InputValue(value) }
        }
        return row
    }
}

extension InputValue {
    /// A JSON value as the evaluator takes it; its own data type decides later whether it fits.
    init(_ element: JSONElement) {
        switch element.kind {
        case .null: self = .missing
        case .boolean: self = .boolean(element.asBoolean ?? false)
        case .number: self = element.asInt64.map { .integer($0) } ?? .number(element.asDouble ?? .nan)
        case .string: self = .text(element.asString ?? "")
        case .array: self = .list(element.elements.map { InputValue($0) })
        case .object: self = .object(javaText(element))
        }
    }
}

/// As Java prints maps and lists, for messages: `{x=1}`, `[1, a]`. Depth is bounded by the parser.
private func javaText(_ element: JSONElement) -> String {
    switch element.kind {
    case .null: "null"
    case .boolean: element.asBoolean == true ? "true" : "false"
    case .number: element.asInt64.map { "\($0)" } ?? "\(element.asDouble ?? .nan)"
    case .string: element.asString ?? ""
    case .array: "[" + element.elements.map(javaText).joined(separator: ", ") + "]"
    case .object:
        "{" + element.members.map { "\($0.name.string)=\(javaText($0.value))" }.joined(separator: ", ") + "}"
    }
}

extension JSONWriter {
    /// `{"field": value, ...}`; a missing value is null. Past the writer's bound it stops.
    mutating func results(_ results: Results) {
        beginObject()
        for (name, value) in zip(results.layout.names, results.values) {
            guard hasRoom(for: 1) else { return }
            self.name(name)
            self.value(value)
        }
        endObject()
    }

    private mutating func value(_ value: ResultValue) {
        switch value {
        case .missing: null()
        case .double(let number): double(number)
        case .float(let number): float(number)
        case .integer(let number): integer(number)
        case .boolean(let truth): boolean(truth)
        case .text(let text): string(text)
        case .list(let values):
            beginArray()
            for value in values {
                guard hasRoom(for: 1) else { return }
                self.value(value)
            }
            endArray()
        }
    }
}

extension ResultValue {
    /// The cell of a table: `nil` is empty, doubles keep their point (`1.0`), lists print as `[1, 3]`.
    var cell: String? {
        switch self {
        case .missing: nil
        case .double(let number): number.isFinite ? "\(number)" : number.isNaN ? "NaN" : infinity(number < 0)
        case .float(let number): number.isFinite ? "\(number)" : number.isNaN ? "NaN" : infinity(number < 0)
        case .integer(let number): "\(number)"
        case .boolean(let truth): truth ? "true" : "false"
        case .text(let text): text
        case .list(let values): "[" + values.map { $0.cell ?? "null" }.joined(separator: ", ") + "]"
        }
    }

    private func infinity(_ isNegative: Bool) -> String { isNegative ? "-Infinity" : "Infinity" }
}
