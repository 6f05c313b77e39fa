/// Everything that can go wrong between a complete request and its answer.
///
/// The cases are the HTTP layer's own; errors of the modules below are turned into one of them by
/// `APIError+mapping.swift`, so that one exhaustive switch decides every status.
package enum APIError: Error, Sendable, Equatable {
    /// The request cannot be understood or evaluated: 400 with this text.
    case badRequest(String)
    /// The caller lacks the role: 403 `User not authorized.`
    case forbidden
    /// No such path, model or version: 404 `Not Found`, the text that clients compare with.
    case notFound
    /// The path exists, the method does not: 405 with `Allow`.
    case methodNotAllowed(allow: String)
    /// `Accept` excludes what the endpoint produces: 406.
    case notAcceptable
    /// The work was overtaken by a change of the same model: 409 with this text.
    case conflict(String)
    /// A body, part, row or image above its bound: 413 with this text.
    case tooLarge(String)
    /// A `Content-Type` that the endpoint does not consume: 415.
    case unsupportedMediaType
    /// A queue is full: 503 with `Retry-After`, at once.
    case busy(retryAfterSeconds: Int)
    /// The server is not ready, or is going down: 503 with this text.
    case unavailable(String)
    /// No room, or an input/output fault of this machine: 507 with this text.
    case storage(String)
    /// A fault of ours: 500 with this text.
    case fault(String)

    /// 413 for an answer above its bound; nothing longer is ever put together.
    static func longAnswer(bytesMax: Int) -> APIError {
        .tooLarge("The answer exceeds \(bytesMax) bytes")
    }

    /// Status code (RFC 9110, section 15).
    package var statusCode: Int {
        switch self {
        case .badRequest: 400
        case .forbidden: 403
        case .notFound: 404
        case .methodNotAllowed: 405
        case .notAcceptable: 406
        case .conflict: 409
        case .tooLarge: 413
        case .unsupportedMediaType: 415
        case .busy, .unavailable: 503
        case .storage: 507
        case .fault: 500
        }
    }

    /// The `message` of the error document: never empty.
    package var message: String {
        switch self {
        case .badRequest(let text): text.isEmpty ? "Bad Request" : text
        case .forbidden: "User not authorized."
        case .notFound: "Not Found"
        case .methodNotAllowed: "Method Not Allowed"
        case .notAcceptable: "Not Acceptable"
        case .conflict(let text): text.isEmpty ? "Conflict" : text
        case .tooLarge(let text): text.isEmpty ? "Content Too Large" : text
        case .unsupportedMediaType: "Unsupported Media Type"
        case .busy: "The queue is full, try again"
        case .unavailable(let text): text.isEmpty ? "Service Unavailable" : text
        case .storage(let text): text.isEmpty ? "Insufficient Storage" : text
        case .fault(let text): text.isEmpty ? "Internal Server Error" : text
        }
    }
}
