/// A request's line and header fields, checked (RFC 9112 sections 2 and 3).
///
/// What the server itself must know of the fields (framing, persistence, codings) was read while parsing.
// A class: it passes through many hands, and a copy counts one reference instead of one for each part.
package final class RequestHead: Sendable {
    package let method: HTTPMethod
    package let version: HTTPVersion
    package let headers: HTTPHeaders
    /// How the body ends.
    package let framing: BodyFraming
    /// Whether the client allows another request on this connection (RFC 9112 section 9.3).
    package let keepsAlive: Bool
    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 section 10.1.1).
    package let expectsContinue: Bool
    /// How the body is compressed, or nil.
    package let contentCoding: ContentCoding?

    /// Whether `Accept-Encoding` was sent.
    package let namesAcceptedCodings: Bool

    private let pathRange: Range<Int>
    private let queryRange: Range<Int>?

    init(
        _ line: RequestLine, _ headers: HTTPHeaders, _ framing: BodyFraming, _ notes: FieldNotes,
        pathRange: Range<Int>
    ) {
        method = line.method
        version = line.version
        self.headers = headers
        self.framing = framing
        keepsAlive = line.version == .http11 ? !notes.asksClose : notes.asksKeepAlive && !notes.asksClose
        expectsContinue = notes.expectsContinue && line.version == .http11
        contentCoding = notes.contentCoding
        namesAcceptedCodings = notes.namesAcceptedCodings
        self.pathRange = pathRange
        queryRange = line.query
    }

    /// The path as sent, percent escapes kept (they are valid, and none stands for NUL); begins with `/`, or
    /// is `*`.
    package var path: String { String(decoding: headers.bytes[pathRange], as: UTF8.self) }

    /// Runs `body` with the bytes of `path`: routing needs no string.
    package func withPathBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        let bytes = headers.bytes
        let span = bytes.span
        return body(span.extracting(pathRange))
    }

    /// What follows the first `?`, as sent, or nil when there is none.
    package var query: String? { queryRange.map { String(decoding: headers.bytes[$0], as: UTF8.self) } }
}
