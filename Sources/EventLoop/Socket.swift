import CPlatform
import Glibc

/// What an attempt to move bytes came to.
package enum Transfer: Sendable, Hashable {
    /// So many bytes, at least one.
    case moved(Int)
    /// Nothing now; epoll tells when.
    case wouldBlock
    /// The peer has closed its side (reading only).
    case finished
    /// The connection is broken; `code` is the errno.
    case failed(code: Int32)

    init(_ result: Int64) {
        switch result {
        case 1...: self = .moved(Int(result))
        case 0: self = .finished
        case Int64(-EAGAIN), Int64(-EINTR): self = .wouldBlock
        default: self = .failed(code: Int32(truncatingIfNeeded: -result))
        }
    }
}

/// A non-blocking connected socket. A plain number: whoever keeps it closes it exactly once.
package struct Socket: Sendable, Hashable {
    let descriptor: Int32

    /// Reads into `buffer`, from its start, at most its size.
    package func receive(into buffer: borrowing ReadBuffer) -> Transfer {
        // SAFETY: the buffer owns `capacity` bytes at `start` and outlives the call.
        Transfer(platform_receive(descriptor, buffer.start, buffer.capacity))
    }

    /// Reads up to `count` bytes and forgets them.
    package func discard(_ count: Int) -> Transfer { Transfer(platform_discard(descriptor, max(0, count))) }

    /// Sends bytes of `source` from `offset` on, at most `countMax`; `more` announces that further ones
    /// follow.
    package func send(_ source: [UInt8], from offset: Int, countMax: Int, more: Bool) -> Transfer {
        source.withUnsafeBytes { bytes in
            guard offset >= 0, offset < bytes.count, let base = bytes.baseAddress else { return .wouldBlock }
            let count = min(bytes.count - offset, countMax)
            // SAFETY: offset + count <= bytes.count, and the array lives for the whole closure.
            return Transfer(platform_send(descriptor, base + offset, count, more ? 1 : 0))
        }
    }

    /// Sends up to `count` bytes of `file` from `offset`, without copying them through this process.
    /// `finished` means that the file ended early.
    package func send(_ file: ReadableFile, from offset: Int, count: Int) -> Transfer {
        Transfer(platform_send_file(descriptor, file.descriptor, Int64(offset), max(0, count)))
    }

    /// Tells the peer that nothing more comes; reading goes on.
    package func finishWriting() { _ = platform_shutdown_writing(descriptor) }

    /// Closes the descriptor; the socket must not be used afterwards.
    package func close() { _ = platform_close(descriptor) }
}

/// Bytes that sockets are read into; one for each loop, used again for every read.
package struct ReadBuffer: ~Copyable {
    package let capacity: Int
    let start: UnsafeMutableRawPointer

    /// A buffer of `capacity` bytes.
    package init(capacity: Int) {
        self.capacity = capacity
        start = .allocate(byteCount: capacity, alignment: 64)
        start.initializeMemory(as: UInt8.self, repeating: 0, count: capacity)
    }

    deinit { start.deallocate() }

    /// The first `count` bytes, those that the last `receive` moved.
    package func withBytes<Result>(_ count: Int, _ body: (Span<UInt8>) -> Result) -> Result {
        let count = min(max(0, count), capacity)
        // SAFETY: the memory holds `capacity` initialised bytes, and the span cannot leave the closure.
        let bytes = UnsafeBufferPointer(start: start.assumingMemoryBound(to: UInt8.self), count: count)
        return body(bytes.span)
    }
}
