/// Rows to text: cells quoted only when they must be, LF at the end of each row.
package struct CSVWriter: Sendable {
    /// UTF-8.
    package private(set) var bytes: [UInt8] = []
    private let dialect: CSVDialect

    /// Nothing written yet.
    package init(dialect: CSVDialect) { self.dialect = dialect }

    /// What was written since the last call.
    mutating func take() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    /// Appends one row; a `nil` cell stays empty.
    package mutating func append(_ row: [String?]) {
        for (index, cell) in row.enumerated() {
            if index > 0 { bytes.append(contentsOf: dialect.delimiter) }
            if let cell { append(cell) }
        }
        bytes.append(10)
    }

    private mutating func append(_ cell: String) {
        let text = Array(cell.utf8)
        let mustQuote = text.contains { byte in
            byte == dialect.delimiter[0] || byte == dialect.quote[0] || byte == 10 || byte == 13
        }
        guard mustQuote else {
            bytes.append(contentsOf: text)
            return
        }
        bytes.append(contentsOf: dialect.quote)
        var rest = text[...]
        while let byte = rest.first {
            if rest.starts(with: dialect.quote) {
                bytes.append(contentsOf: dialect.quote)
                bytes.append(contentsOf: dialect.quote)
                rest = rest.dropFirst(dialect.quote.count)
            } else {
                bytes.append(byte)
                rest = rest.dropFirst()
            }
        }
        bytes.append(contentsOf: dialect.quote)
    }
}
