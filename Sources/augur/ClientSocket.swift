import Glibc

/// A blocking TCP connection, for the commands that talk to a server.
struct ClientSocket: ~Copyable {
    private let descriptor: Int32

    /// Connects to the first address of the host that answers.
    ///
    /// - Throws: `ClientError.unreachable`.
    init(host: String, port: Int) throws(ClientError) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, "\(port)", &hints, &list)
        guard code == 0 else {
            throw .unreachable("\(host) is not known: \(String(cString: gai_strerror(code)))")
        }
        defer { freeaddrinfo(list) }
        var next = list
        var reason = "no address"
        // SAFETY: the list is valid until `freeaddrinfo`, and each entry's address has the length it states.
        while let entry = next?.pointee {
            let descriptor = socket(entry.ai_family, entry.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
            if descriptor >= 0 {
                if connect(descriptor, entry.ai_addr, entry.ai_addrlen) == 0 {
                    self.descriptor = descriptor
                    return
                }
                reason = String(cString: strerror(errno))
                close(descriptor)
            }
            next = entry.ai_next
        }
        throw .unreachable("\(host):\(port) does not answer: \(reason). Is `augur serve` running?")
    }

    deinit { close(descriptor) }

    /// Sends all bytes.
    func send(_ bytes: ArraySlice<UInt8>) throws(ClientError) {
        var rest = bytes
        while !rest.isEmpty {
            // SAFETY: the buffer is the slice's own, and no more than its count is written.
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw .broken("the connection was lost while sending") }
            rest = rest.dropFirst(count)
        }
    }

    /// The next bytes; none at the end.
    func receive() throws(ClientError) -> [UInt8] {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        // SAFETY: the buffer is the array's own, and no more than its count is asked for.
        let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { throw .broken("the connection was lost while receiving") }
        return Array(chunk[..<count])
    }
}

/// Why a command got no answer.
enum ClientError: Error, CustomStringConvertible {
    case badAddress(String)
    case unreachable(String)
    case broken(String)
    case unreadable(String)

    var description: String {
        switch self {
        case .badAddress(let text): "\(text) is not an http:// address"
        case .unreachable(let reason), .broken(let reason): reason
        case .unreadable(let path): "\(path) cannot be read"
        }
    }
}
