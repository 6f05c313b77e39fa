import CZlib
import HTTP1

/// Undoes gzip or deflate piece by piece, bounded in size and in ratio.
///
/// gzip bodies may consist of several members (RFC 1952 section 2.2). `deflate` is zlib's form (RFC 1950) or,
/// as some clients have it, the bare one (RFC 1951): the first two bytes tell.
// SAFETY: one piece is undone at a time: the connection waits for each before it hands over the next.
final class Inflater: @unchecked Sendable {
    private let coding: ContentCoding
    private let stream: UnsafeMutablePointer<z_stream>
    private let bytesMax: Int
    private let ratioMax: Int
    private var isStarted = false
    private var isEnded = false
    /// The first bytes of a deflate body, until there are the two that tell its form.
    private var beginning: [UInt8] = []
    private var taken = 0
    private var given = 0

    /// Output of this size is never called a bomb.
    static let ratioFreeBytes = 1 << 20
    private static let pieceBytes = 65_536

    init(_ coding: ContentCoding, bytesMax: Int, ratioMax: Int) {
        self.coding = coding
        self.bytesMax = bytesMax
        self.ratioMax = ratioMax
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
    }

    deinit {
        // SAFETY: inflateEnd refuses a zeroed stream that was never initialised, and frees any other, once.
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Undoes the next bytes of the body; `sink` gets the result in pieces of at most 64 KiB.
    func inflate(_ input: [UInt8], into sink: ([UInt8]) throws(HTTPFault) -> Void) throws(HTTPFault) {
        taken += input.count
        var input = input
        if !isStarted {
            beginning += input
            guard coding == .gzip || beginning.count >= 2 else { return }
            input = beginning
            beginning = []
            try start(input)
        }
        var offset = 0
        while offset < input.count {
            if isEnded { try nextMember() }
            let (piece, used) = try step(input, from: offset)
            offset += used
            given += piece.count
            try checkBounds()
            if !piece.isEmpty { try sink(piece) }
            guard used > 0 || !piece.isEmpty || isEnded else { throw .contentBroken(coding) }
        }
        try drain(into: sink)
    }

    /// The body is complete: throws unless the compressed stream is, too.
    func finish() throws(HTTPFault) {
        guard isEnded else { throw .contentBroken(coding) }
    }

    /// All input is taken, but zlib may hold output that did not fit into the last piece.
    private func drain(into sink: ([UInt8]) throws(HTTPFault) -> Void) throws(HTTPFault) {
        while isStarted, !isEnded {
            let (piece, _) = try step([], from: 0)
            guard !piece.isEmpty else { return }
            given += piece.count
            try checkBounds()
            try sink(piece)
        }
    }

    private func start(_ first: [UInt8]) throws(HTTPFault) {
        let isBare = coding == .deflate && !Self.isWrapped(first)
        let window: Int32 = coding == .gzip ? 15 + 16 : isBare ? -15 : 15
        // SAFETY: `stream` points at one zeroed z_stream, as inflateInit2 requires.
        let result = inflateInit2_(stream, window, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard result == Z_OK else { throw .outOfResources("memory") }
        isStarted = true
    }

    /// RFC 1950 section 2.2: method 8, and the first two bytes are a multiple of 31.
    private static func isWrapped(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 2 else { return false }
        return bytes[0] & 0x0F == 8 && (Int(bytes[0]) << 8 | Int(bytes[1])) % 31 == 0
    }

    private func nextMember() throws(HTTPFault) {
        // Only gzip has members; bytes behind a deflate stream are no body of that coding.
        guard coding == .gzip, inflateReset(stream) == Z_OK else { throw .contentBroken(coding) }
        isEnded = false
    }

    private func step(_ input: [UInt8], from offset: Int) throws(HTTPFault) -> (piece: [UInt8], used: Int) {
        var input = input
        var result = Z_OK
        var used = 0
        let piece = [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { out, initialized in
            input.withUnsafeMutableBufferPointer { bytes in
                // SAFETY: offset <= bytes.count; both buffers outlive the call, and the sizes given are their
                // own.
                stream.pointee.next_in = bytes.baseAddress.map { $0 + offset }
                stream.pointee.avail_in = UInt32(clamping: bytes.count - offset)
                stream.pointee.next_out = out.baseAddress
                stream.pointee.avail_out = UInt32(clamping: out.count)
                let before = stream.pointee.avail_in
                result = CZlib.inflate(stream, Z_NO_FLUSH)
                used = Int(before - stream.pointee.avail_in)
            }
            initialized = out.count - Int(stream.pointee.avail_out)
        }
        switch result {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: isEnded = true
        default: throw .contentBroken(coding)
        }
        return (piece, used)
    }

    private func checkBounds() throws(HTTPFault) {
        guard given <= bytesMax else { throw .bodyTooLarge(limit: bytesMax) }
        guard given <= Self.ratioFreeBytes || given / max(1, taken) < ratioMax else {
            throw .bodyExpandsTooMuch(ratioMax: ratioMax)
        }
    }
}
