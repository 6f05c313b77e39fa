import EventLoop
import HTTP1

/// The HTTP/1.1 server: an application behind sockets.
package final class Server: Sendable {
    package let configuration: ServerConfiguration

    /// Nothing is opened before `start`.
    package init(configuration: ServerConfiguration, application: any HTTPApplication) {
        self.configuration = configuration
    }

    /// Binds, listens, starts the loops and returns the address that clients can use.
    package func start() throws(SocketError) -> BoundAddress {
        throw .addressInvalid(configuration.host)
    }

    /// Stops accepting, closes idle connections, waits for requests in flight, at most `limit` (the configured
    /// bound when nil), closes everything and returns. True if nothing had to be cut off.
    @discardableResult
    package func shutdown(within limit: Duration? = nil) -> Bool { true }

    /// What was counted so far.
    package var statistics: ServerStatistics { ServerStatistics() }
}
