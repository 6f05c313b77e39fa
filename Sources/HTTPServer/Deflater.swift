import CZlib
import HTTP1
import Synchronization

/// zlib's compressor for one coding, used again from reply to reply.
final class Deflater: @unchecked Sendable {
    /// How large a reply it is meant for: starting a small one costs little, a large one finds more
    /// repetition.
    enum Size: Sendable, Hashable {
        /// Replies up to 16 KiB: a 16 KiB window and an 8 KiB table to clear.
        case small
        case large
    }

    // SAFETY: the stream is used by one caller at a time: a pool lends it out, a streamed file locks it.
    private let stream: UnsafeMutablePointer<z_stream>

    /// Nil when there is no memory for it.
    init?(_ coding: ContentCoding, size: Size) {
        let wrapper: Int32 = coding == .gzip ? 16 : 0
        let (window, memory): (Int32, Int32) = size == .small ? (14, 5) : (15, 8)
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // SAFETY: `stream` points at one zeroed z_stream, as deflateInit2 requires.
        let result = deflateInit2_(
            stream, Self.level, Z_DEFLATED, window + wrapper, memory, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard result == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        // SAFETY: the stream was initialised, and nobody else holds it.
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Level 1 compresses JSON to within a few percent of level 6 at a third of its time.
    private static let level: Int32 = 1

    /// Compresses `input` and returns what has come out; `finish` ends the stream and makes it ready for
    /// another. Nil if zlib fails.
    func compress(_ input: [UInt8], finish: Bool) -> [UInt8]? {
        var input = input
        let bound = Int(deflateBound(stream, UInt(input.count))) + 64
        var result = Z_OK
        let output = [UInt8](unsafeUninitializedCapacity: bound) { out, initialized in
            input.withUnsafeMutableBufferPointer { bytes in
                // SAFETY: both buffers outlive the call; the sizes given are their own.
                stream.pointee.next_in = bytes.baseAddress
                stream.pointee.avail_in = UInt32(clamping: bytes.count)
                stream.pointee.next_out = out.baseAddress
                stream.pointee.avail_out = UInt32(clamping: out.count)
                result = deflate(stream, finish ? Z_FINISH : Z_NO_FLUSH)
            }
            initialized = out.count - Int(stream.pointee.avail_out)
        }
        let isDone = finish ? result == Z_STREAM_END : stream.pointee.avail_in == 0
        if finish { deflateReset(stream) }
        return isDone ? output : nil
    }
}

/// Compressors that are waiting for their next reply.
final class DeflaterPool: Sendable {
    private struct Kind: Hashable {
        let coding: ContentCoding
        let size: Deflater.Size
    }

    private let free = Mutex<[Kind: [Deflater]]>([:])

    /// Compressors kept of one kind: more than can run at once on any machine this is meant for.
    private static let keptMax = 16

    /// `input` compressed as a whole; nil if zlib has no memory.
    func compress(_ input: [UInt8], _ coding: ContentCoding) -> [UInt8]? {
        let kind = Kind(coding: coding, size: input.count <= 16_384 ? .small : .large)
        let waiting = free.withLock { $0[kind]?.popLast() }
        guard let deflater = waiting ?? Deflater(coding, size: kind.size) else { return nil }
        let output = deflater.compress(input, finish: true)
        free.withLock { free in
            if free[kind, default: []].count < Self.keptMax { free[kind, default: []].append(deflater) }
        }
        return output
    }
}
