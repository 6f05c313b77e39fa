import EventLoop
import HTTP1
import Synchronization

/// The header lines that every reply carries: `Date`, made once a second, and the configured ones.
final class SharedLines: Sendable {
    private struct Lines {
        var second = Int.min
        var bytes: [UInt8] = []
    }

    private let lines = Mutex(Lines())
    private let fixed: [UInt8]

    init(headersAlways: HTTPHeaders) {
        var fixed: [UInt8] = []
        headersAlways.write(to: &fixed)
        self.fixed = fixed
    }

    /// The lines as they are now, each ended by CR LF.
    var current: [UInt8] {
        let second = wallSeconds()
        return lines.withLock { lines in
            if lines.second != second {
                lines = Lines(
                    second: second, bytes: Array("Date: \(httpDate(seconds: second))\r\n".utf8) + fixed)
            }
            return lines.bytes
        }
    }
}
