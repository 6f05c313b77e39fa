/// Takes a multipart/form-data body (RFC 7578, RFC 2046 section 5.1) apart as it arrives.
///
/// Pure: bytes in, events out; it holds at most one delimiter's length of body bytes and one part's headers.
///
///     preamble --delimiter--> headers --empty line--> body --delimiter--> headers ...
///                                                          --delimiter "--"--> epilogue
package struct MultipartParser {
    /// What was recognised.
    package enum Event: Sendable {
        /// A part begins; `name` comes from its Content-Disposition.
        case part(Part)
        /// Content of the part begun last, and at which byte of the body it begins.
        case content(ArraySlice<UInt8>, offset: Int)
        /// The part begun last is complete.
        case end
    }

    /// The head of a part.
    package struct Part: Sendable, Equatable {
        /// The `name` parameter of Content-Disposition; empty when it has none.
        package let name: String
        /// The `filename` parameter, when sent.
        package let fileName: String?
        /// Content-Type as sent.
        package let contentType: String?
    }

    private enum State { case preamble, delimiterEnd, headers, bodyStart, body, epilogue }

    private static let headerBytesMax = 16_384
    private static let partsMax = 64
    private let delimiter: [UInt8]
    private var state = State.preamble
    private var pending: [UInt8] = [13, 10]
    /// Where in the body `pending` begins; the line end in front of the body is ours.
    private var pendingOffset = -2
    private var parts = 0

    /// - Throws: `badRequest` when the media type has no legal boundary (1 to 70 characters).
    package init(_ type: MediaType) throws(APIError) {
        guard let boundary = type.parameters["boundary"], (1...70).contains(boundary.utf8.count) else {
            throw .badRequest("The multipart Content-Type has no boundary")
        }
        delimiter = [13, 10, 45, 45] + Array(boundary.utf8)
    }

    /// Feeds the next bytes and reports what they complete.
    ///
    /// - Throws: `badRequest` for a malformed part, `tooLarge` for more than 64 parts or 16 KiB of part
    ///   headers.
    package mutating func consume(
        _ bytes: some Sequence<UInt8>, _ report: (Event) throws(APIError) -> Void
    ) throws(APIError) {
        pending.append(contentsOf: bytes)
        var at = 0
        stepping: while true {
            switch state {
            case .preamble:
                guard let found = find(delimiter, from: at) else {
                    at = max(at, pending.count - delimiter.count + 1)
                    break stepping
                }
                at = found + delimiter.count
                state = .delimiterEnd
            case .delimiterEnd:
                guard let next = try endOfDelimiterLine(from: at) else { break stepping }
                at = next
            case .headers:
                guard let next = try headers(from: at, report) else { break stepping }
                at = next
            case .bodyStart:
                // An empty part's delimiter begins with the very line end that closed its headers.
                guard pending.count >= at + delimiter.count else { break stepping }
                if !pending[at...].starts(with: delimiter) { at += 2 }
                state = .body
            case .body:
                guard let found = find(delimiter, from: at) else {
                    let safe = max(at, pending.count - delimiter.count + 1)
                    if safe > at { try report(.content(pending[at..<safe], offset: pendingOffset + at)) }
                    at = safe
                    break stepping
                }
                if found > at { try report(.content(pending[at..<found], offset: pendingOffset + at)) }
                try report(.end)
                at = found + delimiter.count
                state = .delimiterEnd
            case .epilogue:
                at = pending.count
                break stepping
            }
        }
        pending.removeFirst(min(at, pending.count))
        pendingOffset += at
    }

    /// Must be called after the last byte.
    ///
    /// - Throws: `badRequest` when the closing delimiter has not come.
    package func finish() throws(APIError) {
        guard state == .epilogue else {
            throw .badRequest("The multipart body ends before its closing boundary")
        }
    }

    private func find(_ pattern: [UInt8], from start: Int) -> Int? {
        var at = start
        let last = pending.count - pattern.count
        while at <= last, let candidate = pending[at...].firstIndex(of: pattern[0]), candidate <= last {
            if pending[candidate..<(candidate + pattern.count)].elementsEqual(pattern) { return candidate }
            at = candidate + 1
        }
        return nil
    }

    /// `--` closes the body; otherwise spaces and CRLF lead to the headers of the next part.
    private mutating func endOfDelimiterLine(from start: Int) throws(APIError) -> Int? {
        guard pending.count >= start + 2 else { return nil }
        if pending[start] == 45, pending[start + 1] == 45 {
            state = .epilogue
            return start + 2
        }
        var at = start
        while at < pending.count, pending[at] == 0x20 || pending[at] == 0x09 { at += 1 }
        guard at - start < 256 else { throw .badRequest("A multipart boundary line is too long") }
        guard pending.count >= at + 2 else { return nil }
        guard pending[at] == 13, pending[at + 1] == 10 else {
            throw .badRequest("A multipart boundary is not followed by a line end")
        }
        parts += 1
        guard parts <= Self.partsMax else { throw .tooLarge("More than \(Self.partsMax) parts") }
        state = .headers
        // The line end stays: a part without headers has its empty line right here.
        return at
    }

    private mutating func headers(
        from start: Int, _ report: (Event) throws(APIError) -> Void
    ) throws(APIError) -> Int? {
        guard let end = find([13, 10, 13, 10], from: start) else {
            guard pending.count - start <= Self.headerBytesMax else {
                throw .tooLarge("The headers of a part exceed \(Self.headerBytesMax) bytes")
            }
            return nil
        }
        guard end - start <= Self.headerBytesMax else {
            throw .tooLarge("The headers of a part exceed \(Self.headerBytesMax) bytes")
        }
        try report(.part(try Self.part(String(decoding: pending[start..<end], as: UTF8.self))))
        state = .bodyStart
        return end + 2
    }

    private static func part(_ headers: String) throws(APIError) -> Part {
        var name: String?
        var fileName: String?
        var contentType: String?
        for line in headers.split(separator: "\r\n") {
            guard let colon = line.firstIndex(of: ":") else {
                throw .badRequest("A part has a malformed header")
            }
            let value = String(line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" })
            switch line[..<colon].lowercased() {
            case "content-disposition":
                var scanner = ParameterScanner(value)
                guard scanner.leading()?.lowercased() == "form-data" else {
                    throw .badRequest("A part is not form-data")
                }
                while let (parameter, text) = scanner.next() {
                    if parameter == "name" { name = text }
                    if parameter == "filename" { fileName = text }
                }
            case "content-type": contentType = value
            default: continue
            }
        }
        return Part(name: name ?? "", fileName: fileName, contentType: contentType)
    }
}
