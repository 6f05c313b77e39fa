import EventLoop
import HTTP1
import Synchronization

/// What all connections of a server share.
final class Service: Sendable {
    let application: any HTTPApplication
    let limits: ServerLimits
    let pace: Pace
    let lines: SharedLines
    let sideline: Sideline
    let deflaters = DeflaterPool()
    let bodies: BodyBudget
    /// Whether the server is shutting down: every reply ends its connection.
    let isDraining = Atomic(false)

    init(_ configuration: ServerConfiguration, _ application: any HTTPApplication) throws(SocketError) {
        self.application = application
        limits = configuration.limits
        pace = Pace(
            headerTimeout: limits.headerTimeout, idleTimeout: limits.idleTimeout,
            lingerTimeout: limits.lingerTimeout, transferGrace: limits.bodyGrace,
            transferRateMin: limits.bodyRateMin)
        lines = SharedLines(headersAlways: configuration.headersAlways)
        sideline = try Sideline(threadsMax: 2)
        bodies = BodyBudget(bytesMax: limits.bodyBytesTotalMax)
    }

    var messageLimits: MessageLimits {
        MessageLimits(
            requestLineBytesMax: limits.requestLineBytesMax, headerBytesMax: limits.headerBytesMax,
            headerCountMax: limits.headerCountMax)
    }
}
