import EventLoop
import HTTP1
import Synchronization

/// A file that is compressed while it is sent, chunk by chunk, in constant memory.
final class StreamedFile: Sendable {
    private struct State {
        var offset = 0
        var deflater: Deflater
        var isEnded = false
    }

    private let source: SentFile
    private let state: Mutex<State>

    /// Bytes of the file in one chunk.
    static let chunkBytes = 131_072

    /// Nil when the compressor cannot be had.
    init?(_ source: SentFile, coding: ContentCoding) {
        guard let deflater = Deflater(coding, size: .large) else { return nil }
        self.source = source
        self.state = Mutex(State(deflater: deflater))
    }

    /// The next chunk, framed, and whether it was the last; nil when the file cannot be read to its end.
    /// Blocks on the disk and compresses: never on a loop.
    func next() -> (bytes: [UInt8], isLast: Bool)? {
        state.withLock { state in
            let wanted = min(Self.chunkBytes, source.count - state.offset)
            guard let bytes = source.file.read(from: state.offset, count: wanted), bytes.count == wanted
            else {
                return nil
            }
            state.offset += wanted
            let isLast = state.offset == source.count
            guard let compressed = state.deflater.compress(bytes, finish: isLast) else { return nil }
            return (Self.framed(compressed, isLast: isLast), isLast)
        }
    }

    private static func framed(_ data: [UInt8], isLast: Bool) -> [UInt8] {
        var chunk: [UInt8] = []
        chunk.reserveCapacity(data.count + 32)
        // A compressor may keep everything to itself for a while; a chunk of size 0 would end the body.
        if !data.isEmpty {
            appendChunkSize(data.count, to: &chunk)
            chunk += data
            chunk += "\r\n".utf8
        }
        if isLast { chunk += "0\r\n\r\n".utf8 }
        return chunk
    }
}
