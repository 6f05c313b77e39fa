/// Rows of a table in text, one at a time.
///
/// A doubled quote inside quotes is one quote; line ends may stand inside quotes; spaces are kept; blank
/// lines are skipped; CRLF, LF and CR end a row. Each byte is looked at once, however the text is cut.
package struct CSVReader: Sendable {
    /// Cells of one row; an empty cell is missing, quoted or not.
    package typealias Row = [String?]

    /// Most cells of a row.
    package static let cellsMax = 65_536
    /// Most bytes of a row, checked whenever the text is read on.
    package static let rowBytesMax = 8 << 20
    /// Bytes that are seen ahead of each decision: two quotes of four bytes.
    private static let lookahead = 8
    /// A buffer up to this size is kept for the next cell.
    private static let keptMax = 65_536

    /// A window of the text; what stands before `at` was read.
    private var bytes: [UInt8]
    private let dialect: CSVDialect
    private var at = 0
    /// Bytes of the text before the window.
    private var passed = 0
    private var rowStart = 0
    /// The begun cell as far as it is not one run of the window: quotes undone, earlier windows.
    private var gathered: [UInt8] = []
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
    package init(_ input: TableInput, dialect: CSVDialect?) throws(APIError) {
        self.input = input
        bytes = []
        if let dialect {
            self.dialect = dialect
            return
        }
        while bytes.count <= CSVDialect.lookaheadMax, let piece = try self.input?.next() {
            bytes += piece
        }
        let isCut = bytes.count > CSVDialect.lookaheadMax
        if !isCut { self.input = nil }
        self.dialect = try .detect(
            sample: isCut ? Array(bytes[..<CSVDialect.lookaheadMax]) : bytes, isCut: isCut)
    }

    /// Whether every byte was read.
    package var isAtEnd: Bool { at >= bytes.count && input == nil }

    /// How the text is written.
    var style: CSVDialect { dialect }

    /// Bytes of the row read last, in UTF-8, with its quotes and line ends.
    package var rowBytes: Int { passed + at - rowStart }

    /// The next row that is not blank, or `nil` at the end. After an error the reader is of no more use.
    ///
    /// - Throws: `badRequest` for an unclosed quote or bytes that are not UTF-8; `tooLarge` for too many
    ///   cells or bytes.
    package mutating func next() throws(APIError) -> Row? {
        gathered.removeAll(keepingCapacity: gathered.capacity <= Self.keptMax)
        while true {
            rowStart = passed + at
            var start = at
            guard try hasMore(&start) else { return nil }
            line = nextLine
            if !endsLine() { return try row() }
        }
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

    private mutating func cell() throws(APIError) -> (String?, isLast: Bool) {
        let (quote, delimiter) = (dialect.quote[0], dialect.delimiter[0])
        var runStart = at
        var isQuoted = false
        while try hasMore(&runStart) {
            let byte = bytes[at]
            if byte == quote, stands(dialect.quote) {
                gathered.append(contentsOf: bytes[runStart..<at])
                at += dialect.quote.count
                runStart = at
                if isQuoted, at < bytes.count, stands(dialect.quote) {
                    // The second of two quotes is the first byte of the next run.
                    at += dialect.quote.count
                } else {
                    isQuoted.toggle()
                }
            } else if byte == 10 || byte == 13 {
                let end = at
                _ = endsLine()
                guard isQuoted else { return (try text(runStart..<end), true) }
                // A line end inside quotes becomes LF, whatever it was.
                gathered.append(contentsOf: bytes[runStart..<end])
                gathered.append(10)
                runStart = at
            } else if byte == delimiter, !isQuoted, stands(dialect.delimiter) {
                let cell = try text(runStart..<at)
                at += dialect.delimiter.count
                return (cell, false)
            } else {
                at += 1
            }
        }
        guard !isQuoted else { throw .badRequest("Line \(line): a quoted cell is not closed") }
        return (try text(runStart..<at), true)
    }

    /// Steps over a line end when one stands here.
    private mutating func endsLine() -> Bool {
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

    /// Whether a byte stands at `at`, with all behind it that must be seen to judge it. May move the window
    /// on: the run from `runStart` is gathered then, and begins anew.
    private mutating func hasMore(_ runStart: inout Int) throws(APIError) -> Bool {
        if at <= bytes.count - Self.lookahead { return true }
        while input != nil, bytes.count - at < Self.lookahead {
            gathered.append(contentsOf: bytes[runStart..<at])
            try readOn()
            runStart = at
        }
        return at < bytes.count
    }

    /// Moves the window on by one piece.
    private mutating func readOn() throws(APIError) {
        guard rowBytes <= Self.rowBytesMax else {
            throw .tooLarge("Line \(line) has more than \(Self.rowBytesMax) bytes")
        }
        guard let piece = try input?.next() else {
            input = nil
            return
        }
        bytes.removeFirst(at)
        passed += at
        at = 0
        bytes += piece
    }

    /// The cell that ends with the run, or nil when it is empty.
    private mutating func text(_ run: Range<Int>) throws(APIError) -> String? {
        if gathered.isEmpty { return try text(bytes[run]) }
        gathered.append(contentsOf: bytes[run])
        defer { gathered.removeAll(keepingCapacity: gathered.capacity <= Self.keptMax) }
        return try text(gathered[...])
    }

    private func text(_ cell: ArraySlice<UInt8>) throws(APIError) -> String? {
        guard !cell.isEmpty else { return nil }
        guard let text = String(validating: cell, as: UTF8.self) else {
            throw .badRequest("Line \(line): a cell is not valid text in the request's charset")
        }
        return text
    }
}
