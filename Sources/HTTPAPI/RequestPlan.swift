import HTTP1

/// A head that was found acceptable: what is asked for, and how the body is to be read.
struct RequestPlan: Sendable {
    let endpoint: Endpoint
    let query: Query
    /// `nil` without a Content-Type.
    let mediaType: MediaType?

    /// Checks path, method, role, Content-Type and Accept, in this order.
    ///
    /// - Parameters:
    ///   - address: The client's, without its port.
    /// - Throws: what to refuse the request with.
    init(_ head: RequestHead, from address: String, roles: Roles) throws(APIError) {
        let query = try Query(head.query)
        let method = try MethodOverride.apply(
            to: head.method.name, header: head.method == .post ? head.headers["X-HTTP-Method-Override"] : nil,
            parameter: query["_method"])
        let endpoint = try Endpoint(head.withPathBytes(Route.init(bytes:)), method: method)
        try Self.authorise(endpoint, head, from: address, roles: roles)
        mediaType = try Self.contentType(head, of: endpoint)
        if let (type, subtype) = endpoint.produces, let accept = head.headers["Accept"], accept != "*/*" {
            guard AcceptedTypes(accept).allows(type, subtype) else { throw .notAcceptable }
        }
        self.endpoint = endpoint
        self.query = query
    }

    private static func authorise(
        _ endpoint: Endpoint, _ head: RequestHead, from address: String, roles: Roles
    ) throws(APIError) {
        guard let role = endpoint.role else { return }
        if role == .user, roles.userToken == nil { return }
        let caller = Roles.Credentials(
            address: address, authorization: head.headers["Authorization"],
            cookie: head.headers["Cookie"],
            origin: head.headers["Origin"], host: head.headers["Host"])
        guard roles.grants(role, to: caller) else { throw .forbidden }
    }

    private static func contentType(_ head: RequestHead, of endpoint: Endpoint) throws(APIError) -> MediaType?
    {
        let consumed = endpoint.consumes
        guard !consumed.isEmpty else { return nil }
        guard let header = head.headers["Content-Type"] else {
            // A model may come without a type (`curl -T`): its first bytes tell what it is.
            if case .deploy = endpoint { return nil }
            throw .unsupportedMediaType
        }
        if header == "application/json", consumed.contains(header) { return .json }
        guard let type = MediaType(header), consumed.contains(type.essence) else {
            throw .unsupportedMediaType
        }
        return type
    }
}
