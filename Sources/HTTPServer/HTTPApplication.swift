import HTTP1

/// What the server serves.
package protocol HTTPApplication: Sendable {
    /// Where the body goes; called on the event loop as soon as a head that announces a body is parsed.
    /// `address` is the client's, without its port.
    func disposition(of head: RequestHead, from address: String) -> BodyDisposition

    /// Answers a complete request; called on the event loop.
    ///
    /// Must not block or take longer than some tens of microseconds, and must see to it that
    /// `exchange.respond` is called exactly once, now or later, from any thread.
    func respond(to exchange: Exchange)

    /// Whether this request may be worked on while others of the same connection are not yet answered
    /// (RFC 9112 section 9.3.2). Safe methods may; all others wait their turn, unless the application knows
    /// better.
    func mayOverlap(_ head: RequestHead) -> Bool

    /// The reply to a request that the server refuses by itself; `head` is there if it could be parsed.
    func response(to fault: HTTPFault, head: RequestHead?) -> Response
}

extension HTTPApplication {
    /// Safe methods may.
    package func mayOverlap(_ head: RequestHead) -> Bool { head.method.isSafe }

    /// A short text.
    package func response(to fault: HTTPFault, head: RequestHead?) -> Response { .message(fault) }
}

extension Response {
    /// `{"message": ...}` of type `application/json`, the form in which every error leaves this server.
    package static func message(_ fault: HTTPFault) -> Response {
        var text = "{\n  \"message\" : \""
        for scalar in fault.message.unicodeScalars {
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            case _ where scalar.value < 0x20: text += " "
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\"\n}"
        var headers: HTTPHeaders = ["Content-Type": "application/json"]
        if case .outOfResources = fault { headers.add("Retry-After", "5") }
        return Response(fault.status, headers: headers, body: .bytes(Array(text.utf8)))
    }
}
