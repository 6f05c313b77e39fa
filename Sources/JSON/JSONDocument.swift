import CSimdjson

/// One parsed JSON text (RFC 8259); its elements hold it for as long as they live.
///
/// Immutable once parsed, so it may be read from several threads.
package final class JSONDocument: @unchecked Sendable {
    private let parser: Parser
    let tape: Tape

    private init(parser: Parser, tape: Tape) {
        self.parser = parser
        self.tape = tape
    }

    deinit { ParserPool.give(parser) }

    /// The one value of the text.
    package var root: JSONElement { JSONElement(document: self, index: 1) }

    /// Parses a whole text strictly: UTF-8 without byte order mark, nothing after the value, no NaN or
    /// infinity, numbers within a double's range. Of members with the same name the last counts.
    ///
    /// - Throws: `JSONError` with the place of the first fault.
    package static func parse(
        _ bytes: [UInt8], limits: JSONLimits = .init()
    ) throws(JSONError) -> JSONDocument {
        try bytes.withUnsafeBytes { parseResult($0, limits) }.get()
    }

    /// Parses a whole text, as `parse(_:limits:)` of an array does; nothing of `bytes` is kept.
    package static func parse(
        _ bytes: UnsafeRawBufferPointer, limits: JSONLimits = .init()
    ) throws(JSONError) -> JSONDocument {
        try parseResult(bytes, limits).get()
    }

    private static func parseResult(
        _ bytes: UnsafeRawBufferPointer, _ limits: JSONLimits
    ) -> Result<JSONDocument, JSONError> {
        guard bytes.count <= limits.bytesMax else {
            let reason = JSONError.Reason.tooLarge(bytes: bytes.count, limit: limits.bytesMax)
            return .failure(JSONError(reason: reason, offset: 0, line: 1, column: 1))
        }
        if let document = accepted(bytes, limits) { return .success(document) }
        var scanner = JSONScanner(bytes, limits)
        if let fault = scanner.firstFault() { return .failure(fault) }
        if !scanner.wideIntegerEnds.isEmpty {
            let rewritten = asDoubles(bytes, integerEnds: scanner.wideIntegerEnds)
            if let document = rewritten.withUnsafeBytes({ accepted($0, limits) }) {
                return .success(document)
            }
        }
        return .failure(JSONError(reason: .refused, offset: 0, line: 1, column: 1))
    }

    /// The document when simdjson takes the text, else nil.
    static func accepted(_ bytes: UnsafeRawBufferPointer, _ limits: JSONLimits) -> JSONDocument? {
        guard let parser = ParserPool.take() else { return nil }
        var tape = augur_json_tape()
        let start = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
        let outcome = augur_json_parse(parser.handle, start, bytes.count, limits.depthMax, &tape)
        guard outcome == AUGUR_JSON_OK, let words = tape.tape, let strings = tape.strings else {
            ParserPool.give(parser)
            return nil
        }
        return JSONDocument(parser: parser, tape: Tape(words: words, strings: strings))
    }

    /// simdjson refuses integers beyond 64 bits; with an exponent of 0 each is read as a double.
    private static func asDoubles(_ bytes: UnsafeRawBufferPointer, integerEnds: [Int]) -> [UInt8] {
        var rewritten: [UInt8] = []
        rewritten.reserveCapacity(bytes.count + 2 * integerEnds.count)
        var start = 0
        for end in integerEnds {
            rewritten.append(contentsOf: bytes[start..<end])
            rewritten.append(contentsOf: "e0".utf8)
            start = end
        }
        rewritten.append(contentsOf: bytes[start...])
        return rewritten
    }
}
