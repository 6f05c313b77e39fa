import Glibc
import HTTPAPI

/// One request over a real socket of this machine, and its whole answer.
struct Loopback {
    let port: Int

    struct Answer {
        let status: Int
        /// Names in lower case.
        let headers: [String: String]
        let body: [UInt8]
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// Sends the request and reads until the server closes; `nil` when there is no answer. A longer body may
    /// be announced than is sent.
    func send(
        _ method: String, _ target: String, _ headers: [String: String] = [:], _ body: [UInt8] = [],
        announced: Int? = nil
    ) -> Answer? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        // SAFETY: a `sockaddr_in` begins with the fields of a `sockaddr`, and its size is passed with it.
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { return nil }
        var head = "\(method) \(target) HTTP/1.1\r\nHost: localhost:\(port)\r\nConnection: close\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if !body.isEmpty || method == "POST" { head += "Content-Length: \(announced ?? body.count)\r\n" }
        guard FileBytes.write(descriptor, (Array((head + "\r\n").utf8) + body)[...]) else { return nil }
        var received: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while let count = FileBytes.read(descriptor, into: &chunk), count > 0 {
            received.append(contentsOf: chunk[..<count])
        }
        return Self.parse(received)
    }

    private static func parse(_ bytes: [UInt8]) -> Answer? {
        let ends = bytes.indices.dropLast(3)
        guard let end = ends.first(where: { bytes[$0..<($0 + 4)].elementsEqual([13, 10, 13, 10]) }) else {
            return nil
        }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count > 1, let status = Int(words[1]) else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let halves = line.split(separator: ":", maxSplits: 1)
            if halves.count == 2 { headers[halves[0].lowercased()] = String(halves[1].drop { $0 == " " }) }
        }
        return Answer(status: status, headers: headers, body: Array(bytes[(end + 4)...]))
    }
}
