/// `method SP target SP version CR LF` (RFC 9112 section 3), exactly one space between.
struct RequestLine {
    let method: HTTPMethod
    let path: Range<Int>
    let query: Range<Int>?
    /// Whether an absolute target ends at its authority, so that its path is `/`.
    let isPathImplied: Bool
    let version: HTTPVersion
    /// The offset past the line's CR LF.
    let end: Int

    init(_ bytes: Span<UInt8>) throws(HTTPFault) {
        let methodEnd = Self.end(bytes, from: 0, while: ByteClass.isToken)
        guard methodEnd > 0, methodEnd <= Self.methodBytesMax, bytes.has(" ", at: methodEnd) else {
            throw .malformed("the request line does not begin with a method")
        }
        let targetStart = methodEnd + 1
        let targetEnd = Self.end(bytes, from: targetStart, while: ByteClass.isTarget)
        guard targetEnd > targetStart, bytes.has(" ", at: targetEnd) else {
            throw .malformed("the request target is not one")
        }
        version = try Self.version(bytes, at: targetEnd + 1)
        end = targetEnd + 1 + Self.versionBytes + 2
        guard bytes.has("\r", at: end - 2), bytes.has("\n", at: end - 1) else {
            throw .malformed("the request line does not end after the version")
        }
        method = Self.method(bytes, 0..<methodEnd)
        (path, query, isPathImplied) = try Self.target(bytes, targetStart..<targetEnd, method)
    }

    private static let methodBytesMax = 32
    private static let versionBytes = 8

    private static func end(_ bytes: Span<UInt8>, from start: Int, while accepts: (UInt8) -> Bool) -> Int {
        var position = start
        while position < bytes.count, accepts(bytes[position]) { position += 1 }
        return position
    }

    private static func method(_ bytes: Span<UInt8>, _ range: Range<Int>) -> HTTPMethod {
        // The three that carry nearly all traffic, without making a string.
        if range.count == 3, bytes[0] == UInt8(ascii: "G"), bytes[1] == UInt8(ascii: "E") {
            if bytes[2] == UInt8(ascii: "T") { return .get }
        } else if range.count == 4, bytes[0] == UInt8(ascii: "P"), bytes[1] == UInt8(ascii: "O") {
            if bytes[2] == UInt8(ascii: "S"), bytes[3] == UInt8(ascii: "T") { return .post }
        }
        return HTTPMethod(bytes.text(range))
    }

    private static func version(_ bytes: Span<UInt8>, at start: Int) throws(HTTPFault) -> HTTPVersion {
        guard start + versionBytes + 2 <= bytes.count, bytes.has("H", at: start),
            bytes.has("T", at: start + 1),
            bytes.has("T", at: start + 2), bytes.has("P", at: start + 3), bytes.has("/", at: start + 4),
            ByteClass.isDigit(bytes[start + 5]), bytes.has(".", at: start + 6),
            ByteClass.isDigit(bytes[start + 7])
        else { throw .malformed("the request line does not end in a version") }
        guard bytes.has("1", at: start + 5) else { throw .versionNotSupported }
        return bytes.has("0", at: start + 7) ? .http10 : .http11
    }

    /// Origin form, absolute form, `*` for OPTIONS, authority form for CONNECT (RFC 9112 section 3.2).
    private static func target(_ bytes: Span<UInt8>, _ range: Range<Int>, _ method: HTTPMethod)
        throws(HTTPFault) -> (path: Range<Int>, query: Range<Int>?, isPathImplied: Bool)
    {
        try checkEscapes(bytes, range)
        if bytes.has("/", at: range.lowerBound) {
            let (path, query) = split(bytes, range)
            return (path, query, false)
        }
        if range.count == 1, bytes.has("*", at: range.lowerBound), method == .options {
            return (range, nil, false)
        }
        if method == .connect { return (range, nil, false) }
        let authority = try authorityStart(bytes, range)
        let authorityEnd = min(
            end(bytes, from: authority, while: ByteClass.isHost), range.upperBound)
        guard authorityEnd > authority else { throw .malformed("the request target names no host") }
        if authorityEnd == range.upperBound { return (range, nil, true) }
        guard bytes.has("/", at: authorityEnd) || bytes.has("?", at: authorityEnd) else {
            throw .malformed("the request target is not one")
        }
        let (path, query) = split(bytes, authorityEnd..<range.upperBound)
        return (path, query, path.isEmpty)
    }

    /// Where the authority of an absolute target begins.
    private static func authorityStart(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(HTTPFault) -> Int {
        for scheme in ["http://", "https://"] where scheme.utf8.count < range.count {
            let end = range.lowerBound + scheme.utf8.count
            if bytes.equals(scheme, range.lowerBound..<end) { return end }
        }
        throw .malformed("the request target is not one")
    }

    private static func split(_ bytes: Span<UInt8>, _ range: Range<Int>) -> (Range<Int>, Range<Int>?) {
        guard let mark = bytes.firstIndex(of: UInt8(ascii: "?"), from: range.lowerBound),
            mark < range.upperBound
        else { return (range, nil) }
        return (range.lowerBound..<mark, mark + 1..<range.upperBound)
    }

    /// Every `%` begins two hexadecimal digits that do not stand for NUL.
    private static func checkEscapes(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(HTTPFault) {
        var position = range.lowerBound
        while let percent = bytes.firstIndex(of: UInt8(ascii: "%"), from: position),
            percent < range.upperBound
        {
            guard percent + 2 < range.upperBound, let high = ByteClass.hexValue(bytes[percent + 1]),
                let low = ByteClass.hexValue(bytes[percent + 2])
            else { throw .malformed("a percent sign without two hexadecimal digits in the target") }
            guard high != 0 || low != 0 else { throw .malformed("NUL in the target") }
            position = percent + 3
        }
    }
}

extension Span where Element == UInt8 {
    /// Whether `character` stands at `index`; false past the end.
    fileprivate func has(_ character: Unicode.Scalar, at index: Int) -> Bool {
        index < count && self[index] == UInt8(ascii: character)
    }
}
