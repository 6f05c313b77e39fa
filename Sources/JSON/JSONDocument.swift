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
        guard bytes.count <= limits.bytesMax else {
            let reason = JSONError.Reason.tooLarge(bytes: bytes.count, limit: limits.bytesMax)
            throw JSONError(reason: reason, offset: 0, line: 1, column: 1)
        }
        if let document = accepted(bytes, limits) { return document }
        var scanner = JSONScanner(bytes, limits)
        if let fault = scanner.firstFault() { throw fault }
        if !scanner.wideIntegerEnds.isEmpty,
            let document = accepted(asDoubles(bytes, integerEnds: scanner.wideIntegerEnds), limits)
        {
            return document
        }
        throw JSONError(reason: .refused, offset: 0, line: 1, column: 1)
    }

    /// The document when simdjson takes the text, else nil.
    static func accepted(_ bytes: [UInt8], _ limits: JSONLimits) -> JSONDocument? {
        guard let parser = ParserPool.take() else { return nil }
        guard let tape = parser.parse(bytes, depthMax: limits.depthMax) else {
            ParserPool.give(parser)
            return nil
        }
        return JSONDocument(parser: parser, tape: tape)
    }

    /// simdjson refuses integers beyond 64 bits; with an exponent of 0 each is read as a double.
    private static func asDoubles(_ bytes: [UInt8], integerEnds: [Int]) -> [UInt8] {
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
