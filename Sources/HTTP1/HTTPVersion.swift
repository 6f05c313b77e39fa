/// The protocol versions that the server speaks (RFC 9112 section 2.3); others get 505.
package enum HTTPVersion: Sendable, Hashable {
    case http10
    /// 1.1, and any later minor version, which is answered as 1.1.
    case http11
}
