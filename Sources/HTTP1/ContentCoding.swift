/// A content coding that the server can undo in requests and apply to replies (RFC 9110 section 8.4.1).
package enum ContentCoding: Sendable, Hashable {
    /// `gzip` and its old name `x-gzip` (RFC 1952).
    case gzip
    /// `deflate`: zlib's wrapper (RFC 1950); in requests also the bare form (RFC 1951) that some clients
    /// send.
    case deflate

    /// The name sent in `Content-Encoding`.
    package var name: String {
        switch self {
        case .gzip: "gzip"
        case .deflate: "deflate"
        }
    }
}
