import HTTP1

/// A whole reply. The server adds `Date`, `Content-Length`, `Connection`, `Vary` and `Content-Encoding`.
package struct Response: Sendable {
    package var status: HTTPStatus
    package var headers: HTTPHeaders
    package var body: ResponseBody
    /// Whether the connection is closed once this reply is sent.
    package var closesConnection = false

    /// A reply of these parts; `Content-Type` is the caller's to set.
    package init(_ status: HTTPStatus, headers: HTTPHeaders = [:], body: ResponseBody = .empty) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// What follows a reply's head.
package enum ResponseBody: Sendable {
    case empty
    case bytes([UInt8])
    /// The first `count` bytes of the file at `path`, sent as the client reads them.
    case file(path: String, count: Int)
    /// A temporary file, sent in the same way; it is removed once it is sent or the client is gone.
    case spooled(SpooledFile)
}
