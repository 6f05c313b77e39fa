import CPlatform

/// What a source wants to be told of.
package struct Interest: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32

    /// The interest of these bits.
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// To be told when reading, or writing, would not block.
    package static let readable = Interest(rawValue: UInt32(PLATFORM_READABLE))
    package static let writable = Interest(rawValue: UInt32(PLATFORM_WRITABLE))
}

/// What a source is told: it may be read (or its peer has finished), written, or is broken.
package struct Readiness: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32

    /// The readiness of these bits.
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Reading, or writing, does not block now.
    package static let readable = Readiness(rawValue: UInt32(PLATFORM_READABLE))
    package static let writable = Readiness(rawValue: UInt32(PLATFORM_WRITABLE))
    /// Both sides are closed, or the connection was reset.
    package static let broken = Readiness(
        rawValue: UInt32(PLATFORM_ERROR | PLATFORM_HANGUP))
}

/// An epoll instance and the counter that wakes it; both live as long as the object.
final class Poller: Sendable {
    private let epoll: Int32
    private let wakeup: Int32

    /// The token that stands for the counter.
    static let wakeupToken = UInt64.max

    init() throws(SocketError) {
        epoll = platform_epoll_create()
        guard epoll >= 0 else { throw .system(call: "epoll_create1", code: -epoll) }
        wakeup = platform_eventfd_create(0, 1)
        guard wakeup >= 0 else {
            _ = platform_close(epoll)
            throw .system(call: "eventfd", code: -wakeup)
        }
        _ = platform_epoll_add(epoll, wakeup, Interest.readable.rawValue, Self.wakeupToken)
    }

    deinit {
        _ = platform_close(wakeup)
        _ = platform_close(epoll)
    }

    /// Makes the current or the next wait return; any thread.
    func wake() { _ = platform_eventfd_signal(wakeup) }

    func clearWakeup() { _ = platform_eventfd_wait(wakeup) }

    func add(_ descriptor: Int32, _ interest: Interest, token: UInt64) -> Bool {
        platform_epoll_add(epoll, descriptor, interest.rawValue, token) == 0
    }

    /// Any thread, as long as the descriptor is open.
    func change(_ descriptor: Int32, _ interest: Interest, token: UInt64) {
        _ = platform_epoll_change(epoll, descriptor, interest.rawValue, token)
    }

    func remove(_ descriptor: Int32) { _ = platform_epoll_remove(epoll, descriptor) }

    /// Waits at most `milliseconds`, without end if negative, and fills `events` from its start.
    func wait(_ events: inout [platform_event], milliseconds: Int32) -> Int {
        events.withUnsafeMutableBufferPointer { buffer in
            // SAFETY: the count given is the buffer's own.
            max(0, Int(platform_epoll_wait(epoll, buffer.baseAddress, Int32(buffer.count), milliseconds)))
        }
    }
}

/// A listening socket, not blocking; closed when freed.
package final class Listener: Sendable {
    let descriptor: Int32
    /// The address with the port actually taken.
    package let address: BoundAddress

    /// Listens on `host`, an IPv4 or IPv6 address or `localhost` (127.0.0.1), with room for `backlogMax`
    /// waiting.
    package init(host: String, port: Int, backlogMax: Int) throws(SocketError) {
        let numeric = host == "localhost" ? "127.0.0.1" : host
        guard let port = UInt16(exactly: port) else { throw .portInvalid(port) }
        var bound: Int32 = 0
        // SAFETY: the string lives as a C string, and `bound` as one integer, for the whole call.
        let result = numeric.withCString {
            platform_listen($0, Int32(port), Int32(clamping: backlogMax), &bound)
        }
        guard result >= 0 else { throw SocketError(listening: host, Int(port), code: -result) }
        descriptor = result
        address = BoundAddress(host: host, port: Int(bound))
    }

    deinit { _ = platform_close(descriptor) }

    /// The next waiting connection with its peer's numeric address.
    func accept() -> Accepted {
        var text = [CChar](repeating: 0, count: 48)
        let result = text.withUnsafeMutableBufferPointer { buffer in
            // SAFETY: the size given is the buffer's own, and the callee ends the text with NUL inside it.
            platform_accept(descriptor, buffer.baseAddress, buffer.count)
        }
        guard result >= 0 else { return Accepted(failure: -result) }
        let address = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return .connection(Socket(descriptor: result), peer: String(decoding: address, as: UTF8.self))
    }
}
