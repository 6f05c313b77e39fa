import Fuzzing
import JSON

/// Each construct of the grammar, and what lies just outside it.
private let texts = [
    #"{"id": null, "arguments": {"x": 1.5, "y": "é", "z": [true, false]}}"#, "[[1,2,3],[4.5,-6e-7,0]]",
    #""\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00""#, "[123456789012345678901234567890, -0, 1e308, 5e-324]",
    #"{"a": 1, "a": {"b": [[], {}]}}"#, " [ ] ", "1e400", #""\uDC00""#, "\u{FEFF}{}", "[01]", "nul",
    String(repeating: "[", count: 70),
]

fuzz(seeds: texts.map { Array($0.utf8) }, check)

@Sendable private func check(_ bytes: [UInt8]) {
    do throws(JSONError) {
        let document = try JSONDocument.parse(bytes)
        var writer = JSONWriter(bytes.count % 2 == 0 ? .compact : .openscoring)
        write(document.root, to: &writer)
        guard let copy = try? JSONDocument.parse(writer.bytes, limits: JSONLimits(depthMax: 65)).root,
            same(document.root, copy)
        else { fatalError("what was written does not read back") }
        _ = document.root.floats(atMost: 1000)
        _ = document.root.integers(atMost: 1000)
    } catch {
        guard error.reason != .refused else { fatalError("simdjson and the scanner disagree") }
        guard (0...bytes.count).contains(error.offset), error.line > 0, error.column > 0 else {
            fatalError("the place \(error) is outside the text")
        }
    }
}

private func write(_ element: JSONElement, to writer: inout JSONWriter) {
    switch element.kind {
    case .null: writer.null()
    case .boolean: writer.boolean(element.asBoolean ?? false)
    case .number:
        if let integer = element.asInt64 {
            writer.integer(integer)
        } else {
            writer.double(element.asDouble ?? .nan)
        }
    case .string: writer.string(element.asString ?? "")
    case .array:
        writer.beginArray()
        for item in element.elements { write(item, to: &writer) }
        writer.endArray()
    case .object:
        writer.beginObject()
        for member in element.members {
            writer.name(member.name.string)
            write(member.value, to: &writer)
        }
        writer.endObject()
    }
}

private func same(_ one: JSONElement, _ other: JSONElement) -> Bool {
    guard one.kind == other.kind, one.count == other.count else { return false }
    switch one.kind {
    case .null: return true
    case .boolean: return one.asBoolean == other.asBoolean
    case .number: return one.asInt64 == other.asInt64 && one.asDouble == other.asDouble
    case .string: return one.asText?.bytes == other.asText?.bytes
    case .array: return zip(one.elements, other.elements).allSatisfy(same)
    case .object:
        return zip(one.members, other.members).allSatisfy {
            $0.name.bytes == $1.name.bytes && same($0.value, $1.value)
        }
    }
}
