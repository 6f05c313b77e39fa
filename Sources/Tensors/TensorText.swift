/// The strings of a tensor. Their bytes count against a pool while this lives, though they lie elsewhere.
@usableFromInline package final class TensorText: Sendable {
    /// The strings, row-major.
    let strings: [String]
    private let bytes: Int
    private let pool: TensorPool

    /// Strings for which `bytes` were claimed of `pool`.
    init(_ strings: [String], bytes: Int, pool: TensorPool) {
        (self.strings, self.bytes, self.pool) = (strings, bytes, pool)
    }

    deinit { pool.giveBack(claim: bytes) }

    /// Claims the bytes of `count` empty strings.
    static func claim(count: Int, dims: [Int], pool: TensorPool) throws(TensorError) -> Int {
        let bytes = count * MemoryLayout<String>.stride
        try pool.claim(bytes, dims: dims)
        return bytes
    }

    /// Claims the bytes of `strings`, as if none shared its storage with another.
    static func claim(_ strings: [String], dims: [Int], pool: TensorPool) throws(TensorError) -> Int {
        var bytes = 0
        for string in strings {
            let length = string.utf8.count
            // Up to 15 bytes lie in the string itself; longer ones follow an object's header.
            let (sum, overflow) = bytes.addingReportingOverflow(
                MemoryLayout<String>.stride + (length > 15 ? length + 32 : 0))
            guard !overflow else { throw .tooLarge(dims: dims, limit: pool.bytesMax) }
            bytes = sum
        }
        try pool.claim(bytes, dims: dims)
        return bytes
    }
}
