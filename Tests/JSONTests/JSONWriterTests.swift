import JSON
import Testing

private func written(_ style: JSONWriter.Style, _ body: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter(style)
    body(&writer)
    return String(decoding: writer.bytes, as: UTF8.self)
}

@Suite struct LayoutTests {
    private func response(_ writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("id")
        writer.string("batch")
        writer.name("responses")
        writer.beginArray()
        for number in 1...2 {
            writer.beginObject()
            writer.name("values")
            writer.floats([1, 0.5])
            writer.name("inner")
            writer.beginObject()
            writer.name("n")
            writer.integer(number)
            writer.endObject()
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }

    @Test func `Openscoring's layout opens objects in arrays on the same line`() {
        let expected = """
            {
              "id" : "batch",
              "responses" : [ {
                "values" : [ 1.0, 0.5 ],
                "inner" : {
                  "n" : 1
                }
              }, {
                "values" : [ 1.0, 0.5 ],
                "inner" : {
                  "n" : 2
                }
              } ]
            }
            """
        #expect(written(.openscoring, response) == expected)
    }

    @Test func `the compact layout has no space`() {
        let one = #"{"values":[1.0,0.5],"inner":{"n":1}}"#
        let two = #"{"values":[1.0,0.5],"inner":{"n":2}}"#
        #expect(written(.compact, response) == #"{"id":"batch","responses":[\#(one),\#(two)]}"#)
    }

    @Test func `empty containers keep one space in Openscoring's layout`() {
        func empties(_ writer: inout JSONWriter) {
            writer.beginArray()
            writer.beginObject()
            writer.endObject()
            writer.beginArray()
            writer.endArray()
            writer.null()
            writer.boolean(true)
            writer.boolean(false)
            writer.endArray()
        }
        #expect(written(.openscoring, empties) == "[ { }, [ ], null, true, false ]")
        #expect(written(.compact, empties) == "[{},[],null,true,false]")
    }

    @Test func `closing what was not opened writes nothing`() {
        #expect(written(.compact) { $0.endObject() }.isEmpty)
    }
}

@Suite struct ScalarTests {
    static let strings: [(String, String)] = [
        ("", "\"\""), ("abc", "\"abc\""), ("\"\\/", #""\"\\/""#), ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#),
        ("\u{0}\u{1F}\u{7F}", "\"\\u0000\\u001F\u{7F}\""), ("é😀\u{2028}", "\"é😀\u{2028}\""),
        ("a\"b\"c", #""a\"b\"c""#),
    ]

    @Test(arguments: strings) func `text is escaped only where it must be`(text: String, expected: String)
        throws
    {
        let json = written(.compact) { $0.string(text) }
        #expect(json == expected)
        #expect(try JSONDocument.parse(Array(json.utf8)).root.asString == text)
    }

    static let doubles: [(Double, String)] = [
        (0, "0.0"), (-0.0, "-0.0"), (1, "1.0"), (-1.5, "-1.5"), (0.1, "0.1"), (100, "100.0"),
        (1e5, "100000.0"),
        (123456789, "123456789.0"), (1e-4, "0.0001"), (1e-5, "1e-05"), (0x1p53, "9007199254740992.0"),
        (1e16, "1e+16"),
        (1.5e300, "1.5e+300"), (.leastNonzeroMagnitude, "5e-324"),
        (.greatestFiniteMagnitude, "1.7976931348623157e+308"),
        (0.9074074074074074, "0.9074074074074074"), (.nan, "\"NaN\""), (.infinity, "\"Infinity\""),
        (-.infinity, "\"-Infinity\""),
    ]

    @Test(arguments: doubles) func `a double takes its shortest text`(value: Double, text: String) {
        #expect(written(.compact) { $0.double(value) } == text)
    }

    static let floats: [(Float, String)] = [
        (0.1, "0.1"), (1, "1.0"), (16777216, "16777216.0"), (1e15, "1e+15"), (3.4028235e38, "3.4028235e+38"),
        (.leastNonzeroMagnitude, "1e-45"), (.nan, "\"NaN\""), (-.infinity, "\"-Infinity\""),
    ]

    @Test(arguments: floats) func `a float takes its own shortest text, not the double's`(
        value: Float, text: String
    ) {
        #expect(written(.compact) { $0.float(value) } == text)
    }

    @Test(arguments: [0, 1, -1, 10, 1_234_567_890, .max, .min] as [Int64])
    func `integers are written in full`(value: Int64) {
        #expect(written(.compact) { $0.integer(value) } == String(value))
    }

    private func digits(_ text: String) -> Int {
        text.prefix { $0 != "e" }.filter(\.isNumber).drop { $0 == "0" }.reversed().drop { $0 == "0" }.count
    }

    @Test(arguments: 0..<8)
    func `any finite double reads back to the same bits, in no more digits than needed`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let values = (0..<2000).map { _ in Double(bitPattern: generator.next()) }.filter(\.isFinite)
        let json = written(.compact) { $0.doubles(values) }
        let read = try JSONDocument.parse(Array(json.utf8)).root.doubles(atMost: values.count)
        #expect(read?.values.map(\.bitPattern) == values.map(\.bitPattern))
        for (text, value) in zip(json.dropFirst().dropLast().split(separator: ","), values) {
            #expect(digits(String(text)) == digits(value.description), "\(text) for \(value)")
        }
    }

    @Test(arguments: 0..<8)
    func `any finite float reads back to the same bits, in no more digits than needed`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let values = (0..<2000).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: generator.next())) }
            .filter(\.isFinite)
        let json = written(.compact) { $0.floats(values) }
        for (text, value) in zip(json.dropFirst().dropLast().split(separator: ","), values) {
            #expect(Float(text)?.bitPattern == value.bitPattern)
            #expect(digits(String(text)) == digits(value.description), "\(text) for \(value)")
        }
    }
}

@Test(arguments: [1, 63, 64, 65, 130])
func `Arrays and objects nest as deep as they are asked to`(depth: Int) throws {
    var writer = JSONWriter(.compact)
    for level in 0..<depth {
        if level % 3 == 0 {
            writer.beginObject()
            writer.name("a")
        } else {
            writer.beginArray()
            writer.integer(level)
        }
    }
    writer.null()
    for level in (0..<depth).reversed() {
        if level % 3 == 0 {
            writer.name("b")
            writer.boolean(true)
            writer.endObject()
        } else {
            writer.integer(level)
            writer.endArray()
        }
    }
    var expected = "null"
    for level in (0..<depth).reversed() {
        expected = level % 3 == 0 ? "{\"a\":\(expected),\"b\":true}" : "[\(level),\(expected),\(level)]"
    }
    #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)
    #expect(try JSONDocument.parse(writer.bytes, limits: JSONLimits(depthMax: 200)).root.kind != .null)
}

@Suite struct BoundTests {
    @Test func `a text has room up to its bound, and none ever after it was asked for more`() {
        var writer = JSONWriter(.compact, bytesMax: 10)
        let rooms = [10, 0, 11, 0].map { writer.hasRoom(for: $0) }
        #expect(rooms == [true, true, false, false])
    }

    @Test(arguments: ["01234567", "\n\n\n\n"])
    func `a string is written whole or stops at the bound`(_ text: String) {
        for (bytesMax, fits) in [(12, true), (5, false)] {
            var writer = JSONWriter(.compact, bytesMax: bytesMax)
            writer.beginArray()
            writer.string(text)
            writer.endArray()
            let hasRoom = writer.hasRoom(for: 0)
            #expect(hasRoom == fits && writer.bytes.count <= 12)
        }
    }

    @Test func `integers are written in full, up to the largest of 64 bits`() {
        let text = written(.compact) { writer in
            writer.beginObject()
            writer.name("u")
            writer.integer(UInt64.max)
            writer.name("i")
            writer.integer(Int64.min)
            writer.member("n", 0)
            writer.member("t", "x")
            writer.endObject()
        }
        #expect(text == #"{"u":18446744073709551615,"i":-9223372036854775808,"n":0,"t":"x"}"#)
    }
}
