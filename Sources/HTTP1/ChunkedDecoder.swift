/// Undoes the chunked transfer coding (RFC 9112 section 7.1), byte by byte for its frame, by ranges for its
/// data.
///
///     size [;extension] CRLF data CRLF ... 0 CRLF (trailer CRLF)* CRLF
///
/// Extensions and trailers are checked, bounded and dropped.
struct ChunkedDecoder: Sendable {
    private enum State {
        case size, sizeBlank, sizeExtension, sizeLineFeed
        case data, dataReturn, dataLineFeed
        case trailerStart, trailerName, trailerValue, trailerLineFeed
        case endLineFeed
    }

    private var state = State.size
    private var remaining = 0
    private var digits = 0
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var trailerCount = 0

    /// Bytes of all chunk extensions of one body: nobody uses them, and they cost the sender one byte each.
    static let extensionBytesMax = 4_096
    /// Hexadecimal digits of one size: as many as an `Int` holds.
    static let digitsMax = 15

    mutating func next(_ input: Span<UInt8>, _ position: inout Int, limits: MessageLimits) throws(HTTPFault)
        -> RequestReader.Event
    {
        while position < input.count {
            if case .data = state { return takeData(input, &position) }
            let byte = input[position]
            position += 1
            if try takeFrame(byte, limits) { return .end }
        }
        return .needsInput
    }

    private mutating func takeData(_ input: Span<UInt8>, _ position: inout Int) -> RequestReader.Event {
        let start = position
        let taken = min(remaining, input.count - start)
        position += taken
        remaining -= taken
        if remaining == 0 { state = .dataReturn }
        return .body(start..<position)
    }

    /// Takes one byte that is not data; true if it was the last of the body.
    private mutating func takeFrame(_ byte: UInt8, _ limits: MessageLimits) throws(HTTPFault) -> Bool {
        switch state {
        case .size, .sizeBlank, .sizeExtension, .sizeLineFeed:
            try takeSizeLine(byte)
        case .data:
            break
        case .dataReturn:
            try expect(byte, "\r", then: .dataLineFeed)
        case .dataLineFeed:
            try expect(byte, "\n", then: .size)
            digits = 0
        case .trailerStart, .trailerName, .trailerValue, .trailerLineFeed:
            try takeTrailer(byte, limits)
        case .endLineFeed:
            try expect(byte, "\n", then: .size)
            return true
        }
        return false
    }

    private mutating func takeSizeLine(_ byte: UInt8) throws(HTTPFault) {
        switch (state, byte) {
        case (.sizeLineFeed, _):
            try expect(byte, "\n", then: remaining == 0 ? .trailerStart : .data)
        case (.size, _) where ByteClass.hexValue(byte) != nil:
            try takeDigit(byte)
        case (_, _) where digits == 0:
            throw .malformed("a chunk has no size")
        case (.sizeExtension, UInt8(ascii: "\r")), (.size, UInt8(ascii: "\r")):
            state = .sizeLineFeed
        case (.size, UInt8(ascii: ";")), (.sizeBlank, UInt8(ascii: ";")):
            state = .sizeExtension
        case (.size, _) where ByteClass.isBlank(byte), (.sizeBlank, _) where ByteClass.isBlank(byte):
            state = .sizeBlank
            try countExtension()
        case (.sizeExtension, _) where ByteClass.isFieldValue(byte):
            try countExtension()
        default:
            throw .malformed("a chunk size is not hexadecimal")
        }
    }

    private mutating func takeDigit(_ byte: UInt8) throws(HTTPFault) {
        digits += 1
        guard digits <= Self.digitsMax, let value = ByteClass.hexValue(byte) else {
            throw .malformed("a chunk size is too large")
        }
        remaining = remaining << 4 | Int(value)
    }

    private mutating func countExtension() throws(HTTPFault) {
        extensionBytes += 1
        guard extensionBytes <= Self.extensionBytesMax else {
            throw .malformed("chunk extensions are too long")
        }
    }

    private mutating func takeTrailer(_ byte: UInt8, _ limits: MessageLimits) throws(HTTPFault) {
        trailerBytes += 1
        guard trailerBytes <= limits.headerBytesMax else {
            throw .headersTooLarge(limit: limits.headerBytesMax)
        }
        switch (state, byte) {
        case (.trailerLineFeed, _):
            try expect(byte, "\n", then: .trailerStart)
        case (.trailerStart, UInt8(ascii: "\r")):
            state = .endLineFeed
        case (.trailerStart, _) where ByteClass.isToken(byte):
            trailerCount += 1
            guard trailerCount <= limits.headerCountMax else {
                throw .tooManyHeaders(limit: limits.headerCountMax)
            }
            state = .trailerName
        case (.trailerName, UInt8(ascii: ":")):
            state = .trailerValue
        case (.trailerName, _) where ByteClass.isToken(byte):
            break
        case (.trailerValue, UInt8(ascii: "\r")):
            state = .trailerLineFeed
        case (.trailerValue, _) where ByteClass.isFieldValue(byte):
            break
        default:
            throw .malformed("a trailer is no header field")
        }
    }

    private mutating func expect(_ byte: UInt8, _ wanted: Unicode.Scalar, then next: State) throws(HTTPFault)
    {
        guard byte == UInt8(ascii: wanted) else { throw .malformed("a chunk does not end with CR LF") }
        state = next
    }
}
