import EventLoop
import Glibc
import Synchronization
import Testing

@testable import HTTP1
@testable import HTTPServer

/// Exchanges that a test answers itself, when and from where it likes.
final class Mailbox: Sendable {
    private let exchanges = Mutex<[Exchange]>([])

    var count: Int { exchanges.withLock { $0.count } }

    func put(_ exchange: Exchange) { exchanges.withLock { $0.append(exchange) } }

    func takeAll() -> [Exchange] {
        exchanges.withLock { exchanges in
            defer { exchanges = [] }
            return exchanges
        }
    }

    /// Waits until `count` exchanges are there and takes them.
    func take(_ count: Int) -> [Exchange] {
        #expect(eventually { self.count >= count }, "\(self.count) of \(count) requests came")
        return takeAll()
    }
}

/// Answers by path; `/held` goes to the mailbox.
struct TestApplication: HTTPApplication {
    let mailbox = Mailbox()
    var overlaps = true
    var directory = "/tmp"
    var bodyBytesMax = 16 << 20

    func disposition(of head: RequestHead, from address: String) -> BodyDisposition {
        switch head.path {
        case "/upload", "/kept": .file(directory: directory, bytesMax: 1 << 30)
        case "/whole": .file(directory: directory, bytesMax: 1 << 30, share: .whole)
        case "/nowhere": .file(directory: "/nonexistent/directory", bytesMax: 1 << 30)
        case "/refused": .refuse(.text(.forbidden, "not here"))
        default: .memory(bytesMax: bodyBytesMax)
        }
    }

    func mayOverlap(_ head: RequestHead) -> Bool { overlaps || head.method.isSafe }

    func respond(to exchange: Exchange) {
        switch exchange.head.path {
        case "/held", "/kept": mailbox.put(exchange)
        case "/dropped": break
        case "/big": exchange.respond(.text(.ok, String(repeating: "0123456789abcdef", count: 1 << 18)))
        case "/none": exchange.respond(Response(.noContent))
        case "/round": exchange.loop.atEndOfRound { exchange.respond(.text(.ok, "end of round")) }
        case "/upload", "/whole":
            guard case .file(let file) = exchange.body else { return }
            exchange.respond(Response(.ok, headers: ["X-Path": file.path, "X-Count": "\(file.count)"]))
        case "/file":
            let path = exchange.head.query ?? ""
            exchange.respond(
                Response(
                    .ok, headers: ["Content-Type": exchange.head.headers["X-Type"] ?? "image/png"],
                    body: .file(path: path, count: .max)))
        case "/spooled":
            let file = exchange.makeFile(in: directory)
            for _ in 0..<8 { try? file.append([UInt8](repeating: 120, count: 1 << 20)) }
            exchange.respond(
                Response(
                    .ok, headers: ["Content-Type": "text/plain", "X-Path": file.path], body: .spooled(file)))
        default:
            guard case .bytes(let bytes) = exchange.body else { return }
            let text = bytes.isEmpty ? "hello \(exchange.head.path)" : String(decoding: bytes, as: UTF8.self)
            exchange.respond(.text(.ok, text))
        }
    }
}

extension Response {
    static func text(_ status: HTTPStatus, _ text: String) -> Response {
        Response(status, headers: ["Content-Type": "text/plain"], body: .bytes(Array(text.utf8)))
    }
}

/// A running server on a free port; shut down when freed.
final class TestServer {
    let application: TestApplication
    let server: Server
    let port: Int

    init(
        _ application: TestApplication = TestApplication(),
        _ change: (inout ServerConfiguration) -> Void = { _ in }
    )
        throws
    {
        var configuration = ServerConfiguration(port: 0)
        configuration.loops = 2
        configuration.headersAlways = ["X-Application": "Test/1.0"]
        change(&configuration)
        self.application = application
        server = Server(configuration: configuration, application: application)
        port = try server.start().port
    }

    deinit {
        _ = application.mailbox.takeAll()
        server.shutdown(within: .milliseconds(100))
    }

    func client(receiveBuffer: Int32? = nil) throws -> Client {
        try Client(port: port, receiveBuffer: receiveBuffer)
    }

    /// Sends one request that closes the connection and returns everything that comes back.
    func exchange(_ text: String) throws -> String {
        let client = try client()
        client.send(text)
        return String(decoding: client.receiveAll(), as: UTF8.self)
    }
}

func get(_ path: String, _ fields: String = "", version: String = "1.1") -> String {
    "GET \(path) HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n"
}

func post(_ path: String, _ fields: String = "", _ body: String) -> String {
    "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
}

/// Waits until `condition` holds, five seconds at most.
func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<2_500 {
        if condition() { return true }
        usleep(2_000)
    }
    return condition()
}

/// The bytes of the file at `path`, or nil.
func fileBytes(_ path: String) -> [UInt8]? {
    guard let file = try? ReadableFile(path: path) else { return nil }
    return file.read(from: 0, count: file.count)
}

/// Writes a new file of its own under /tmp and returns its path.
func makeFile(_ bytes: [UInt8]) throws -> String {
    var template = Array("/tmp/augur-test-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    #expect(write(descriptor, bytes, bytes.count) == bytes.count)
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
