import HTTPServer

/// An answer that is written piece by piece and may become long: the first bytes in memory, all of them in a
/// file once there are more. The file goes with whoever keeps it last.
struct Spool: Sendable {
    /// Bytes that are kept in memory before they are written.
    static let memoryBytesMax = 1 << 20

    private var pending: [UInt8] = []
    private let file: SpooledFile
    private let bytesMax: Int

    /// - Parameter file: Untouched until it is needed.
    init(_ file: SpooledFile, bytesMax: Int) {
        self.file = file
        self.bytesMax = bytesMax
    }

    /// Appends a piece.
    ///
    /// - Throws: `tooLarge` past the bound, `unavailable` past that of all such files, `storage` when the
    ///   disk refuses.
    mutating func append(_ bytes: [UInt8]) throws(APIError) {
        guard bytes.count <= bytesMax - file.count - pending.count else {
            throw .longAnswer(bytesMax: bytesMax)
        }
        pending.append(contentsOf: bytes)
        if pending.count > Self.memoryBytesMax { try flush() }
    }

    /// Everything, as the body of a reply.
    mutating func body() throws(APIError) -> ResponseBody {
        guard file.count > 0 else { return .bytes(pending) }
        try flush()
        return .spooled(file)
    }

    private mutating func flush() throws(APIError) {
        try file.add(pending)
        pending.removeAll(keepingCapacity: true)
    }
}

extension SpooledFile {
    /// Appends all of `bytes`.
    ///
    /// - Throws: `unavailable` past the bound of all such files, `storage` when the disk refuses.
    func add(_ bytes: [UInt8]) throws(APIError) {
        do throws(SpoolError) { try append(bytes) } catch { throw APIError(error) }
    }

    /// Up to `count` bytes from `offset`; fewer only at the end.
    ///
    /// - Throws: `storage` when the disk refuses.
    func piece(from offset: Int, count: Int) throws(APIError) -> [UInt8] {
        do throws(SpoolError) { return try read(from: offset, count: count) } catch { throw APIError(error) }
    }
}
