import JSON
import Testing

private func root(_ text: String) throws -> JSONElement { try JSONDocument.parse(Array(text.utf8)).root }

@Suite struct ElementTests {
    @Test func `a small document gives its values by name`() throws {
        let root = try root(#"{"id": null, "arguments": {"x": 1.5, "y": "é"}}"#)
        let arguments = try #require(root["arguments"])
        #expect(root["id"]?.isNull == true)
        #expect(arguments["x"]?.asDouble == 1.5)
        #expect(arguments["y"]?.asString == "é")
        #expect(arguments["z"] == nil)
        #expect(arguments["x"]?["y"] == nil)
    }

    @Test func `of members with one name the last counts, and all are iterated`() throws {
        let root = try root(#"{"a": 1, "b": 2, "a": 3}"#)
        #expect(root["a"]?.asInt64 == 3)
        #expect(root.members.map(\.name.string) == ["a", "b", "a"])
        #expect(root.members.map(\.value.asInt64) == [1, 2, 3])
        #expect(root.count == 3)
    }

    static let kinds: [(String, JSONElement.Kind)] = [
        ("null", .null), ("true", .boolean), ("false", .boolean), ("1", .number), ("1.5", .number),
        ("18446744073709551615", .number), ("\"\"", .string), ("[]", .array), ("{}", .object),
    ]

    @Test(arguments: kinds) func `each type is told from the others`(text: String, kind: JSONElement.Kind)
        throws
    {
        let element = try root(text)
        #expect(element.kind == kind)
        #expect((element.asBoolean != nil) == (kind == .boolean))
        #expect((element.asDouble != nil) == (kind == .number))
        #expect((element.asString != nil) == (kind == .string))
        #expect(element.isNull == (kind == .null))
        #expect(
            element.count == 0 && element.elements.map(\.kind).isEmpty && element.members.map(\.value).isEmpty
        )
    }

    static let numbers: [(String, Double, Int64?)] = [
        ("0", 0, 0), ("-1", -1, -1), ("30.0", 30, nil), ("1e2", 100, nil),
        ("9223372036854775807", 0x1p63, .max),
        ("-9223372036854775808", -0x1p63, .min), ("9223372036854775808", 0x1p63, nil),
        ("18446744073709551615", 0x1p64, nil), ("18446744073709551616", 0x1p64, nil),
        ("100000000000000000000000", 1e23, nil),
        ("-123456789012345678901234567890", -123456789012345677877719597056, nil),
        ("0.1", 0.1, nil), ("5e-324", .leastNonzeroMagnitude, nil),
        ("1.7976931348623157e308", .greatestFiniteMagnitude, nil),
    ]

    @Test(arguments: numbers) func `a number is the nearest double, and an integer when written as one`(
        text: String, double: Double, integer: Int64?
    ) throws {
        let element = try root("[\(text)]").elements.map { $0 }[0]
        #expect(element.asDouble == double)
        #expect(element.asInt64 == integer)
    }

    @Test func `strings come unescaped, with their zero characters`() throws {
        let element = try root(#""a\"\\\/\b\f\n\r\t\u0000\u00e9\uD83D\uDE00é""#)
        #expect(element.asString == "a\"\\/\u{8}\u{C}\n\r\t\u{0}é😀é")
        let text = try #require(element.asText)
        #expect(text == "a\"\\/\u{8}\u{C}\n\r\t\u{0}é😀é")
        #expect(!(text == "a"))
        #expect(text.utf8Count == 18)
    }

    @Test func `elements keep the document they came from`() throws {
        let elements = try (0..<20).map { try root("[\"number \($0)\"]").elements.map { $0 } }
        #expect(elements.flatMap { $0 }.map(\.asString) == (0..<20).map { "number \($0)" })
    }

    @Test func `members of nested containers are skipped whole`() throws {
        let root = try root(#"[{"a": [1, {"b": [2.5, "x"]}], "c": true}, [[], {}], -7, "s"]"#)
        #expect(root.elements.map(\.kind) == [.object, .array, .number, .string])
        #expect(root.elements.first { $0.kind == .object }?["c"]?.asBoolean == true)
    }
}

@Suite struct NumberArrayTests {
    static let arrays: [(text: String, values: [Float], shape: [Int])] = [
        ("[]", [], [0]), ("[1]", [1], [1]),
        ("[1, 2.5, -3e2, 18446744073709551615]", [1, 2.5, -300, 0x1p64], [4]),
        ("[[1,2,3],[4,5,6]]", [1, 2, 3, 4, 5, 6], [2, 3]), ("[[],[]]", [], [2, 0]),
        ("[[[1],[2]]]", [1, 2], [1, 2, 1]),
        ("[1e39]", [.infinity], [1]),
    ]

    @Test(arguments: arrays) func `numbers come in row-major order with their shape`(
        text: String, values: [Float], shape: [Int]
    ) throws {
        let element = try root(text)
        #expect(element.floats(atMost: 6) == JSONNumbers(values: values, shape: shape))
        #expect(element.doubles(atMost: 6)?.shape == shape)
    }

    @Test(arguments: [
        "1", "\"a\"", "{}", "[\"a\"]", "[null]", "[true]", "[1,[2]]", "[[1],2]", "[[1],[2,3]]", "[[1,2],[3]]",
        "[[],[1]]",
        "[[1],[]]", "[[[1]],[2]]", "[1,2,\"3\"]", "[[1],[\"2\"]]", "[{}]", "[1,2,3,4,5,6,7]", "[[1],[[2]]]",
        "[[[]],[]]",
        "[[1,2],[\"a\"]]", "[\"a\",1]", "[[\"a\",\"b\"],[1]]", "[1,null,null]",
    ])
    func `what is not an even block of numbers gives nothing`(text: String) throws {
        #expect(try root(text).floats(atMost: 6) == nil)
    }

    @Test func `integers are taken only where they are written as such`() throws {
        #expect(try root("[[1],[-2]]").integers(atMost: 9) == JSONNumbers(values: [1, -2], shape: [2, 1]))
        #expect(try root("[1, 2.0]").integers(atMost: 9) == nil)
        #expect(try root("[9223372036854775808]").integers(atMost: 9) == nil)
    }

    @Test func `uneven rows do not make room for the block they seem to begin`() throws {
        let row = "[" + Array(repeating: "1", count: 5000).joined(separator: ",") + "]"
        let element = try root("[" + row + String(repeating: ",[]", count: 4999) + "]")
        #expect(element.floats(atMost: 1 << 26) == nil)
    }

    @Test func `three thousand floats come back as they were`() throws {
        var generator = SeededGenerator(seed: 1)
        let values = (0..<3072).map { _ in Float.random(in: -3...3, using: &generator) }
        let text = "[" + values.map(\.description).joined(separator: ",") + "]"
        #expect(try root(text).floats(atMost: 3072)?.values == values)
    }
}
