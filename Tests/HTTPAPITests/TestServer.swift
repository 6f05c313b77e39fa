import Glibc
import HTTP1
import HTTPServer
import Logging
import Serving
import Telemetry
import Testing

@testable import HTTPAPI

/// A whole server in this process, on a free port, with a data folder of its own.
final class TestServer {
    let port: Int
    let service: ModelService
    let api: ModelAPI
    private let server: Server
    private let directory: String

    /// - Parameter bundled: a folder of models to begin with.
    init(
        bundled: String? = nil, _ change: (inout APIConfiguration) -> Void = { _ in },
        limits: (inout ServerLimits) -> Void = { _ in }
    ) throws {
        directory = "/tmp/augur-api-\(UInt64.random(in: .min ... .max))"
        mkdir(directory, 0o700)
        let logger = Logger(label: "test") { _ in LineLog(level: .critical) }
        let metrics = Metrics()
        let serving = ServingConfiguration(dataDirectory: directory + "/data", bundledDirectory: bundled)
        service = try ModelService(configuration: serving, metrics: metrics, logger: logger)
        var configuration = APIConfiguration()
        change(&configuration)
        api = ModelAPI(configuration: configuration, service: service, metrics: metrics, logger: logger)
        var address = ServerConfiguration(port: 0)
        address.loops = 1
        limits(&address.limits)
        address.headersAlways = ["X-Application": configuration.identity]
        server = Server(configuration: address, application: api)
        port = try server.start().port
        service.restore()
    }

    deinit {
        server.shutdown(within: .seconds(2))
        service.shutdown(withinSeconds: 2)
        removeFolder(directory)
    }

    /// Sends one request and waits for the answer.
    func send(
        _ method: String, _ target: String, _ headers: [String: String] = [:], _ body: [UInt8] = []
    ) throws -> Loopback.Answer {
        try #require(Loopback(port: port).send(method, target, headers, body))
    }

    /// Sends a JSON text.
    func post(_ target: String, _ json: String) throws -> Loopback.Answer {
        try send("POST", target, ["Content-Type": "application/json"], Array(json.utf8))
    }
}

private func removeFolder(_ path: String) {
    guard let folder = opendir(path) else { return }
    while let entry = readdir(folder) {
        // SAFETY: `d_name` is a C string inside the entry, which is valid until the next `readdir`.
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        guard name != ".", name != ".." else { continue }
        if unlink("\(path)/\(name)") != 0 { removeFolder("\(path)/\(name)") }
    }
    closedir(folder)
    rmdir(path)
}
