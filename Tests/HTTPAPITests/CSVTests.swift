import Testing

@testable import HTTPAPI

@Suite struct CSVTests {
    private func rows(_ text: String, _ dialect: CSVDialect = CSVDialect(delimiter: ",")) throws
        -> [[String?]]
    {
        var reader = CSVReader(Array(text.utf8), dialect: dialect)
        var rows: [[String?]] = []
        while let row = try reader.next() { rows.append(row) }
        return rows
    }

    @Test(
        "Cells are read as written",
        arguments: [
            ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
            ("a,b\r\n1,2", [["a", "b"], ["1", "2"]]),
            ("a\rb\r", [["a"], ["b"]]),
            ("\n\n a , b\n\n\r\n1,\n", [[" a ", " b"], ["1", nil]]),
            ("\"a,\"\"b\"\"\",c\n", [["a,\"b\"", "c"]]),
            ("\"x\r\ny\",\"\"\n", [["x\ny", nil]]),
            ("ab\"cd\"ef,é", [["abcdef", "é"]]),
            (",\n", [[nil, nil]]),
            ("", []),
        ] as [(String, [[String?]])])
    func cells(text: String, expected: [[String?]]) throws {
        #expect(try rows(text) == expected)
    }

    @Test("An unclosed quote and text that is not UTF-8 are refused with their line")
    func faults() {
        #expect(throws: APIError.badRequest("Line 2: a quoted cell is not closed")) {
            try rows("a\n\"b\n\nc")
        }
        var reader = CSVReader([0x61, 10, 0xFF], dialect: CSVDialect(delimiter: ","))
        #expect(throws: Never.self) { try reader.next() }
        #expect(throws: APIError.badRequest("Line 2: a cell is not valid text in the request's charset")) {
            try reader.next()
        }
    }

    @Test("A row has a bounded number of cells")
    func bound() {
        #expect(throws: APIError.tooLarge("Line 1 has more than 65536 cells")) {
            try rows(String(repeating: ",", count: 70_000))
        }
    }

    @Test("However a table is cut into pieces, it reads the same", arguments: 3...40)
    func pieces(size: Int) throws {
        let text =
            "\u{FEFF}a§b\r\n\r\n'x''y\r\n'' é'§''\r§'''z'''\n\n'long''er than a window'§'§'\r\n'\r\n ''§1'\r\n"
        let dialect = CSVDialect(delimiter: "§", quote: "'")
        let expected = [
            ["a", "b"], ["x'y\n' é", nil], [nil, "'z'"], ["long'er than a window", "§"], ["\n '§1"],
        ]
        var reader = try CSVReader(
            TableInput(Array(text.utf8), charset: .utf8, pieceBytes: size), dialect: dialect)
        var found: [[String?]] = []
        var lines: [Int] = []
        while let row = try reader.next() {
            found.append(row)
            lines.append(reader.line)
        }
        #expect(found == expected && lines == [1, 3, 5, 7, 8] && reader.isAtEnd)
    }

    @Test("A cell of very many quotes is read in one pass", .timeLimit(.minutes(1)))
    func quotes() throws {
        let count = 1_000_000
        let text = Array("a,b\n\"".utf8) + [UInt8](repeating: 0x22, count: 2 * count) + Array("\",c".utf8)
        var reader = try CSVReader(TableInput(text, charset: .utf8), dialect: CSVDialect(delimiter: ","))
        #expect(try reader.next() == ["a", "b"])
        let row = try reader.next()
        #expect(row?.count == 2 && row?.first??.utf8.count == count && row?.last == "c")
        #expect(reader.rowBytes == text.count - 4)
    }

    @Test("A delimiter may be a character of several bytes")
    func wideDelimiter() throws {
        #expect(
            try rows("a§b\n'x§y'§z", CSVDialect(delimiter: "§", quote: "'")) == [["a", "b"], ["x§y", "z"]])
    }

    @Test(
        "The delimiter is found where header and rows agree on more than one cell",
        arguments: [("a,b\n1,2\n", ","), ("a;b\n1;2\n", ";"), ("a\tb\n1\t2", "\t"), ("a,b;c\n1;2\n", ";")])
    func detection(text: String, delimiter: Character) throws {
        #expect(try CSVDialect.detect(Array(text.utf8)) == CSVDialect(delimiter: delimiter))
    }

    @Test(
        "A table without a common delimiter is not recognised",
        arguments: ["", "a\n1\n", "a|b\n1|2", "a,b\n1,2,3"])
    func unrecognised(text: String) {
        #expect(throws: APIError.badRequest("Unrecognized CSV format")) {
            try CSVDialect.detect(Array(text.utf8))
        }
    }

    @Test("A sample that ends inside a row is judged by its whole rows")
    func cutSample() throws {
        let long =
            "a,b\n" + String(repeating: "1,2\n", count: 3) + String(repeating: "x", count: 300_000) + ",y\n"
        #expect(try CSVDialect.detect(Array(long.utf8)) == CSVDialect(delimiter: ","))
    }

    @Test("Delimiter and quote come from the query, one character each")
    func query() throws {
        func dialect(_ query: String) throws -> CSVDialect? { try CSVDialect(query: try Query(query)) }
        #expect(try dialect("quoteChar='") == nil)
        #expect(try dialect("delimiterChar=%09&quoteChar=%22") == CSVDialect(delimiter: "\t"))
        #expect(try dialect("delimiterChar=%5Ct&quoteChar=%5C'") == CSVDialect(delimiter: "\t", quote: "'"))
        #expect(throws: APIError.badRequest("Invalid CSV delimiter character: \"ab\"")) {
            try dialect("delimiterChar=ab")
        }
        #expect(throws: APIError.self) { try dialect("delimiterChar=") }
        #expect(throws: APIError.self) { try dialect("delimiterChar=%22") }
    }

    @Test("What is written reads back the same")
    func roundTrip() throws {
        let table: [[String?]] = [["a,\"b\"", nil, "x\ny"], ["", "[1, 3]", " s "], ["é", "'", ";"]]
        var writer = CSVWriter(dialect: CSVDialect(delimiter: ","))
        table.forEach { writer.append($0) }
        let expected = table.map { row in row.map { $0 == "" ? nil : $0 } }
        #expect(try rows(String(decoding: writer.bytes, as: UTF8.self)) == expected)
        #expect(writer.bytes.starts(with: Array("\"a,\"\"b\"\"\",,\"x\ny\"\n".utf8)))
    }

    @Test("Latin-1 goes in and out, and a byte order mark is dropped")
    func charsets() throws {
        let latin1 = try Charset(MediaType("text/csv; charset=ISO-8859-1"))
        #expect(latin1.decode([0x63, 0xE9]) == Array("cé".utf8))
        #expect(latin1.encode(Array("cé€".utf8)) == [0x63, 0xE9, 0x3F])
        #expect(Charset.utf8.decode([0xEF, 0xBB, 0xBF, 0x61]) == [0x61])
        #expect(throws: APIError.unsupportedMediaType) { try Charset(MediaType("text/csv; charset=ebcdic")) }
    }
}
