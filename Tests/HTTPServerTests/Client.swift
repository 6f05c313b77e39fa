import Glibc

/// A blocking TCP client that sends what it is told and gives up after `patience` seconds.
final class Client {
    private var descriptor: Int32

    init(port: Int, patience: Int = 10, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: patience, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw ClientError.system(errno) }
    }

    deinit { close() }

    /// Sends all bytes; false when the server has gone or takes no more.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let count = put(bytes, from: offset, countMax: 65_536)
            guard count > 0 else { return false }
            offset += count
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    private func put(_ bytes: [UInt8], from offset: Int, countMax: Int) -> Int {
        bytes.withUnsafeBytes { raw in
            let start = raw.baseAddress.map { $0 + offset }
            return Glibc.send(descriptor, start, min(countMax, raw.count - offset), Int32(MSG_NOSIGNAL))
        }
    }

    /// Up to `count` bytes; empty at the end of the stream, nil when none came in time or the server reset
    /// it.
    func receive(_ count: Int = 65_536) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: count)
        let got = recv(descriptor, &buffer, count, 0)
        return got < 0 ? nil : Array(buffer.prefix(got))
    }

    /// Everything until the server closes; what came before a reset counts.
    func receiveAll() -> [UInt8] {
        var all: [UInt8] = []
        while let bytes = receive(), !bytes.isEmpty { all += bytes }
        return all
    }

    /// The next whole reply that says its length or is chunked.
    func receiveReply(isHead: Bool = false) throws -> Reply {
        while true {
            if let (reply, used) = Reply.parse(pending, isHead: isHead) {
                pending.removeFirst(used)
                return reply
            }
            guard let bytes = receive(), !bytes.isEmpty else { throw ClientError.noReply(pending) }
            pending += bytes
        }
    }

    func finishWriting() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    func close() {
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
        descriptor = -1
    }

    private var pending: [UInt8] = []
}

enum ClientError: Error {
    case system(Int32)
    case noReply([UInt8])
}

/// A reply as the client sees it, chunks joined, content coding kept.
struct Reply {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    subscript(name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }
    var text: String { String(decoding: body, as: UTF8.self) }

    /// The first reply in `bytes` and how many bytes it takes; nil while it is not complete.
    static func parse(_ bytes: [UInt8], isHead: Bool) -> (Reply, Int)? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound else { return nil }
        let lines = String(decoding: bytes[..<(end - 4)], as: UTF8.self).components(separatedBy: "\r\n")
        let status = Int(lines[0].split(separator: " ")[1]) ?? 0
        let headers = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (name: String(parts[0]), value: String(parts[1].drop { $0 == " " }))
        }
        var reply = Reply(status: status, headers: headers, body: [])
        if isHead || status < 200 || status == 204 { return (reply, end) }
        if reply["Transfer-Encoding"] == "chunked" {
            guard let (body, used) = dechunk(bytes[end...]) else { return nil }
            reply.body = body
            return (reply, end + used)
        }
        let count = Int(reply["Content-Length"] ?? "") ?? 0
        guard bytes.count >= end + count else { return nil }
        reply.body = Array(bytes[end..<(end + count)])
        return (reply, end + count)
    }

    private static func dechunk(_ bytes: ArraySlice<UInt8>) -> ([UInt8], Int)? {
        var rest = bytes
        var body: [UInt8] = []
        while let line = rest.firstRange(of: Array("\r\n".utf8)) {
            guard let size = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16) else {
                return nil
            }
            rest = rest[line.upperBound...]
            guard rest.count >= size + 2 else { return nil }
            body += rest.prefix(size)
            rest = rest.dropFirst(size + 2)
            if size == 0 { return (body, rest.startIndex - bytes.startIndex) }
        }
        return nil
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
