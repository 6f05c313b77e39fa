/// Rows of a table in text, one at a time.
///
/// A doubled quote inside quotes is one quote; line ends may stand inside quotes; spaces are kept; blank
/// lines are skipped; CRLF, LF and CR end a row.
package struct CSVReader: Sendable {
    /// Cells of one row; an empty cell is missing, quoted or not.
    package typealias Row = [String?]

    /// Most cells of a row.
    package static let cellsMax = 65_536
    /// Most bytes of a row.
    package static let rowBytesMax = 8 << 20
    /// A window of the text; what stands before `at` was read.
    private var bytes: [UInt8]
    private let dialect: CSVDialect
    private var at = 0
    /// Line of the row read last, 1 for the first.
    package private(set) var line = 0
    private var nextLine = 1
    /// Where the text goes on behind the window; nil at its end.
    private var input: TableInput?

    /// `bytes` is UTF-8.
    package init(_ bytes: [UInt8], dialect: CSVDialect) {
        self.bytes = bytes
        self.dialect = dialect
    }

    /// The table behind `input`, in the given dialect or in the one that its beginning shows.
    ///
    /// - Throws: `badRequest` when no dialect is seen, and what reading the input throws.
    init(_ input: TableInput, dialect: CSVDialect?) throws(APIError) {
        self.input = input
        bytes = []
        while bytes.count <= CSVDialect.lookaheadMax, let piece = try self.input?.next() {
            bytes += piece
        }
        let isCut = bytes.count > CSVDialect.lookaheadMax
        if !isCut { self.input = nil }
        if let dialect {
            self.dialect = dialect
        } else {
            self.dialect = try .detect(
                sample: isCut ? Array(bytes[..<CSVDialect.lookaheadMax]) : bytes, isCut: isCut)
        }
    }

    /// Whether every byte was read.
    package var isAtEnd: Bool { at >= bytes.count && input == nil }

    /// How the text is written.
    var style: CSVDialect { dialect }

    /// The next row that is not blank, or `nil` at the end.
    ///
    /// - Throws: `badRequest` for an unclosed quote or bytes that are not UTF-8; `tooLarge` for too many
    ///   cells or bytes.
    package mutating func next() throws(APIError) -> Row? {
        while true {
            let start = (at: at, line: line, nextLine: nextLine)
            let result = Result { () throws(APIError) in try nextInWindow() }
            // A row that reaches the window's end may go on behind it, whatever it looks like.
            guard at >= bytes.count, input != nil else { return try result.get() }
            (at, line, nextLine) = start
            try readOn()
        }
    }

    private mutating func nextInWindow() throws(APIError) -> Row? {
        while at < bytes.count {
            line = nextLine
            if endsLine() { continue }
            return try row()
        }
        return nil
    }

    /// Moves the window on: the row begun and the next piece.
    private mutating func readOn() throws(APIError) {
        guard bytes.count - at <= Self.rowBytesMax else {
            throw .tooLarge("Line \(nextLine) has more than \(Self.rowBytesMax) bytes")
        }
        guard let piece = try input?.next() else {
            input = nil
            return
        }
        bytes.removeFirst(at)
        at = 0
        bytes += piece
    }

    private mutating func row() throws(APIError) -> Row {
        var row: Row = []
        while true {
            let (cell, isLast) = try cell()
            guard row.count < Self.cellsMax else {
                throw .tooLarge("Line \(line) has more than \(Self.cellsMax) cells")
            }
            row.append(cell)
            if isLast { return row }
        }
    }

    /// Steps over a line end when one stands here.
    private mutating func endsLine() -> Bool {
        guard at < bytes.count else { return true }
        switch bytes[at] {
        case 10: at += 1
        case 13: at += at + 1 < bytes.count && bytes[at + 1] == 10 ? 2 : 1
        default: return false
        }
        nextLine += 1
        return true
    }

    private func stands(_ character: [UInt8]) -> Bool {
        guard bytes[at] == character[0] else { return false }
        return character.count == 1 || bytes[at...].starts(with: character)
    }

    private mutating func cell() throws(APIError) -> (String?, isLast: Bool) {
        var runStart = at
        // Filled only once a quote was met; until then the cell is one run of the input.
        var collected: [UInt8]?
        var isQuoted = false
        while at < bytes.count {
            if stands(dialect.quote) {
                collected = (collected ?? []) + bytes[runStart..<at]
                at += dialect.quote.count
                if isQuoted, at < bytes.count, stands(dialect.quote) {
                    collected?.append(contentsOf: dialect.quote)
                    at += dialect.quote.count
                } else {
                    isQuoted.toggle()
                }
                runStart = at
            } else if isQuoted {
                quotedByte(&collected, &runStart)
            } else if stands(dialect.delimiter) {
                let cell = try text(collected, bytes[runStart..<at])
                at += dialect.delimiter.count
                return (cell, false)
            } else {
                let end = at
                if endsLine() { return (try text(collected, bytes[runStart..<end]), true) }
                at += 1
            }
        }
        guard !isQuoted else { throw .badRequest("Line \(line): a quoted cell is not closed") }
        return (try text(collected, bytes[runStart..<at]), true)
    }

    /// A line end inside quotes becomes LF, whatever it was.
    private mutating func quotedByte(_ collected: inout [UInt8]?, _ runStart: inout Int) {
        let end = at
        guard endsLine() else {
            at += 1
            return
        }
        collected?.append(contentsOf: bytes[runStart..<end])
        collected?.append(10)
        runStart = at
    }

    private func text(_ collected: [UInt8]?, _ run: ArraySlice<UInt8>) throws(APIError) -> String? {
        let whole = collected.map { ArraySlice($0 + run) } ?? run
        guard !whole.isEmpty else { return nil }
        guard let text = String(validating: whole, as: UTF8.self) else {
            throw .badRequest("Line \(line): a cell is not valid text in the request's charset")
        }
        return text
    }
}

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
