import Glibc

/// The bytes of a model or data file, mapped read-only, or a copy in memory. Everything taken from them
/// (weights above all) keeps this object, and with it the mapping, alive.
package final class ModelBytes: @unchecked Sendable {
    private let start: UnsafeRawPointer?
    private let isMapped: Bool

    /// Number of bytes.
    package let count: Int

    /// Maps the regular file at `path`.
    /// - Throws: `ONNXError.file`, or `.tooLarge` past `bytesMax`.
    package init(mapping path: String, bytesMax: Int) throws(ONNXError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .file(path: path, reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .file(path: path, reason: "not a regular file")
        }
        guard status.st_size <= bytesMax else { throw .tooLarge(what: "the file \(path)", limit: bytesMax) }
        count = Int(status.st_size)
        isMapped = count > 0
        guard count > 0 else {
            start = nil
            return
        }
        // SAFETY: a private read-only mapping of an open regular file; checked for MAP_FAILED below.
        guard let base = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
            throw .file(path: path, reason: String(cString: strerror(errno)))
        }
        start = UnsafeRawPointer(base)
    }

    /// A copy of `bytes`.
    package init(copying bytes: [UInt8]) {
        count = bytes.count
        isMapped = false
        guard !bytes.isEmpty, let copy = malloc(bytes.count) else {
            start = nil
            return
        }
        // SAFETY: both ranges hold `bytes.count` bytes, and a fresh allocation overlaps nothing.
        bytes.withUnsafeBytes { source in
            guard let base = source.baseAddress else { return }
            memcpy(copy, base, bytes.count)
        }
        start = UnsafeRawPointer(copy)
    }

    deinit {
        guard let start else { return }
        // SAFETY: the range is the one that the initializer mapped or allocated, and its last user is gone.
        let base = UnsafeMutableRawPointer(mutating: start)
        if isMapped { munmap(base, count) } else { free(base) }
    }

    /// Lets the memory of a mapped file go until it is read again: what was packed elsewhere is not held
    /// twice.
    func releasePages() {
        guard isMapped, let start else { return }
        // SAFETY: the range is this object's own read-only mapping of a file, whose pages come back
        // unchanged.
        madvise(UnsafeMutableRawPointer(mutating: start), count, MADV_DONTNEED)
    }

    /// Byte `index`, 0 past the end (readers check their own bounds first).
    @inline(__always)
    subscript(index: Int) -> UInt8 {
        guard let start, index >= 0, index < count else { return 0 }
        // SAFETY: the index was just checked.
        return start.load(fromByteOffset: index, as: UInt8.self)
    }

    /// The bytes of `range`, cut to what there is; valid while this object lives.
    func buffer(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        let range = range.clamped(to: 0..<count)
        // SAFETY: the range was just cut to the mapping.
        return UnsafeRawBufferPointer(start: start.map { $0 + range.lowerBound }, count: range.count)
    }

    /// The little-endian number of `Value`'s size at `offset`, read byte by byte (nothing is aligned in a
    /// file).
    func number<Value: FixedWidthInteger>(at offset: Int, as type: Value.Type) -> Value {
        var value: Value = 0
        for index in 0..<(Value.bitWidth / 8) { value |= Value(self[offset + index]) << Value(8 * index) }
        return value
    }
}
