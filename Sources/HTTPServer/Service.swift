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
    /// Bytes of temporary files: uploads, and answers that are not yet sent.
    let files: BodyBudget
    /// Whether the server is shutting down: every reply ends its connection.
    let isDraining = Atomic(false)

    init(_ configuration: ServerConfiguration, _ application: any HTTPApplication) throws(SocketError) {
        self.application = application
        limits = configuration.limits
        pace = Pace(
            headerTimeout: limits.headerTimeout, idleTimeout: limits.idleTimeout,
            lingerTimeout: limits.lingerTimeout, transferGrace: limits.bodyGrace,
            transferRateMin: limits.bodyRateMin, transferTimeout: limits.transferTimeout)
        lines = SharedLines(headersAlways: configuration.headersAlways)
        sideline = try Sideline(threadsMax: 2)
        bodies = BodyBudget(bytesMax: limits.bodyBytesTotalMax)
        files = BodyBudget(bytesMax: limits.spoolBytesMax)
    }

    /// A new temporary file in `directory`, counted with all others.
    func makeFile(in directory: String, of share: BudgetShare) -> SpooledFile {
        SpooledFile(directory: directory, lease: BodyLease(files, share: share), sideline: sideline)
    }

    var messageLimits: MessageLimits {
        MessageLimits(
            requestLineBytesMax: limits.requestLineBytesMax, headerBytesMax: limits.headerBytesMax,
            headerCountMax: limits.headerCountMax)
    }
}
