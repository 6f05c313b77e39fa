import Glibc

/// A block of memory for many floats, 64-byte aligned.
///
/// From 16 KiB on it is a mapping of its own: what measuring tried and left goes back to the system at once,
/// where the heap would keep the holes (ResNet-18 at batch 32: 100 MB of them). Large ones lie on huge pages
/// where the system has them, so that streaming them does not stop at every 4 KiB for the next address
/// translation.
struct FloatBlock: @unchecked Sendable {
    /// First float; valid until `release`.
    let pointer: UnsafeMutablePointer<Float>
    private let bytes: Int
    private let isMapped: Bool

    private static var hugePage: Int { 2 << 20 }
    private static var page: Int { 4096 }
    private static var mappedLeast: Int { 16 << 10 }

    /// At least `floats` floats, uninitialised; nil without memory.
    init?(floats: Int) {
        let wanted = max(floats, 16) * 4
        isMapped = wanted >= Self.mappedLeast
        bytes = isMapped ? Self.mappedBytes(wanted) : wanted
        guard let block = isMapped ? Self.map(bytes) : Self.allocate(bytes) else { return nil }
        // SAFETY: the block holds at least `wanted` bytes, and nobody else has it.
        pointer = block.bindMemory(to: Float.self, capacity: wanted / 4)
    }

    /// Gives the memory back; its last user is gone.
    func release() {
        // SAFETY: the block is the one that the initializer mapped or allocated, of the same size.
        if isMapped { munmap(pointer, bytes) } else { free(pointer) }
    }

    /// Whole pages for `wanted` bytes: the last huge one too, unless more than an eighth were wasted there.
    static func mappedBytes(_ wanted: Int) -> Int {
        let whole = (wanted + hugePage - 1) / hugePage * hugePage
        return wanted >= 2 * hugePage && whole - wanted <= wanted / 8
            ? whole : (wanted + page - 1) / page * page
    }

    private static func allocate(_ bytes: Int) -> UnsafeMutableRawPointer? {
        var block: UnsafeMutableRawPointer?
        // SAFETY: `block` is a valid place for the result; it is read only when the call says it succeeded.
        guard posix_memalign(&block, 64, bytes) == 0 else { return nil }
        return block
    }

    private static func map(_ bytes: Int) -> UnsafeMutableRawPointer? {
        let isLarge = bytes >= 2 * hugePage
        let mapped = isLarge ? bytes + hugePage : bytes
        // SAFETY: a new private mapping; checked for MAP_FAILED before it is used.
        let start = mmap(nil, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let start, start != MAP_FAILED else { return nil }
        guard isLarge else { return start }
        let before = (hugePage - Int(bitPattern: start) % hugePage) % hugePage
        let behind = hugePage - before
        // SAFETY: the mapping is a huge page longer than the block, so that a block of `bytes` begins at its
        // first whole huge page; what lies before and behind it goes back, in whole pages.
        let block = start + before
        if before > 0 { munmap(start, before) }
        if behind > 0 { munmap(block + bytes, behind) }
        madvise(block, bytes / hugePage * hugePage, 14 /* MADV_HUGEPAGE */)
        return block
    }
}
