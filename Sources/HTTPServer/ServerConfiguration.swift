import HTTP1

/// Where the server listens, and everything it bounds.
package struct ServerConfiguration: Sendable {
    /// An IPv4 or IPv6 address, or `localhost`; no names are looked up.
    package var host: String
    /// 0 takes a free port.
    package var port: Int
    /// Event loops, one thread each; nil is one a core.
    package var loops: Int?
    /// Fields that every reply carries, those to refused requests too (`Server`, `X-Application`).
    package var headersAlways: HTTPHeaders
    package var limits: ServerLimits

    /// A configuration with every other value at its default.
    package init(host: String = "127.0.0.1", port: Int = 8080, limits: ServerLimits = ServerLimits()) {
        self.host = host
        self.port = port
        self.loops = nil
        self.headersAlways = [:]
        self.limits = limits
    }
}

/// Every bound of the server, with its unit and default.
package struct ServerLimits: Sendable, Hashable {
    /// Open connections; past it the listener waits until one closes.
    package var connectionsMax = 4_096
    /// Connections waiting in the kernel to be accepted.
    package var backlogMax = 1_024
    /// Bytes of the request line; more is 414.
    package var requestLineBytesMax = 8_192
    /// Bytes of all header fields, and of all trailers; more is 431.
    package var headerBytesMax = 32_768
    /// Header fields, and trailers; more is 431.
    package var headerCountMax = 100
    /// Bytes of a body in memory, whatever the application asks for; more is 413.
    package var bodyBytesMax = 64 << 20
    /// Bytes of all bodies in memory at a time; a request that would pass it is 503.
    package var bodyBytesTotalMax = 1 << 30
    /// Bytes of an upload to a file, whatever the application asks for; more is 413.
    package var uploadBytesMax = 2 << 30
    /// Bytes of all uploads and answers in files at a time; a request that would pass it is 503, and past
    /// three quarters of it all but those that the application gives the `whole` share.
    package var spoolBytesMax = 8 << 30
    /// How many times its size a compressed body may grow, past the first mebibyte; more is 413.
    package var decodedRatioMax = 100
    /// Bytes of an unwanted body that are read past so that the connection can live on.
    package var discardBytesMax = 65_536
    /// From the first byte of a head to its last; then 408.
    package var headerTimeout = Duration.seconds(10)
    /// Bytes a second that a body must reach, and a reply be read at, on average; slower is 408, or the end.
    package var bodyRateMin = 512
    /// Time before `bodyRateMin` is asked for.
    package var bodyGrace = Duration.seconds(10)
    /// For a whole body to come, and for a whole answer to be read; longer is 408, or the end.
    package var transferTimeout = Duration.seconds(3_600)
    /// How long a connection may stay open with nothing asked.
    package var idleTimeout = Duration.seconds(75)
    /// How long a closing connection is still read, so that the last reply is not lost in a reset.
    package var lingerTimeout = Duration.seconds(2)
    /// Requests of one connection that are parsed and not yet answered; then reading pauses.
    package var pipelinedMax = 32
    /// Bytes of replies that one connection holds for a slow reader; past it reading pauses.
    package var queuedBytesMax = 1 << 20
    /// How long `shutdown` waits for requests in flight.
    package var shutdownTimeout = Duration.seconds(20)

    /// Every limit at its default.
    package init() {}
}
