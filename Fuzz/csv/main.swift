import Fuzzing
import HTTPAPI

/// Each construct of a table, and what lies just outside it. The first two bytes choose how it is read.
private let texts = [
    "  a,b\n1,2\n", "! a,b\r\n1,2", "\" a\rb\r", "# \n\n a , b\n\n\r\n1,\n", "$ \"a,\"\"b\"\"\",c\n",
    "% \"x\r\ny\",\"\"\n", "& ab\"cd\"ef,é", "' ,\n", "( \u{FEFF}a;b\n'x''y';z\n", ") a§b\n'x§y'§z",
    "* \"not closed\n", "+ \"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"", ", a\tb\n1\t2\n",
]

fuzz(seeds: texts.map { Array($0.utf8) } + [[0x20, 0x21, 0x61, 0x2C, 0xE9, 10, 0xFF]], check)

@Sendable private func check(_ input: [UInt8]) {
    guard input.count > 2 else { return }
    let choice = Int(input[0]) | Int(input[1]) << 8
    let text = Array(input[2...])
    let dialect = [
        CSVDialect(delimiter: ","), CSVDialect(delimiter: ";", quote: "'"),
        CSVDialect(delimiter: "\t"), CSVDialect(delimiter: "§", quote: "¨"),
    ][choice % 4]
    let charset = Charset.allCases[choice / 4 % 3]
    _ = try? CSVDialect.detect(text)

    let whole = read { () throws(APIError) in
        try CSVReader(TableInput(text, charset: charset), dialect: dialect)
    }
    let cut = read { () throws(APIError) in
        let input = TableInput(text, charset: charset, pieceBytes: 3 + choice / 12 % 97)
        return try CSVReader(input, dialect: dialect)
    }
    guard whole == cut else { fatalError("where the pieces end changes what is read") }
    checkCopy(of: whole.rows, dialect)
    _ = charset.encode(text)
}

/// The rows of a table up to its first fault.
private struct Reading: Equatable {
    var rows: [CSVReader.Row] = []
    var lines: [Int] = []
    var bytes: [Int] = []
    var fault: APIError?
}

private func read(_ open: () throws(APIError) -> CSVReader) -> Reading {
    var reading = Reading()
    do throws(APIError) {
        var reader = try open()
        while let row = try reader.next() {
            reading.rows.append(row)
            reading.lines.append(reader.line)
            reading.bytes.append(reader.rowBytes)
        }
        guard reader.isAtEnd else { fatalError("bytes are left behind the last row") }
    } catch {
        guard !error.message.isEmpty else { fatalError("an error without words") }
        reading.fault = error
    }
    return reading
}

/// What is written reads back the same, but for a row of one empty cell, which is a blank line.
private func checkCopy(of rows: [CSVReader.Row], _ dialect: CSVDialect) {
    var writer = CSVWriter(dialect: dialect)
    for row in rows { writer.append(row) }
    // Not through a charset, which drops a byte order mark that may stand in the first cell.
    let copy = read { CSVReader(writer.bytes, dialect: dialect) }
    guard copy.fault == nil, copy.rows == rows.filter({ $0 != [nil] }) else {
        fatalError("what was written does not read back")
    }
}
