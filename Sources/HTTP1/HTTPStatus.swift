/// A response status (RFC 9110 section 15).
package struct HTTPStatus: Sendable, Hashable {
    /// Three digits, 100 to 599.
    package let code: Int
    /// The text beside it; clients ignore it.
    package let reason: String

    /// A status outside the list below.
    package init(code: Int, reason: String) {
        self.code = min(max(code, 100), 599)
        self.reason = reason
    }

    /// Whether a reply of this status never carries a body (RFC 9110 section 6.4.1).
    package var forbidsBody: Bool { code < 200 || code == 204 || code == 304 }
}

extension HTTPStatus {
    /// 200, RFC 9110 section 15.3.
    package static let ok = HTTPStatus(code: 200, reason: "OK")
    /// 201, RFC 9110 section 15.3.
    package static let created = HTTPStatus(code: 201, reason: "Created")
    /// 202, RFC 9110 section 15.3.
    package static let accepted = HTTPStatus(code: 202, reason: "Accepted")
    /// 204, RFC 9110 section 15.3.
    package static let noContent = HTTPStatus(code: 204, reason: "No Content")
    /// 301, RFC 9110 section 15.4.
    package static let movedPermanently = HTTPStatus(code: 301, reason: "Moved Permanently")
    /// 400, RFC 9110 section 15.5.
    package static let badRequest = HTTPStatus(code: 400, reason: "Bad Request")
    /// 403, RFC 9110 section 15.5.
    package static let forbidden = HTTPStatus(code: 403, reason: "Forbidden")
    /// 404, RFC 9110 section 15.5.
    package static let notFound = HTTPStatus(code: 404, reason: "Not Found")
    /// 405, RFC 9110 section 15.5.
    package static let methodNotAllowed = HTTPStatus(code: 405, reason: "Method Not Allowed")
    /// 406, RFC 9110 section 15.5.
    package static let notAcceptable = HTTPStatus(code: 406, reason: "Not Acceptable")
    /// 408, RFC 9110 section 15.5.
    package static let requestTimeout = HTTPStatus(code: 408, reason: "Request Timeout")
    /// 409, RFC 9110 section 15.5.
    package static let conflict = HTTPStatus(code: 409, reason: "Conflict")
    /// 413, RFC 9110 section 15.5.
    package static let contentTooLarge = HTTPStatus(code: 413, reason: "Content Too Large")
    /// 414, RFC 9110 section 15.5.
    package static let targetTooLong = HTTPStatus(code: 414, reason: "URI Too Long")
    /// 415, RFC 9110 section 15.5.
    package static let unsupportedMediaType = HTTPStatus(code: 415, reason: "Unsupported Media Type")
    /// 417, RFC 9110 section 15.5.
    package static let expectationFailed = HTTPStatus(code: 417, reason: "Expectation Failed")
    /// 431, RFC 6585.
    package static let headersTooLarge = HTTPStatus(code: 431, reason: "Request Header Fields Too Large")
    /// 500, RFC 9110 section 15.6.
    package static let internalServerError = HTTPStatus(code: 500, reason: "Internal Server Error")
    /// 501, RFC 9110 section 15.6.
    package static let notImplemented = HTTPStatus(code: 501, reason: "Not Implemented")
    /// 503, RFC 9110 section 15.6.
    package static let serviceUnavailable = HTTPStatus(code: 503, reason: "Service Unavailable")
    /// 505, RFC 9110 section 15.6.
    package static let versionNotSupported = HTTPStatus(code: 505, reason: "HTTP Version Not Supported")
}
