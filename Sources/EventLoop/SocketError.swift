import Glibc

/// Why a socket or a file could not be made ready.
package enum SocketError: Error, Sendable, Hashable {
    /// Not an IPv4 or IPv6 address, nor `localhost`.
    case addressInvalid(String)
    /// Not between 0 and 65535.
    case portInvalid(Int)
    /// Another process listens there.
    case addressInUse(host: String, port: Int)
    /// The system refused; `call` is the name of its function, `code` its errno.
    case system(call: String, code: Int32)

    init(listening host: String, _ port: Int, code: Int32) {
        switch code {
        case EAFNOSUPPORT: self = .addressInvalid(host)
        case EADDRINUSE: self = .addressInUse(host: host, port: port)
        default: self = .system(call: "listen", code: code)
        }
    }

    /// What the system said, or the whole sentence where it was not asked.
    package var reason: String {
        switch self {
        case .system(_, let code): String(cString: strerror(code))
        case .addressInvalid, .portInvalid, .addressInUse: message
        }
    }

    /// A sentence for the person who started the server.
    package var message: String {
        switch self {
        case .addressInvalid(let host): "\"\(host)\" is not an IPv4 or IPv6 address of this machine"
        case .portInvalid(let port): "Port \(port) is not between 0 and 65535"
        case .addressInUse(let host, let port): "Another process already listens on \(host):\(port)"
        case .system(let call, let code): "\(call) failed: \(String(cString: strerror(code)))"
        }
    }
}

/// Where a server listens.
package struct BoundAddress: Sendable, Hashable {
    package let host: String
    package let port: Int
}
