/// Why a socket could not be made ready.
package enum SocketError: Error, Sendable, Hashable {
    /// Not an IPv4 or IPv6 address, nor `localhost`.
    case addressInvalid(String)
    /// Another process listens there.
    case addressInUse(host: String, port: Int)
    /// The system refused; `call` is the name of its function, `code` its errno.
    case system(call: String, code: Int32)
}

/// Where a server listens.
package struct BoundAddress: Sendable, Hashable {
    package let host: String
    package let port: Int
}
