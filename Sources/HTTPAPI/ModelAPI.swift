import HTTP1
import HTTPServer
import Logging
import Serving
import Telemetry

/// Every endpoint of Augur, behind one HTTP server.
///
///     head -> RequestPlan (path, method, role, types) -> body to memory or file -> the endpoint's own file
///
/// Scoring begins on the event loop; models are changed on control threads; large bodies are read and large
/// answers written on codec threads.
package final class ModelAPI: HTTPApplication {
    let configuration: APIConfiguration
    let service: ModelService
    let metrics: Metrics
    let logger: Logger
    let codec: WorkThreads
    let control: WorkThreads
    let requestIDs = RequestIDs()
    /// What the server has counted, for `/metrics`.
    let statistics: @Sendable () -> ServerStatistics?

    /// Starts the codec and control threads; the service must outlive every request.
    package init(
        configuration: APIConfiguration, service: ModelService, metrics: Metrics, logger: Logger,
        statistics: @escaping @Sendable () -> ServerStatistics? = { nil }
    ) {
        self.configuration = configuration
        self.service = service
        self.metrics = metrics
        self.logger = logger
        self.statistics = statistics
        codec = WorkThreads(count: configuration.codecThreads, depthMax: configuration.codecDepthMax)
        // A model that is being loaded must not slow down those that are served.
        control = WorkThreads(
            count: configuration.controlThreads, depthMax: configuration.controlDepthMax,
            prepare: { lowerThreadPriority() })
    }

    deinit {
        codec.stop()
        control.stop()
    }

    private static let unjudgedBytesMax = 65_536

    /// Refuses at the head what will be refused anyway; models and tables go to files, all else to memory.
    package func disposition(of head: RequestHead, from address: String) -> BodyDisposition {
        // A small body costs less to take in than to judge twice; every endpoint can do with it in memory.
        if case .length(let count) = head.framing, count <= Self.unjudgedBytesMax, head.contentCoding == nil {
            return .memory(bytesMax: Self.unjudgedBytesMax)
        }
        do throws(APIError) {
            let plan = try RequestPlan(head, from: address, roles: configuration.roles)
            switch plan.endpoint {
            case .deploy:
                // However full of tables the disk is, a model can be replaced.
                return .file(
                    directory: service.uploadDirectory, bytesMax: configuration.modelBytesMax, share: .whole)
            case .evaluateTable(let model):
                _ = try pin(model)
                return .file(directory: service.uploadDirectory, bytesMax: configuration.tableBytesMax)
            case .evaluate(let model), .evaluateBatch(let model):
                _ = try pin(model)
                return .memory(bytesMax: configuration.bodyBytesMax)
            case .redirectToContext, .describeService, .list, .describe, .undeploy, .document, .file,
                .versions,
                .rollback, .live, .ready, .metrics, .openAPI, .options:
                // The body of these is not looked at.
                return .memory(bytesMax: Self.unjudgedBytesMax)
            }
        } catch {
            return .refuse(named(.error(error), head))
        }
    }

    /// Whatever changes no model may.
    package func mayOverlap(_ head: RequestHead) -> Bool {
        switch head.method {
        case .get, .head, .options, .trace: return true
        case .put, .delete, .patch, .connect, .other: return false
        case .post:
            // By its path a POST scores or changes something; a form may mean a change by any path.
            guard let route = head.withPathBytes(Route.init(bytes:)),
                head.headers["X-HTTP-Method-Override"] == nil, head.query?.contains("_method") != true
            else { return false }
            switch route {
            case .model, .batch, .table: return true
            case .contextRoot, .description, .models, .document, .file, .versions, .rollback, .live, .ready,
                .metrics, .openAPI:
                return false
            }
        }
    }

    /// A protocol error, as a document with a request id like any other.
    package func response(to fault: HTTPFault, head: RequestHead?) -> Response {
        if case .outOfResources(let what) = fault {
            metrics.counter(.refused, [MetricLabel("reason", "no \(what)")]).add()
        }
        return named(.message(fault), head)
    }

    /// Routes a complete request.
    package func respond(to exchange: Exchange) {
        do throws(APIError) {
            let plan = try RequestPlan(
                exchange.head, from: exchange.remoteAddress, roles: configuration.roles)
            try route(plan, call(exchange, plan.query, plan.mediaType))
        } catch {
            call(exchange, nil, nil).reply(error)
        }
    }

    func call(_ exchange: Exchange, _ query: Query?, _ mediaType: MediaType?) -> Call {
        Call(
            exchange: exchange, query: query ?? .none, mediaType: mediaType,
            name: requestName(exchange.head), logger: logger)
    }

    private func requestName(_ head: RequestHead?) -> RequestName {
        RequestIDs.taken(head?.headers["X-Request-Id"]).map { .given($0) }
            ?? .numbered(requestIDs.makeNumber())
    }

    private func named(_ response: Response, _ head: RequestHead?) -> Response {
        var response = response
        let name = requestName(head)
        response.headers.add("X-Request-Id") { name.write(to: &$0) }
        return response
    }

    private func route(_ plan: RequestPlan, _ call: Call) throws(APIError) {
        switch plan.endpoint {
        case .evaluate(let model): evaluate(ScoringCall(call, version: try pin(model)))
        case .evaluateBatch(let model): evaluateBatch(ScoringCall(call, version: try pin(model)))
        case .evaluateTable(let model): evaluateTable(ScoringCall(call, version: try pin(model)))
        case .list: list(call)
        case .describe(let model): describe(try pin(model), call)
        case .versions(let id): versions(served: try pin(ModelReference(id: id)), call)
        case .document(let model): try download(try pin(model), asDocument: true, call)
        case .file(let model): try download(try pin(model), asDocument: false, call)
        case .deploy(let id): change(call) { () throws(APIError) in try self.deploy(id, call) }
        case .undeploy(let id): change(call) { () throws(APIError) in try self.undeploy(id, call) }
        case .rollback(let id): change(call) { () throws(APIError) in try self.rollback(id, call) }
        case .live: live(call)
        case .ready: ready(call)
        case .metrics: scrape(call)
        case .openAPI: openAPI(call)
        case .describeService: describeService(call)
        case .redirectToContext:
            call.reply(Response(.movedPermanently, headers: ["Location": "/openscoring/"]))
        case .options(let allow): call.reply(Response(.ok, headers: ["Allow": allow]))
        }
    }

    /// The version that a path means, held until the answer.
    ///
    /// - Throws: `notFound`, or `unavailable` while the models known at start are still being loaded.
    func pin(_ model: ModelReference) throws(APIError) -> ModelVersion {
        if let version = service.pin(model.id, version: model.version) { return version }
        throw service.isReady ? .notFound : .unavailable("Models are being loaded")
    }

    /// Runs a change of the models on a control thread; what it throws is the answer.
    private func change(_ call: Call, _ work: @escaping @Sendable () throws(APIError) -> Void) {
        guard service.isReady else { return call.reply(.unavailable("Models are being loaded")) }
        let isAccepted = control.submit {
            do throws(APIError) { try work() } catch { call.reply(error) }
        }
        guard !isAccepted else { return }
        metrics.counter(.refused, [MetricLabel("reason", "deployments waiting")]).add()
        call.reply(.busy(retryAfterSeconds: 5))
    }
}

extension Query {
    /// Without parameters.
    static var none: Query { Query(items: []) }
}
