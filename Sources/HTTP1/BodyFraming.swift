/// How the end of a request's body is found (RFC 9112 section 6.3).
package enum BodyFraming: Sendable, Hashable {
    /// No body follows the head.
    case none
    /// Exactly this many bytes follow, at least one.
    case length(Int)
    /// Chunks follow, up to one of size zero.
    case chunked
}
