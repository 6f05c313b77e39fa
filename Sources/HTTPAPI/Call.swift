import Glibc
import HTTP1
import HTTPServer
import JSON
import Logging
import Synchronization

/// One request on its way to its answer.
// A class: it is handed from step to step, and a copy counts one reference instead of ten.
final class Call: Sendable {
    let exchange: Exchange
    let query: Query
    let mediaType: MediaType?
    private let name: RequestName
    private let logger: Logger

    init(exchange: Exchange, query: Query, mediaType: MediaType?, name: RequestName, logger: Logger) {
        self.exchange = exchange
        self.query = query
        self.mediaType = mediaType
        self.name = name
        self.logger = logger
    }

    /// What the request is called in the log and in its answer.
    var requestID: String { name.text }

    /// Answers with a document.
    func reply(_ status: HTTPStatus, json: [UInt8], headers: consuming HTTPHeaders = [:]) {
        headers.add("Content-Type") { $0.append(contentsOf: "application/json".utf8) }
        reply(Response(status, headers: headers, body: .bytes(json)))
    }

    /// Answers with `{"message": ...}`.
    func reply(_ error: APIError, headers: HTTPHeaders = [:]) {
        switch error {
        case .fault, .storage: log(.error, error.message)
        case .badRequest, .forbidden, .notFound, .methodNotAllowed, .notAcceptable, .conflict, .tooLarge,
            .unsupportedMediaType, .busy, .unavailable:
            break
        }
        var response = Response.error(error)
        response.headers.add(contentsOf: headers)
        reply(response)
    }

    /// Answers with anything; the request's name is added.
    // Consuming: the headers are this call's own then, and grow where they are.
    func reply(_ response: consuming Response) {
        response.headers.add("X-Request-Id") { name.write(to: &$0) }
        if logger.logLevel <= .debug { log(.debug, "answered \(response.status.code)") }
        exchange.respond(response)
    }

    /// Logs with the request's name, method and path.
    func log(_ level: Logger.Level, _ message: String) {
        logger.log(
            level: level, "\(message)",
            metadata: [
                "request": "\(requestID)", "method": "\(exchange.head.method.name)",
                "path": "\(exchange.head.path)",
                "client": "\(exchange.remoteAddress)",
            ])
    }

    /// The body's bytes; only for endpoints whose bodies go to memory.
    var bytes: [UInt8] {
        switch exchange.body {
        case .bytes(let bytes): bytes
        case .file: []
        }
    }
}

extension Response {
    /// `{"message": ...}` as `application/json` without a charset: clients compare that text exactly.
    static func error(_ error: APIError) -> Response {
        var writer = JSONWriter(.openscoring)
        writer.beginObject()
        writer.member("message", error.message)
        writer.endObject()
        var headers: HTTPHeaders = ["Content-Type": "application/json"]
        switch error {
        case .methodNotAllowed(let allow): headers.add("Allow", allow)
        case .busy(let seconds): headers.add("Retry-After", "\(seconds)")
        case .unavailable: headers.add("Retry-After", "1")
        case .badRequest, .forbidden, .notFound, .notAcceptable, .conflict, .tooLarge, .unsupportedMediaType,
            .storage, .fault:
            break
        }
        return Response(
            HTTPStatus(code: error.statusCode, reason: error.reason), headers: headers,
            body: .bytes(writer.bytes))
    }
}

extension APIError {
    /// The reason phrase beside the status.
    var reason: String {
        switch self {
        case .badRequest: "Bad Request"
        case .forbidden: "Forbidden"
        case .notFound: "Not Found"
        case .methodNotAllowed: "Method Not Allowed"
        case .notAcceptable: "Not Acceptable"
        case .conflict: "Conflict"
        case .tooLarge: "Content Too Large"
        case .unsupportedMediaType: "Unsupported Media Type"
        case .busy, .unavailable: "Service Unavailable"
        case .storage: "Insufficient Storage"
        case .fault: "Internal Server Error"
        }
    }
}

/// The monotonic clock, in nanoseconds, as `Exchange.arrived` counts.
func monotonicNanoseconds() -> UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(now.tv_sec) &* 1_000_000_000 &+ UInt64(now.tv_nsec)
}
