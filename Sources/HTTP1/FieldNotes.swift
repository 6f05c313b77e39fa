/// What the server must know of a request's header fields, gathered while they are parsed.
///
/// Every way in which two recipients could read the end of the body differently is refused here
/// (RFC 9112 sections 6.3 and 11.2): both framings, repeated or signed lengths, chunked not last or twice.
struct FieldNotes {
    private(set) var hostCount = 0
    private(set) var asksClose = false
    private(set) var asksKeepAlive = false
    private(set) var expectsContinue = false
    private(set) var contentCoding: ContentCoding?
    private(set) var namesAcceptedCodings = false
    private var contentLength: Int?
    private var hasTransferEncoding = false
    private var isChunked = false

    /// Takes note of a field whose name and value lie at these ranges of `bytes`.
    mutating func note(_ bytes: Span<UInt8>, name: Range<Int>, value: Range<Int>) throws(HTTPFault) {
        // The length and first letter sort out nearly every field before a comparison.
        switch (name.count, ByteClass.lowered(bytes[name.lowerBound])) {
        case (4, UInt8(ascii: "h")) where bytes.equals("host", name):
            try noteHost(bytes, value)
        case (6, UInt8(ascii: "e")) where bytes.equals("expect", name):
            guard bytes.equals("100-continue", value) else { throw .expectationUnknown }
            expectsContinue = true
        case (10, UInt8(ascii: "c")) where bytes.equals("connection", name):
            for token in bytes.listMembers(value) {
                if bytes.equals("close", token) { asksClose = true }
                if bytes.equals("keep-alive", token) { asksKeepAlive = true }
            }
        case (14, UInt8(ascii: "c")) where bytes.equals("content-length", name):
            try noteLength(bytes, value)
        case (15, UInt8(ascii: "a")) where bytes.equals("accept-encoding", name):
            namesAcceptedCodings = true
        case (16, UInt8(ascii: "c")) where bytes.equals("content-encoding", name):
            for token in bytes.listMembers(value) { try noteContentCoding(bytes, token) }
        case (17, UInt8(ascii: "t")) where bytes.equals("transfer-encoding", name):
            try noteTransferCodings(bytes, value)
        default:
            break
        }
    }

    /// How the body ends, for a request of this version.
    func framing(_ version: HTTPVersion) throws(HTTPFault) -> BodyFraming {
        guard hasTransferEncoding else {
            return contentLength.map { $0 == 0 ? .none : .length($0) } ?? .none
        }
        guard contentLength == nil else { throw .malformed("both Content-Length and Transfer-Encoding") }
        guard version == .http11 else { throw .malformed("Transfer-Encoding in HTTP/1.0") }
        guard isChunked else { throw .malformed("Transfer-Encoding does not end with chunked") }
        return .chunked
    }

    private mutating func noteHost(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(HTTPFault) {
        hostCount += 1
        guard hostCount == 1 else { throw .malformed("more than one Host") }
        for index in value where !ByteClass.isHost(bytes[index]) {
            throw .malformed("Host is no host and port")
        }
    }

    private mutating func noteLength(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(HTTPFault) {
        guard contentLength == nil else { throw .malformed("more than one Content-Length") }
        guard !value.isEmpty else { throw .malformed("Content-Length is empty") }
        var length = 0
        for index in value {
            guard ByteClass.isDigit(bytes[index]) else { throw .malformed("Content-Length is no number") }
            let (product, overflows) = length.multipliedReportingOverflow(by: 10)
            let (sum, exceeds) = product.addingReportingOverflow(Int(bytes[index] - UInt8(ascii: "0")))
            guard !overflows, !exceeds else { throw .malformed("Content-Length is too large") }
            length = sum
        }
        contentLength = length
    }

    private mutating func noteTransferCodings(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(HTTPFault) {
        hasTransferEncoding = true
        for token in bytes.listMembers(value) {
            guard bytes.equals("chunked", token) else {
                throw .transferCodingUnknown(bytes.text(token))
            }
            guard !isChunked else { throw .malformed("chunked more than once") }
            isChunked = true
        }
    }

    private mutating func noteContentCoding(_ bytes: Span<UInt8>, _ token: Range<Int>) throws(HTTPFault) {
        if bytes.equals("identity", token) { return }
        let isGzip = bytes.equals("gzip", token) || bytes.equals("x-gzip", token)
        guard contentCoding == nil, isGzip || bytes.equals("deflate", token) else {
            throw .contentCodingUnknown(bytes.text(token))
        }
        contentCoding = isGzip ? .gzip : .deflate
    }
}

extension Span where Element == UInt8 {
    /// Whether the bytes at `range` spell `text`, which is in small letters, in any case.
    func equals(_ text: String, _ range: Range<Int>) -> Bool {
        let text = text.utf8.span
        guard range.count == text.count else { return false }
        for index in 0..<text.count
        where ByteClass.lowered(self[range.lowerBound + index]) != text[index] {
            return false
        }
        return true
    }

    /// The non-empty members of a comma-separated list, blanks around them cut off (RFC 9110 section 5.6.1).
    func listMembers(_ range: Range<Int>) -> [Range<Int>] {
        var members: [Range<Int>] = []
        var start = range.lowerBound
        for index in range.lowerBound...range.upperBound
        where index == range.upperBound || self[index] == UInt8(ascii: ",") {
            let member = trimmed(start..<index)
            if !member.isEmpty { members.append(member) }
            start = index + 1
        }
        return members
    }

    /// `range` without the blanks at its ends.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, ByteClass.isBlank(self[start]) { start += 1 }
        while end > start, ByteClass.isBlank(self[end - 1]) { end -= 1 }
        return start..<end
    }

    /// The bytes at `range` as text, at most 64 of them, for messages.
    func text(_ range: Range<Int>) -> String {
        var bytes: [UInt8] = []
        bytes.append(self, range.prefix(64))
        return String(decoding: bytes, as: UTF8.self)
    }
}
