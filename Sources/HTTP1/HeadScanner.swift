/// Finds where a head ends, over as many arrivals of bytes as it takes, looking at each byte once.
///
/// Lines end with CR LF and nothing else: a bare LF is refused as soon as it is seen, so that no two parsers
/// can disagree about where a line ends (RFC 9112 section 2.2 allows that).
struct HeadScanner: Sendable {
    /// Where the request line begins, after at most `blankLinesMax` empty lines (RFC 9112 section 2.2).
    private(set) var start = 0
    /// Where the first header field begins; 0 until the request line is complete.
    private(set) var fieldsStart = 0
    private var lineStart = 0
    private var scanned = 0
    private var blankLines = 0
    private var fieldCount = 0

    static let blankLinesMax = 2

    /// Looks at the bytes that `head`, which grows from call to call, has gained.
    ///
    /// Returns the offset past the empty line that ends the head, or nil while it is not there.
    mutating func end(of head: Span<UInt8>, limits: MessageLimits) throws(HTTPFault) -> Int? {
        while let lineFeed = head.firstIndex(of: UInt8(ascii: "\n"), from: scanned) {
            scanned = lineFeed + 1
            try checkFirstByte(of: head)
            try checkLength(limits, upTo: scanned)
            guard lineFeed > lineStart, head[lineFeed - 1] == UInt8(ascii: "\r") else {
                throw .malformed("a line ends without CR")
            }
            if try lineEnded(at: lineFeed, isBlank: lineFeed - lineStart == 1, limits) { return scanned }
        }
        scanned = head.count
        try checkFirstByte(of: head)
        try checkLength(limits, upTo: scanned)
        return nil
    }

    /// Takes a whole line; true if it was the empty one that ends the head.
    private mutating func lineEnded(at lineFeed: Int, isBlank: Bool, _ limits: MessageLimits)
        throws(HTTPFault)
        -> Bool
    {
        lineStart = lineFeed + 1
        if fieldsStart > 0 {
            if isBlank { return true }
            fieldCount += 1
            guard fieldCount <= limits.headerCountMax else {
                throw .tooManyHeaders(limit: limits.headerCountMax)
            }
        } else if isBlank {
            blankLines += 1
            guard blankLines <= Self.blankLinesMax else { throw .malformed("empty lines before the request") }
            start = lineStart
        } else {
            fieldsStart = lineStart
        }
        return false
    }

    private func checkLength(_ limits: MessageLimits, upTo end: Int) throws(HTTPFault) {
        if fieldsStart == 0 {
            guard end - start <= limits.requestLineBytesMax else {
                throw .targetTooLong(limit: limits.requestLineBytesMax)
            }
        } else {
            guard end - fieldsStart <= limits.headerBytesMax else {
                throw .headersTooLarge(limit: limits.headerBytesMax)
            }
        }
    }

    /// What cannot begin a request (a TLS greeting, say) is refused at its first byte, not at the time limit,
    /// and before all else, so that the fault does not depend on how much has arrived.
    private func checkFirstByte(of head: Span<UInt8>) throws(HTTPFault) {
        guard fieldsStart == 0, start < head.count else { return }
        guard ByteClass.isToken(head[start]) || head[start] == UInt8(ascii: "\r") else {
            throw .malformed("the request line does not begin with a method")
        }
    }
}
