/// What a request asks for: a route and a method that it has.
package enum Endpoint: Sendable, Equatable {
    case redirectToContext
    case describeService
    case list
    case describe(ModelReference)
    case deploy(String)
    case undeploy(String)
    case document(ModelReference)
    case file(ModelReference)
    case evaluate(ModelReference)
    case evaluateBatch(ModelReference)
    case evaluateTable(ModelReference)
    case versions(String)
    case rollback(String)
    case live
    case ready
    case metrics
    case openAPI
    /// OPTIONS of a path: the methods it has.
    case options(allow: String)

    /// Finds the endpoint, or what to refuse the request with.
    ///
    /// - Parameters:
    ///   - path: Still percent-encoded, without the query.
    ///   - method: In upper case, an override already applied.
    /// - Throws: `notFound`, or `methodNotAllowed` with the methods that the path has.
    package init(path: String, method: String) throws(APIError) {
        guard let route = Route(path: path) else { throw .notFound }
        let choices = Self.choices(of: route)
        let verb = method == "HEAD" ? "GET" : method
        if let choice = choices.first(where: { $0.method == verb }) {
            self = choice.endpoint
            return
        }
        let allow = choices.flatMap { $0.method == "GET" ? ["GET", "HEAD"] : [$0.method] } + ["OPTIONS"]
        guard method == "OPTIONS" else { throw .methodNotAllowed(allow: allow.joined(separator: ", ")) }
        self = .options(allow: allow.joined(separator: ", "))
    }

    private static func choices(of route: Route) -> [(method: String, endpoint: Endpoint)] {
        switch route {
        case .contextRoot: [("GET", .redirectToContext)]
        case .description: [("GET", .describeService)]
        case .models: [("GET", .list)]
        case .model(let model) where model.version != nil:
            [("GET", .describe(model)), ("POST", .evaluate(model))]
        case .model(let model):
            [
                ("GET", .describe(model)), ("PUT", .deploy(model.id)), ("POST", .evaluate(model)),
                ("DELETE", .undeploy(model.id)),
            ]
        case .document(let model): [("GET", .document(model))]
        case .file(let model): [("GET", .file(model))]
        case .batch(let model): [("POST", .evaluateBatch(model))]
        case .table(let model): [("POST", .evaluateTable(model))]
        case .versions(let id): [("GET", .versions(id))]
        case .rollback(let id): [("POST", .rollback(id))]
        case .live: [("GET", .live)]
        case .ready: [("GET", .ready)]
        case .metrics: [("GET", .metrics)]
        case .openAPI: [("GET", .openAPI)]
        }
    }

    /// Who may call it: `nil` is everybody, whatever the roles.
    package var role: Role? {
        switch self {
        case .live, .ready, .openAPI, .options, .redirectToContext, .describeService: nil
        case .list, .describe, .evaluate, .evaluateBatch, .evaluateTable, .versions, .metrics: .user
        case .deploy, .undeploy, .document, .file, .rollback: .admin
        }
    }

    /// The media type of a successful answer, for `Accept`; `nil` where any is taken.
    package var produces: (type: String, subtype: String)? {
        switch self {
        case .list, .describe, .deploy, .undeploy, .evaluate, .evaluateBatch, .versions, .rollback:
            ("application", "json")
        case .document: ("application", "xml")
        case .evaluateTable: ("text", "plain")
        case .live, .ready, .openAPI, .options, .redirectToContext, .describeService, .metrics, .file: nil
        }
    }

    /// The media types it reads; empty where the body is not looked at.
    package var consumes: Set<String> {
        switch self {
        case .deploy:
            [
                "application/xml", "text/xml", "multipart/form-data", "application/octet-stream",
                "application/x-onnx", "application/onnx",
            ]
        case .evaluate: ["application/json", "image/jpeg", "image/png", "multipart/form-data"]
        case .evaluateBatch: ["application/json"]
        case .evaluateTable: ["text/plain", "text/csv", "application/csv", "multipart/form-data"]
        case .redirectToContext, .describeService, .list, .describe, .undeploy, .document, .file, .versions,
            .rollback, .live, .ready, .metrics, .openAPI, .options:
            []
        }
    }
}
