/// When a connection has waited long enough: pure, times in nanoseconds of the monotonic clock.
package struct Pace: Sendable, Hashable {
    /// What the connection waits for, and since when.
    package enum Wait: Sendable, Hashable {
        /// For a first byte of the next request.
        case idle(since: UInt64)
        /// For the rest of a head.
        case head(since: UInt64)
        /// For the rest of a body, or for the client to read a reply, of which so much has passed.
        case transfer(since: UInt64, bytes: Int)
        /// For the application: not the client's fault, no bound here.
        case application
        /// For the client to close its side after the last reply.
        case linger(since: UInt64)
    }

    /// Bounds in nanoseconds: for a head, between requests, after the last reply, before a rate is held
    /// against it.
    package var headerTimeout: UInt64
    package var idleTimeout: UInt64
    package var lingerTimeout: UInt64
    package var transferGrace: UInt64
    /// Bytes a second, at least 1.
    package var transferRateMin: Int
    /// For a whole body or answer, whatever its size.
    package var transferTimeout: UInt64

    /// A pace of these bounds.
    package init(
        headerTimeout: Duration, idleTimeout: Duration, lingerTimeout: Duration, transferGrace: Duration,
        transferRateMin: Int, transferTimeout: Duration
    ) {
        self.headerTimeout = headerTimeout.nanoseconds
        self.idleTimeout = idleTimeout.nanoseconds
        self.lingerTimeout = lingerTimeout.nanoseconds
        self.transferGrace = transferGrace.nanoseconds
        self.transferRateMin = max(1, transferRateMin)
        self.transferTimeout = transferTimeout.nanoseconds
    }

    /// When the wait becomes too long, or nil if it may last.
    package func deadline(of wait: Wait) -> UInt64? {
        switch wait {
        case .idle(let since): since &+ idleTimeout
        case .head(let since): since &+ headerTimeout
        case .linger(let since): since &+ lingerTimeout
        case .transfer(let since, let bytes):
            since &+ min(time(for: bytes), transferTimeout)
        case .application: nil
        }
    }

    /// How long `bytes` may take at the least rate, after the grace; as long as can be said when it is
    /// longer.
    private func time(for bytes: Int) -> UInt64 {
        let time = max(0, Double(bytes)) / Double(transferRateMin) * 1e9
        // 2^63 ns are 292 years.
        return transferGrace &+ (time < 0x1p63 ? UInt64(time) : 1 << 63)
    }
}

extension Duration {
    /// The duration in nanoseconds; negative ones count as none, and those past a century as one.
    package var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return UInt64(min(seconds, 3_155_760_000)) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
