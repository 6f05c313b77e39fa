import ArgumentParser
import Glibc
import HTTPAPI

/// Where the server is and who asks: options of every command that talks to one.
struct ServerOptions: ParsableArguments {
    @Option(help: "Address of the server.")
    var url = "http://127.0.0.1:8080"
    @Option(help: "Bearer token, where the server wants one.")
    var token: String?
}

/// A request of a command.
struct ClientRequest {
    var method: String
    /// With its query, percent-encoded.
    var path: String
    var headers: [(String, String)] = []
    var body: ClientBody = .none
}

/// What a command sends.
enum ClientBody {
    case none
    case bytes([UInt8])
    /// Bytes around a file that is streamed: `before`, the file at `path`, `after`.
    case file(path: String, before: [UInt8] = [], after: [UInt8] = [])
}

/// What the server said.
struct ClientResponse {
    let status: Int
    /// Names in lower case.
    let headers: [String: String]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
}

extension ServerOptions {
    /// Sends the request and waits for the whole answer.
    func send(_ request: ClientRequest) throws(ClientError) -> ClientResponse {
        let (host, port, prefix) = try address()
        let socket = try ClientSocket(host: host, port: port)
        var headers = request.headers
        if let token { headers.append(("Authorization", "Bearer \(token)")) }
        let length = try request.body.count()
        var head = "\(request.method) \(prefix)\(request.path) HTTP/1.1\r\nHost: \(host):\(port)\r\n"
        head += "Connection: close\r\n"
        head += "Content-Length: \(length)\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        try socket.send(Array((head + "\r\n").utf8)[...])
        do throws(ClientError) {
            try request.body.stream(of: length) { bytes throws(ClientError) in try socket.send(bytes) }
        } catch .broken {
            // A server that refuses an upload answers before it has read all of it: that answer counts.
        }
        var received: [UInt8] = []
        while true {
            let chunk = try socket.receive()
            if chunk.isEmpty { break }
            received.append(contentsOf: chunk)
        }
        return try ClientResponse(received)
    }

    private func address() throws(ClientError) -> (host: String, port: Int, prefix: String) {
        guard url.hasPrefix("http://") else { throw .badAddress(url) }
        let rest = url.dropFirst(7)
        let authority = rest.prefix { $0 != "/" }
        var prefix = String(rest.dropFirst(authority.count))
        while prefix.hasSuffix("/") { prefix.removeLast() }
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            let host = String(authority[authority.index(after: authority.startIndex)..<end])
            let port = authority[end...].dropFirst(2)
            return (host, Int(port) ?? 80, prefix)
        }
        let halves = authority.split(separator: ":", maxSplits: 1)
        guard let host = halves.first, !host.isEmpty else { throw .badAddress(url) }
        guard halves.count == 1 || Int(halves[1]) != nil else { throw .badAddress(url) }
        return (String(host), halves.count > 1 ? Int(halves[1]) ?? 80 : 80, prefix)
    }
}

extension ClientBody {
    func count() throws(ClientError) -> Int {
        switch self {
        case .none: return 0
        case .bytes(let bytes): return bytes.count
        case .file(let path, let before, let after):
            var status = stat()
            guard stat(path, &status) == 0 else { throw .unreadable(path) }
            return before.count + Int(status.st_size) + after.count
        }
    }

    /// Hands out the body piece by piece, with a percentage on a terminal for whoever waits.
    func stream(of total: Int, _ send: (ArraySlice<UInt8>) throws(ClientError) -> Void) throws(ClientError) {
        switch self {
        case .none: return
        case .bytes(let bytes): try send(bytes[...])
        case .file(let path, let before, let after):
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw .unreadable(path) }
            defer { close(descriptor) }
            var progress = Progress("uploading", total: total)
            try send(before[...])
            var chunk = [UInt8](repeating: 0, count: 1 << 18)
            while let count = FileBytes.read(descriptor, into: &chunk), count > 0 {
                try send(chunk[..<count])
                progress.advance(by: count)
            }
            try send(after[...])
            progress.finish("the server validates and warms the model up")
        }
    }
}

/// A line on the terminal that says how far something is; nothing where standard error is no terminal.
struct Progress {
    private let label: String
    private let total: Int
    private var done = 0
    private var shown = -1
    private let isShown = isatty(STDERR_FILENO) == 1

    init(_ label: String, total: Int) {
        self.label = label
        self.total = max(1, total)
    }

    mutating func advance(by count: Int) {
        done += count
        let percent = min(100, done * 100 / total)
        guard isShown, percent != shown else { return }
        shown = percent
        complain("\r\u{1B}[K\(label): \(percent) %")
    }

    /// The last word; the next output begins on a clean line.
    func finish(_ text: String) {
        if isShown { complain("\r\u{1B}[K\(text) ...\r") }
    }
}

extension ClientResponse {
    /// Takes a whole answer apart: status line, fields, and the body by its length, chunks or the end.
    init(_ bytes: [UInt8]) throws(ClientError) {
        var rest = bytes[...]
        while true {
            guard let end = Self.headEnd(rest) else { throw .broken("the server's answer is cut short") }
            let lines = String(decoding: rest[..<end], as: UTF8.self).split(separator: "\r\n")
            rest = rest[(end + 4)...]
            let words = lines.first?.split(separator: " ") ?? []
            guard words.count > 1, let status = Int(words[1]) else { throw .broken("the answer is not HTTP") }
            // 100 Continue and the like come before the answer proper.
            if status < 200 { continue }
            var headers: [String: String] = [:]
            for line in lines.dropFirst() {
                let halves = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                guard halves.count == 2 else { continue }
                headers[halves[0].lowercased()] = String(halves[1].drop { $0 == " " })
            }
            let isChunked = headers["transfer-encoding"]?.lowercased() == "chunked"
            self.init(status: status, headers: headers, body: isChunked ? try Self.joined(rest) : Array(rest))
            return
        }
    }

    private static func headEnd(_ bytes: ArraySlice<UInt8>) -> Int? {
        bytes.indices.dropLast(3).first { bytes[$0..<($0 + 4)].elementsEqual([13, 10, 13, 10]) }
    }

    private static func joined(_ chunks: ArraySlice<UInt8>) throws(ClientError) -> [UInt8] {
        var body: [UInt8] = []
        var rest = chunks
        while let lineEnd = rest.firstIndex(of: 13) {
            let digits = String(decoding: rest[..<lineEnd].prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self)
            guard let count = Int(digits, radix: 16), count >= 0, count <= rest.endIndex - lineEnd - 4 else {
                break
            }
            if count == 0 { return body }
            body.append(contentsOf: rest[(lineEnd + 2)..<(lineEnd + 2 + count)])
            rest = rest[(lineEnd + 2 + count + 2)...]
        }
        throw .broken("the server's answer is cut short")
    }
}
