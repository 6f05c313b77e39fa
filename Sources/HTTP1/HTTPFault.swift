/// What is wrong with a request at the level of the protocol; each case has one status and one message.
///
/// After any of these the message's end is unknown or the peer is not to be trusted with the connection: the
/// server answers and closes.
package enum HTTPFault: Error, Sendable, Hashable {
    /// The bytes are no HTTP/1.1 message, or one of the shapes used to smuggle requests; the text says which.
    case malformed(String)
    /// `HTTP/2.0` and the like.
    case versionNotSupported
    /// The request line is longer than this many bytes.
    case targetTooLong(limit: Int)
    /// Header fields or trailers are longer than this many bytes.
    case headersTooLarge(limit: Int)
    /// More header fields or trailers than this.
    case tooManyHeaders(limit: Int)
    /// The body, as sent or as decoded, is longer than this many bytes.
    case bodyTooLarge(limit: Int)
    /// The decoded body is more than this many times the size of what was sent.
    case bodyExpandsTooMuch(ratioMax: Int)
    /// A transfer coding other than `chunked`.
    case transferCodingUnknown(String)
    /// A content coding other than gzip and deflate.
    case contentCodingUnknown(String)
    /// The compressed body is broken or ends early.
    case contentBroken(ContentCoding)
    /// An `Expect` other than `100-continue`.
    case expectationUnknown
    /// Head or body came slower than the limits allow.
    case tooSlow
    /// The server lacks memory, descriptors or disk for this request now.
    case outOfResources(String)

    /// The status that answers it.
    package var status: HTTPStatus {
        switch self {
        case .malformed, .contentBroken: .badRequest
        case .versionNotSupported: .versionNotSupported
        case .targetTooLong: .targetTooLong
        case .headersTooLarge, .tooManyHeaders: .headersTooLarge
        case .bodyTooLarge, .bodyExpandsTooMuch: .contentTooLarge
        case .transferCodingUnknown: .notImplemented
        case .contentCodingUnknown: .unsupportedMediaType
        case .expectationUnknown: .expectationFailed
        case .tooSlow: .requestTimeout
        case .outOfResources: .serviceUnavailable
        }
    }

    /// A sentence for the person at the other end.
    package var message: String {
        switch self {
        case .malformed(let what): "Malformed request: \(what)"
        case .versionNotSupported: "Only HTTP/1.1 and HTTP/1.0 are spoken here"
        case .targetTooLong(let limit): "The request line is longer than \(limit) bytes"
        case .headersTooLarge(let limit): "The header fields are longer than \(limit) bytes"
        case .tooManyHeaders(let limit): "There are more than \(limit) header fields"
        case .bodyTooLarge(let limit): "The body is larger than \(limit) bytes"
        case .bodyExpandsTooMuch(let ratio): "The decoded body is more than \(ratio) times the size sent"
        case .transferCodingUnknown(let name): "Transfer coding \"\(name)\" is not supported"
        case .contentCodingUnknown(let name):
            "Content coding \"\(name)\" is not supported; send gzip or deflate"
        case .contentBroken(let coding): "The \(coding.name) body is broken or ends early"
        case .expectationUnknown: "Only the expectation 100-continue is supported"
        case .tooSlow: "The request came too slowly"
        case .outOfResources(let what): "The server has no \(what) left for this request; try again"
        }
    }
}
