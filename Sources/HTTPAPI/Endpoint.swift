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
        try self.init(Route(path: path), method: method)
    }

    /// As `init(path:method:)`, from the path's route.
    init(_ route: Route?, method: String) throws(APIError) {
        guard let route else { throw .notFound }
        if let endpoint = Self.endpoint(route, method == "HEAD" ? "GET" : method) {
            self = endpoint
            return
        }
        let verbs = ["GET", "PUT", "POST", "DELETE"].filter { Self.endpoint(route, $0) != nil }
        let allow = (verbs.flatMap { $0 == "GET" ? ["GET", "HEAD"] : [$0] } + ["OPTIONS"]).joined(
            separator: ", ")
        guard method == "OPTIONS" else { throw .methodNotAllowed(allow: allow) }
        self = .options(allow: allow)
    }

    /// What a method means on a route; `nil` when the route lacks it.
    private static func endpoint(_ route: Route, _ method: String) -> Endpoint? {
        switch route {
        case .model(let model):
            switch method {
            case "GET": .describe(model)
            case "POST": .evaluate(model)
            case "PUT": model.version == nil ? .deploy(model.id) : nil
            case "DELETE": model.version == nil ? .undeploy(model.id) : nil
            default: nil
            }
        case .batch(let model): method == "POST" ? .evaluateBatch(model) : nil
        case .table(let model): method == "POST" ? .evaluateTable(model) : nil
        case .rollback(let id): method == "POST" ? .rollback(id) : nil
        case .contextRoot: method == "GET" ? .redirectToContext : nil
        case .description: method == "GET" ? .describeService : nil
        case .models: method == "GET" ? .list : nil
        case .document(let model): method == "GET" ? .document(model) : nil
        case .file(let model): method == "GET" ? .file(model) : nil
        case .versions(let id): method == "GET" ? .versions(id) : nil
        case .live: method == "GET" ? .live : nil
        case .ready: method == "GET" ? .ready : nil
        case .metrics: method == "GET" ? .metrics : nil
        case .openAPI: method == "GET" ? .openAPI : nil
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
    package var consumes: [String] {
        switch self {
        case .deploy: Self.modelTypes
        case .evaluate: Self.rowTypes
        case .evaluateBatch: Self.batchTypes
        case .evaluateTable: Self.tableTypes
        case .redirectToContext, .describeService, .list, .describe, .undeploy, .document, .file, .versions,
            .rollback, .live, .ready, .metrics, .openAPI, .options:
            []
        }
    }

    private static let modelTypes = [
        "application/xml", "text/xml", "multipart/form-data", "application/octet-stream",
        "application/x-onnx",
        "application/onnx",
    ]
    private static let rowTypes = ["application/json", "image/jpeg", "image/png", "multipart/form-data"]
    private static let batchTypes = ["application/json"]
    private static let tableTypes = ["text/plain", "text/csv", "application/csv", "multipart/form-data"]
}
