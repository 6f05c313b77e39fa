import ArgumentParser
import EventLoop
import Glibc
import HTTPAPI
import HTTPServer
import Logging
import Serving
import Synchronization
import Telemetry

/// `augur serve`
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the server.",
        discussion: """
            Flags win over the configuration file, the file over the defaults. `--print-config` prints every
            setting with its value as a complete configuration file.

            Without --admin-token only this machine may deploy, download and undeploy; with it, whoever
            sends `Authorization: Bearer TOKEN`. `--admin-token random` makes one and logs it.

            SIGTERM and SIGINT finish the requests in flight, then exit 0.
            """)

    @Option(help: "Address to listen on; 0.0.0.0 for all. (default: 127.0.0.1)")
    var host: String?
    @Option(help: "Port; 0 takes a free one. (default: 8080)")
    var port: Int?
    @Option(help: "Folder of bundled models, only read. (default: models)")
    var models: String?
    @Option(help: "Folder that deployments are kept in; one process at a time. (default: data)")
    var data: String?
    @Option(help: "YAML file with any of the settings that --print-config prints.")
    var config: String?
    @Option(help: "Bytes of a request body that is scored.")
    var bodyBytesMax: Int?
    @Option(help: "Bytes of an uploaded model; uploads are streamed to disk.")
    var modelBytesMax: Int?
    @Option(help: "Token of the admin role; `random` makes one.")
    var adminToken: String?
    @Option(help: "Token of the user role.")
    var userToken: String?
    @Option(help: "trace, debug, info, notice, warning, error or critical. (default: info)")
    var logLevel: String?
    @Flag(help: "Print every setting as YAML and exit.")
    var printConfig = false

    func run() throws {
        var settings = try settings()
        if printConfig {
            print(settings.yaml, terminator: "")
            return
        }
        settings.settle()
        if settings.api.roles.adminToken == "random" { settings.api.roles.adminToken = randomToken() }
        // Before any other thread starts, so that all of them inherit it.
        blockTerminationSignals()
        _ = raiseDescriptorLimit()
        try serve(settings)
    }

    /// Defaults, then the file, then the flags.
    func settings() throws -> Settings {
        var settings = Settings()
        if !isDirectory("models"), models == nil { settings.serving.bundledDirectory = nil }
        if let config {
            guard let text = readText(config) else { fail("\(config) cannot be read") }
            do throws(ConfigurationError) {
                try settings.read(yaml: text, path: config)
            } catch {
                fail(error.description)
            }
        }
        let flags: [(key: String, flag: String, value: String?)] = [
            ("server.host", "--host", host), ("server.port", "--port", port.map(String.init)),
            ("models.bundled", "--models", models), ("models.data", "--data", data),
            ("requests.bodyBytesMax", "--body-bytes-max", bodyBytesMax.map(String.init)),
            ("requests.modelBytesMax", "--model-bytes-max", modelBytesMax.map(String.init)),
            ("access.adminToken", "--admin-token", adminToken),
            ("access.userToken", "--user-token", userToken),
            ("log.level", "--log-level", logLevel),
        ]
        for (key, flag, value) in flags {
            guard let value, let setting = Setting.all.first(where: { $0.key == key }) else { continue }
            if let reason = setting.take(&settings, value) { fail("\(flag): \(reason)") }
        }
        return settings
    }

    private func serve(_ settings: Settings) throws {
        let format = settings.logFormat
        let level = settings.logLevel
        let logger = Logger(label: "augur") { _ in LineLog(format: format, level: level) }
        let metrics = Metrics()
        let service: ModelService
        do throws(ServingError) {
            service = try ModelService(configuration: settings.serving, metrics: metrics, logger: logger)
        } catch {
            fail("cannot use the data folder: \(APIError(error).message)")
        }
        let running = RunningServer()
        let api = ModelAPI(configuration: settings.api, service: service, metrics: metrics, logger: logger) {
            running.statistics
        }
        let server = Server(configuration: settings.server, application: api)
        running.set(server)
        do throws(SocketError) {
            let address = try server.start()
            let host = address.host.contains(":") ? "[\(address.host)]" : address.host
            logger.notice("listening on http://\(host):\(address.port)")
        } catch {
            fail("cannot listen: \(error.message)")
        }
        if settings.api.roles.adminToken != nil, adminToken == "random" {
            logger.notice("admin token: \(settings.api.roles.adminToken ?? "")")
        }
        restore(service, logger)
        let signal = waitForTerminationSignal()
        logger.notice("received \(signal), finishing the requests in flight")
        let isClean = server.shutdown()
        service.shutdown(withinSeconds: 5)
        logger.notice(isClean ? "stopped" : "stopped; some requests were cut off")
        // The loops and threads that are left have nothing to save.
        end(0)
    }

    /// Loads the models beside the running server: it is live at once, and ready when this is done.
    private func restore(_ service: ModelService, _ logger: Logger) {
        let loading = WorkThreads(count: 1, depthMax: 1)
        let start = ContinuousClock.now
        _ = loading.submit {
            service.restore { step in
                let place = "\(step.name) version \(step.number) (\(step.done) of \(step.total))"
                if let failure = step.failure {
                    logger.error("\(place) cannot be served: \(APIError(failure).message)")
                } else {
                    logger.info("\(place) is warm")
                }
            }
            let milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
            logger.notice("ready after \(milliseconds) ms with \(service.list().count) models")
        }
        loading.stop()
    }
}

/// The server, once there is one: the API that it runs asks it for its counts.
private final class RunningServer: Sendable {
    private let server = Mutex<Server?>(nil)

    func set(_ server: Server) { self.server.withLock { $0 = server } }

    var statistics: ServerStatistics? { server.withLock { $0 }?.statistics }
}
