import HTTP1

/// Where the body of the request being read goes, its content coding undone on the way.
///
/// Plain bytes for memory are appended on the loop. Compressed bodies and files are worked on the sideline,
/// one piece at a time, while the next one gathers, up to `pendingMax`; then the connection stops reading.
// SAFETY: the loop touches everything but `work`'s part, and hands that over with one job at a time.
final class BodySink: @unchecked Sendable {
    private enum Target {
        case memory(BodyLease)
        case file(SpooledFile)
        case nowhere
    }

    private let target: Target
    private let inflater: Inflater?
    private let bytesMax: Int
    /// What the sideline has made of the body so far, in memory.
    private var bytes: [UInt8] = []

    /// Bytes of the body as sent.
    private(set) var received = 0
    private var pending: [UInt8] = []

    static let pendingMax = 262_144
    private static let reservedMax = 1 << 20

    /// A sink in memory of at most `bytesMax` bytes, before and after decoding.
    init(memory bytesMax: Int, expected: Int, inflater: Inflater?, lease: BodyLease) {
        target = .memory(lease)
        self.bytesMax = bytesMax
        self.inflater = inflater
        if inflater == nil { bytes.reserveCapacity(min(expected, bytesMax, Self.reservedMax)) }
    }

    /// A sink in a new file of at most `bytesMax` bytes.
    init(file: SpooledFile, bytesMax: Int, inflater: Inflater?) {
        target = .file(file)
        self.bytesMax = bytesMax
        self.inflater = inflater
    }

    /// A sink that forgets at most `bytesMax` bytes.
    init(discarding bytesMax: Int) {
        target = .nowhere
        self.bytesMax = bytesMax
        inflater = nil
    }

    /// Whether the body needs the sideline.
    var needsWork: Bool {
        switch target {
        case .memory: inflater != nil
        case .file: true
        case .nowhere: false
        }
    }

    var hasPending: Bool { !pending.isEmpty }
    var isFull: Bool { pending.count >= Self.pendingMax }

    /// Takes bytes as they come from the connection; on the loop.
    func take(_ input: Span<UInt8>, _ range: Range<Int>) throws(HTTPFault) {
        received += range.count
        guard received <= bytesMax else { throw .bodyTooLarge(limit: bytesMax) }
        switch target {
        case .memory(let lease) where inflater == nil:
            guard lease.grow(by: range.count) else { throw .outOfResources("memory") }
            bytes.append(input, range)
        case .memory, .file: pending.append(input, range)
        case .nowhere: break
        }
    }

    /// Everything that has gathered, for `work`; on the loop.
    func takePending() -> [UInt8] {
        defer { pending = [] }
        return pending
    }

    /// Decodes and stores one piece; on the sideline. `isLast` also checks that the coding is complete.
    func work(_ piece: [UInt8], isLast: Bool) throws(HTTPFault) {
        guard let inflater else { return try store(piece) }
        try inflater.inflate(piece) { (decoded: [UInt8]) throws(HTTPFault) in try store(decoded) }
        guard isLast else { return }
        try inflater.finish()
        // A body of no bytes has a file too.
        try store([])
    }

    /// The complete body, and its share of the memory for bodies, to be kept as long as it is used.
    func finished() -> (body: RequestBody, lease: BodyLease?) {
        switch target {
        case .memory(let lease):
            defer { bytes = [] }
            return (.bytes(bytes), lease)
        case .nowhere:
            return (.bytes([]), nil)
        case .file(let file):
            return (.file(file), nil)
        }
    }

    private func store(_ piece: [UInt8]) throws(HTTPFault) {
        switch target {
        case .memory(let lease):
            guard lease.grow(by: piece.count) else { throw .outOfResources("memory") }
            bytes += piece
        case .file(let file):
            do throws(SpoolError) {
                try file.append(piece)
            } catch {
                switch error {
                case .full: throw .noRoom
                case .disk: throw .outOfResources("disk space")
                }
            }
        case .nowhere:
            break
        }
    }
}

extension HTTPFault {
    /// Uploads and answers on disk are as many as allowed.
    static let noRoom = HTTPFault.outOfResources("room on disk for uploads and answers")
}
