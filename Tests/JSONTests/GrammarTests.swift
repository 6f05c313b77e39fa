import Testing

@testable import JSON

private func parse(_ text: String, _ limits: JSONLimits = .init()) throws -> JSONDocument {
    try JSONDocument.parse(Array(text.utf8), limits: limits)
}

private func fault(_ bytes: [UInt8], _ limits: JSONLimits = .init()) -> JSONError? {
    do {
        _ = try JSONDocument.parse(bytes, limits: limits)
        return nil
    } catch {
        return error
    }
}

@Suite struct GrammarTests {
    static let accepted = [
        "0", "-0", "1", "-1", "12", "1.5", "-1.5e10", "1E+2", "1e-2", "0e0", "0.0e-0", "1e308", "1e-400",
        "0e99999999999999999999", "123456789012345678901234567890", "-99999999999999999999",
        "18446744073709551616",
        "true", "false", "null", " null ", "\t\r\n null\n", "\"\"", "\"a\"", "[]", "{}", "[ ]", "{ }",
        "[[]]", "[{}]", "{\"\":0}", "{\"a\":[]}", "[1,2,3]", "[1, [2, [3]]]", "{\"a\":1,\"a\":2}",
        #""\"\\\/\b\f\n\r\t""#, #""\u0041""#, #""\u00e9""#, #""\uD83D\uDE00""#, #""\u0000""#, #""\uFFFF""#,
        "\"\u{7F}\"", "\"é\"", "\"\u{2028}\"", "\"😀\"", "\"\u{10FFFF}\"", "\"\u{FEFF}\"",
        "[123456789012345678901234567890,18446744073709551615,-9223372036854775808]",
    ]

    @Test(arguments: accepted) func `a text of the grammar is taken`(text: String) throws {
        #expect(fault(Array(text.utf8)) == nil)
    }

    static let refused = [
        "", " ", "\n", "nul", "nulll", "True", "TRUE", "NaN", "Infinity", "-Infinity", "-", "+1", "01", "-01",
        "00",
        "1.", ".5", "-.5", "1e", "1e+", "1.e5", "0x10", "1_000", "1 2", "1,", "1e400", "-1e400", "1e309",
        "--1",
        "\"", "\"a", "'a'", "a", "\"\\\"", #""\x""#, #""\u00""#, #""\u00g0""#, #""\uD800""#, #""\uDC00""#,
        #""\uD800\u0041""#, #""\uDC00\uD800""#, #""\uD800\uD800""#, #""a\uDFFFb""#, #""\uD83D\uDE00\uDE00""#,
        "\"\n\"", "\"\t\"", "\"\u{0}\"", "\"\u{1F}\"", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1,,2]",
        "[1 2]",
        "[1}", "{", "}", "{]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{'a':1}",
        "{1:1}",
        "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\":1]", "{,}", "{\"a\"}", "{null:1}", "[] []", "{}{}",
        "null null",
        "[1]x", "// a\n1", "1 // a", "/**/1", "[1, /* */ 2]", "\u{FEFF}1", "\u{A0}1", "\u{2028}1", "tru",
        "[tru]",
        "[fals,1]", "[nul]", "1\u{0}", "\u{0}", "[1\u{0}]", "[\"a\",\n4\n,1,", "1.5.5", "1e5e5", "1a", "[1a]",
        "[-]", "- 1",
        "[1e400]", "{\"a\":1e999}", "9" + String(repeating: "0", count: 400),
    ]

    @Test(arguments: refused) func `a text outside the grammar is refused with its place`(text: String) throws
    {
        let error = try #require(fault(Array(text.utf8)))
        #expect(error.reason != .refused)
        #expect((0...text.utf8.count).contains(error.offset))
        #expect(error.line >= 1 && error.column >= 1)
    }

    static let notUTF8: [[UInt8]] = [
        [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x80, 0x80], [0xE2, 0x82],
        [0xED, 0xA0, 0x80],
        [0xED, 0xBF, 0xBF], [0xEF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x9F, 0x98],
        [0xF4, 0x90, 0x80, 0x80],
        [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF],
    ]

    @Test(arguments: notUTF8) func `bytes that are not UTF-8 are refused where they begin`(bytes: [UInt8])
        throws
    {
        let error = try #require(fault(Array("[\"ab".utf8) + bytes + Array("\"]".utf8)))
        #expect(error.reason == .invalidUTF8)
        #expect(error.offset == 4)
    }

    static let places: [(text: String, reason: JSONError.Reason, offset: Int, line: Int, column: Int)] = [
        ("[1,\n 2,\n  x]", .unexpected(UInt8(ascii: "x"), expected: .value), 10, 3, 3),
        ("{\"é\": nope}", .unexpected(UInt8(ascii: "n"), expected: .value), 7, 1, 7),
        ("{\"a\" 1}", .unexpected(UInt8(ascii: "1"), expected: .colon), 5, 1, 6),
        ("[1 2]", .unexpected(UInt8(ascii: "2"), expected: .commaOrArrayEnd), 3, 1, 4),
        ("{\"a\":1,}", .unexpected(UInt8(ascii: "}"), expected: .memberName), 7, 1, 8),
        ("{1:2}", .unexpected(UInt8(ascii: "1"), expected: .memberNameOrEnd), 1, 1, 2),
        ("[1", .unexpectedEnd(expected: .commaOrArrayEnd), 2, 1, 3),
        ("\"abc", .unexpectedEnd(expected: .quote), 4, 1, 5),
        ("\"a\u{1}\"", .controlCharacter(1), 2, 1, 3),
        (#"["a\q"]"#, .invalidEscape, 3, 1, 4),
        (#"["\uD800x"]"#, .loneSurrogate, 2, 1, 3),
        ("[01]", .invalidNumber, 1, 1, 2),
        ("\n[1e400]", .numberTooLarge, 2, 2, 2),
        ("{} x", .trailing(UInt8(ascii: "x")), 3, 1, 4),
        ("  ", .empty, 2, 1, 3),
        ("\u{FEFF}{}", .byteOrderMark, 0, 1, 1),
    ]

    @Test(arguments: places) func `an error says what is wrong and where`(
        text: String, reason: JSONError.Reason, offset: Int, line: Int, column: Int
    ) throws {
        let expected = JSONError(reason: reason, offset: offset, line: line, column: column)
        #expect(fault(Array(text.utf8)) == expected)
    }

    @Test func `an error reads as a sentence`() {
        let error = fault(Array("[1,\n ]".utf8))
        #expect(error?.description == "line 2, column 2: expected a value, found ']'")
    }
}

@Suite struct LimitTests {
    private func nested(_ levels: Int, _ inner: String = "1") -> [UInt8] {
        Array((String(repeating: "[", count: levels) + inner + String(repeating: "]", count: levels)).utf8)
    }

    @Test func `the deepest nesting allowed is taken and one more is not`() {
        let limits = JSONLimits(depthMax: 5)
        #expect(fault(nested(5), limits) == nil)
        #expect(fault(nested(6), limits)?.reason == .tooDeep(limit: 5))
        #expect(
            fault(Array(#"{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}"#.utf8), limits)?.reason == .tooDeep(limit: 5)
        )
    }

    @Test func `a hundred thousand open brackets are refused at the limit`() {
        #expect(fault(Array(repeating: UInt8(ascii: "["), count: 100_000))?.offset == 64)
        #expect(fault(Array(String(repeating: "{\"a\":", count: 100_000).utf8))?.offset == 5 * 64)
        #expect(fault(nested(100_000))?.reason == .tooDeep(limit: 64))
    }

    @Test func `a text longer than the limit is refused before it is read`() {
        let limits = JSONLimits(bytesMax: 4)
        #expect(fault(Array("1234".utf8), limits) == nil)
        #expect(fault(Array("12345".utf8), limits)?.reason == .tooLarge(bytes: 5, limit: 4))
    }

    @Test func `a document larger than any before it is parsed after small ones`() throws {
        for count in [1, 1000, 100_000, 10] {
            let text = "[" + (0..<count).map(String.init).joined(separator: ",") + "]"
            let root = try parse(text).root
            #expect(root.count == count)
            #expect(root.integers(atMost: count)?.values == (0..<count).map(Int64.init))
        }
    }

    @Test func `nothing at all is an empty text`() throws {
        #expect(throws: JSONError(reason: .empty, offset: 0, line: 1, column: 1)) {
            try JSONDocument.parse([])
        }
    }
}
