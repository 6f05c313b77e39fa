import Glibc
import Testing

@testable import PMML

private func messages(_ bytes: [UInt8], limits: PMMLLimits = PMMLLimits()) -> [String] {
    do throws(PMMLError) {
        _ = try XMLReader.read(bytes, limits: limits)
        return []
    } catch {
        guard case .invalid(let faults) = error else { return ["\(error)"] }
        return faults.map(\.message)
    }
}

private func document(_ text: String, limits: PMMLLimits = PMMLLimits()) throws -> Document {
    try XMLReader.read(Array(text.utf8), limits: limits)
}

/// A text in UTF-16 with its byte order mark.
private func utf16(_ text: String, bigEndian: Bool) -> [UInt8] {
    ([0xFEFF] + Array(text.utf16)).flatMap { unit in
        let bytes = [UInt8(unit & 0xFF), UInt8(unit >> 8)]
        return bigEndian ? bytes.reversed() : bytes
    }
}

@Suite struct `XML from outside` {
    @Test(arguments: [
        """
        <!DOCTYPE a [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
        <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><a x="&c;">&c;</a>
        """,
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>",
        "<!DOCTYPE a SYSTEM \"http://127.0.0.1:9/a.dtd\"><a/>",
        "<!DOCTYPE a PUBLIC \"-//A//B\" \"http://127.0.0.1:9/a.dtd\" [<!ENTITY % p SYSTEM \"p\"> %p;]><a/>",
    ])
    func `A document type is refused before anything of it is read`(text: String) {
        #expect(messages(Array(text.utf8)) == ["a document type declaration is not accepted"])
    }

    @Test(arguments: ["<a>&lt;&x;</a>", "<a b=\"&x;\"/>"])
    func `An entity that XML does not have is refused`(text: String) {
        #expect(messages(Array(text.utf8)).first?.contains("Entity 'x' not defined") == true)
    }

    @Test func `A million nested elements are refused at the bound`() {
        let deep = Array(String(repeating: "<a>", count: 1_000_000).utf8)
        #expect(messages(deep) == ["elements nest deeper than 1024"])
        let extensions = Array(("<PMML>" + String(repeating: "<Extension>", count: 1_000_000)).utf8)
        #expect(messages(extensions) == ["elements nest deeper than 1024"])
    }

    @Test(arguments: [false, true])
    func `A hundred thousand attributes are refused before they are compared`(isWide: Bool) {
        let many = (0..<100_000).map { " a\($0)='1'" }.joined()
        let text = "<PMML\(many)/>"
        let found = messages(isWide ? utf16(text, bigEndian: true) : Array(text.utf8))
        #expect(found == ["an element has more than 256 attributes"])
    }

    @Test func `Quotes outside start tags are no attributes`() throws {
        let quotes = String(repeating: "\"'", count: 2000)
        let text =
            "<?x \(quotes)?><!-- < \(quotes) --><PMML a='>'><b>\(quotes)</b><![CDATA[<\(quotes)]]></PMML>"
        let root = try document(text).root
        #expect(root["a"] == ">")
        #expect(root.child("b")?.text == quotes)
    }

    @Test(arguments: [
        [UInt8](repeating: 0xFF, count: 40), Array("<a b=\"".utf8) + [0xC3, 0x28] + Array("\"/>".utf8),
        Array("<a>".utf8) + [0xED, 0xA0, 0x80] + Array("</a>".utf8), Array("<a>\u{0}</a>".utf8),
        Array("<a></b>".utf8), Array("<a".utf8), Array("<a/><b/>".utf8), Array("<a b='1' b='2'/>".utf8), [],
    ])
    func `Bytes that are no XML are refused`(bytes: [UInt8]) {
        #expect(messages(bytes).count == 1)
    }

    @Test func `Documents come in the encodings that users have`() throws {
        let text = "<PMML a=\"é\">ü</PMML>"
        let latin1 = "<?xml version='1.0' encoding='ISO-8859-1'?>\(text)".unicodeScalars.map {
            UInt8($0.value)
        }
        let western = "<?xml version=\"1.0\" encoding=\"windows-1252\"?>\(text)".unicodeScalars.map {
            UInt8($0.value)
        }
        for bytes in [
            Array(text.utf8), [0xEF, 0xBB, 0xBF] + Array(text.utf8), latin1, western,
            utf16("<?xml version='1.0' encoding='UTF-16'?>\(text)", bigEndian: false),
            utf16(text, bigEndian: true),
        ] {
            let root = try XMLReader.read(bytes, limits: PMMLLimits()).root
            #expect(root["a"] == "é")
            #expect(root.text == "ü")
        }
    }

    @Test(arguments: ["UTF-7", "IBM037", "UCS-4"])
    func `An encoding whose marks are not ASCII's is refused by its name`(name: String) {
        let found = messages(Array("<?xml version=\"1.0\" encoding=\"\(name)\"?><PMML/>".utf8))
        #expect(found == ["the encoding \"\(name)\" is not read; UTF-8 was expected"])
    }

    @Test func `References stand for their characters in values and in text`() throws {
        let root = try document(
            "<PMML a=\"x &amp; y &lt; &#233;&quot;\">&gt;&#x41;<!-- no --><![CDATA[&]]></PMML>"
        ).root
        #expect(root["a"] == "x & y < é\"")
        #expect(root.text == ">A&")
    }

    @Test func `Elements keep their attributes, texts, lines and order`() throws {
        let root = try document(
            "<PMML>\n<a x='1' y=''/>\n<Extension><c/></Extension><b z='3'>t<d/></b>\n<a>\(String(repeating: "v", count: 300))</a></PMML>"
        ).root
        #expect(root.children.map(\.name) == ["a", "b", "a"])
        #expect(root.children.map(\.line) == [2, 3, 4])
        #expect(root.children("a").map { $0["x"] } == ["1", nil])
        #expect(root.children("a").first?["y"] == "")
        #expect(root.children("a").last?.text.utf8.count == 300)
        #expect(root.child("b")?.attributes.map(\.value) == ["3"])
        #expect(root.child("b")?.text == "")
        #expect(root.child("b")?.children.map(\.name) == ["d"])
        #expect(root.child("c") == nil)
    }

    @Test func `Values, elements and bytes are bounded`() {
        var limits = PMMLLimits()
        limits.textBytesMax = 8
        #expect(
            messages(Array("<a b='123456789'/>".utf8), limits: limits) == [
                "attribute b is longer than 8 bytes"
            ])
        #expect(messages(Array("<a>123456789</a>".utf8), limits: limits) == ["text is longer than 8 bytes"])
        limits.elementsMax = 2
        #expect(messages(Array("<a><b/><c/></a>".utf8), limits: limits) == ["more than 2 elements"])
        limits.bytesMax = 4
        #expect(messages(Array("<abc/>".utf8), limits: limits) == ["the document is larger than 4 bytes"])
    }

    @Test func `A file is read like its bytes, and its absence is an error of its own`() throws {
        let path = "/tmp/augur-xml-\(UInt64.random(in: .min ... .max))"
        // Longer than one read, with a cut inside a tag.
        let rows = (0..<20_000).map { "<row a=\"value \($0)\"/>" }.joined()
        let text = "<PMML>\(rows)</PMML>"
        let file = try #require(fopen(path, "w"))
        defer { unlink(path) }
        fputs(text, file)
        fclose(file)
        let root = try XMLReader.read(path: path, limits: PMMLLimits()).root
        #expect(root.children.map { $0["a"] } == (0..<20_000).map { "value \($0)" })
        #expect(throws: PMMLError.unreadable(path + "-", code: ENOENT)) {
            try XMLReader.read(path: path + "-", limits: PMMLLimits())
        }
    }

    @Test func `Names have numbers, whatever their number`() {
        var table = NameTable()
        let names = (0..<5000).map { "name\($0 * 7919)" }
        #expect(names.map { table.add($0) } == (0..<5000).map { UInt16($0) })
        #expect(names.map { table.number(of: $0) } == (0..<5000).map { UInt16($0) })
        #expect(table.number(of: "other") == nil)
        for number in 5000..<70_000 where table.add("n\(number)") == nil {
            #expect(number >= 65_000)
            return
        }
        Issue.record("the table never filled")
    }
}

@Suite struct `Short decimals` {
    @Test func `are read as the general parser reads them`() {
        var state: UInt64 = 42
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for _ in 0..<20_000 {
            let digits = (0..<1 + next(18)).map { _ in "\(next(10))" }.joined()
            let point = next(digits.count + 1)
            var text = digits.prefix(point) + (next(3) == 0 ? "" : ".") + digits.dropFirst(point)
            if next(4) == 0 { text = "-" + text }
            if next(4) == 0 { text += "e\(next(60) - 30)" }
            guard let short = ShortDecimal(String(text)) else {
                Issue.record("\(text) is not read")
                continue
            }
            if let double = short.double { #expect(double.bitPattern == Double(text)?.bitPattern, "\(text)") }
            if let float = short.float { #expect(float.bitPattern == Float(text)?.bitPattern, "\(text)") }
        }
    }

    @Test(arguments: [
        "16777217", "1.000000059604644775390625", "8589973504.5", "0.1", "3.4e38", "1e-40", "-0",
    ])
    func `in the middle of two floats are left to the general parser`(text: String) {
        #expect(JavaNumber.float(text)?.bitPattern == Float(text)?.bitPattern)
    }

    @Test(arguments: [
        "", ".", "-", "e5", "1e", "1e+", "1.2.3", "0x10", "1_0", "1234567890123456789", "NaN", "1d",
    ])
    func `are nothing else`(text: String) {
        #expect(ShortDecimal(text) == nil)
    }
}
