/// Raw memory under a tensor: a block of a `TensorPool`, or a range of something longer-lived (a mapped
/// file).
///
///     base                                 base + byteCount
///      |<------ elements, row-major ------>|
///
/// Written only by the code that made it, before anyone else sees it; immutable afterwards.
@usableFromInline package final class TensorMemory: @unchecked Sendable {
    private enum Owner {
        case pool(TensorPool, capacity: Int)
        case other(AnyObject)
    }

    /// Address of the first element. Mapped memory may be aligned to a byte only.
    @usableFromInline package let base: UnsafeMutableRawPointer
    /// Bytes that may be read from `base`.
    package let byteCount: Int
    private let owner: Owner

    /// Uninitialised memory of `byteCount` bytes out of `pool`, 64-byte aligned.
    package init(byteCount: Int, dims: [Int], pool: TensorPool) throws(TensorError) {
        let (address, capacity) = try pool.take(byteCount, dims: dims)
        // SAFETY: the address is that of a block of `byteCount` bytes or more that only this object holds.
        guard let base = UnsafeMutableRawPointer(bitPattern: address) else {
            throw .outOfMemory(bytes: byteCount)
        }
        self.base = base
        self.byteCount = byteCount
        owner = .pool(pool, capacity: capacity)
    }

    /// A range of memory that `owner` keeps valid for as long as it lives, and unchanged but by the maker of
    /// this tensor.
    package init(borrowing bytes: UnsafeRawBufferPointer, of owner: AnyObject) {
        // SAFETY: a tensor is written by its maker alone, and who borrows what may not be written (a file's
        // mapping) does not write.
        base = bytes.baseAddress.map(UnsafeMutableRawPointer.init(mutating:)) ?? Self.empty.base
        byteCount = bytes.count
        self.owner = .other(owner)
    }

    /// Memory of no bytes.
    @usableFromInline static let empty = TensorMemory()

    private init() {
        // SAFETY: the address is that of an object that lives as long as the process; no byte of it is ever
        // touched.
        base = Unmanaged.passUnretained(TensorPool.shared).toOpaque()
        byteCount = 0
        owner = .other(TensorPool.shared)
    }

    deinit {
        switch owner {
        case .pool(let pool, let capacity):
            pool.giveBack(address: UInt(bitPattern: base), capacity: capacity)
        case .other: break
        }
    }
}
