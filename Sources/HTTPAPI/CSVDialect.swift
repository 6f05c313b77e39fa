/// Delimiter and quote of a table in text (contract: Openscoring, CSV dialect).
package struct CSVDialect: Sendable, Equatable {
    /// One character, in UTF-8.
    package let delimiter: [UInt8]
    /// One character, in UTF-8.
    package let quote: [UInt8]

    /// The dialect of these two characters.
    package init(delimiter: Character, quote: Character = "\"") {
        self.delimiter = Array(String(delimiter).utf8)
        self.quote = Array(String(quote).utf8)
    }

    /// The dialect that `delimiterChar` and `quoteChar` name, or `nil` without `delimiterChar`.
    ///
    /// - Throws: `badRequest` when one of them is not a single character (or `\t`, `\'`, `\"`).
    package init?(query: Query) throws(APIError) {
        guard let delimiterText = query["delimiterChar"] else { return nil }
        guard let delimiter = Self.character(delimiterText, escapes: ["\\t": "\t"]) else {
            throw .badRequest("Invalid CSV delimiter character: \"\(delimiterText.prefix(80))\"")
        }
        let quoteText = query["quoteChar"] ?? "\""
        guard let quote = Self.character(quoteText, escapes: ["\\'": "'", "\\\"": "\""]), quote != delimiter
        else {
            throw .badRequest("Invalid CSV quote character: \"\(quoteText.prefix(80))\"")
        }
        self.init(delimiter: delimiter, quote: quote)
    }

    private static func character(_ text: String, escapes: [String: Character]) -> Character? {
        if let escaped = escapes[text] { return escaped }
        guard text.unicodeScalars.count == 1, let character = text.first, !character.isNewline else {
            return nil
        }
        return character
    }

    /// The first of `,` `;` TAB under which the header and the next ten rows of `table` all have the same
    /// count of cells, more than one; only the first 256 KiB are looked at.
    ///
    /// - Throws: `badRequest("Unrecognized CSV format")` when none fits.
    package static func detect(_ table: [UInt8]) throws(APIError) -> CSVDialect {
        try detect(sample: Array(table.prefix(lookaheadMax)), isCut: table.count > lookaheadMax)
    }

    /// As `detect(_:)`, from the beginning of a table that goes on where it `isCut`.
    static func detect(sample: [UInt8], isCut: Bool) throws(APIError) -> CSVDialect {
        for delimiter: Character in [",", ";", "\t"] {
            let dialect = CSVDialect(delimiter: delimiter)
            if fits(dialect, sample, isCut: isCut) { return dialect }
        }
        throw .badRequest("Unrecognized CSV format")
    }

    /// Bytes of a table that are looked at.
    static let lookaheadMax = 262_144

    private static func fits(_ dialect: CSVDialect, _ sample: [UInt8], isCut: Bool) -> Bool {
        var reader = CSVReader(sample, dialect: dialect)
        var width: Int?
        for _ in 0..<11 {
            guard let row = try? reader.next() else { break }
            // The last row of a cut sample may be half a row.
            if isCut && reader.isAtEnd { break }
            guard row.count > 1, width == nil || width == row.count else { return false }
            width = row.count
        }
        return width != nil
    }
}
