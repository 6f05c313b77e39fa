/// A request method (RFC 9110 section 9); names are case-sensitive.
package enum HTTPMethod: Sendable, Hashable {
    case get, head, post, put, delete, options, patch, trace, connect
    /// Any other token, as sent.
    case other(String)

    /// The method named by `text`, exactly as spelled.
    package init(_ text: String) {
        self = Self.known.first { $0.name == text } ?? .other(text)
    }

    /// The name as it stands in a request line and in `Allow`.
    package var name: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .patch: "PATCH"
        case .trace: "TRACE"
        case .connect: "CONNECT"
        case .other(let name): name
        }
    }

    /// Whether the method asks for no change on the server (RFC 9110 section 9.2.1).
    package var isSafe: Bool {
        switch self {
        case .get, .head, .options, .trace: true
        case .post, .put, .delete, .patch, .connect, .other: false
        }
    }

    private static let known: [HTTPMethod] = [
        .get, .head, .post, .put, .delete, .options, .patch, .trace, .connect,
    ]
}
