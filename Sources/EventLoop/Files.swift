import CPlatform
import Synchronization

/// A regular file opened for reading; closed when freed.
package final class ReadableFile: Sendable {
    let descriptor: Int32
    /// Bytes that it had when opened.
    package let count: Int
    /// Whose descriptor it is, if not its own.
    private let owner: TemporaryFile?

    /// Throws when there is no regular file that may be read at `path`.
    package init(path: String) throws(SocketError) {
        var size: Int64 = 0
        // SAFETY: the string lives as a C string, and `size` as one integer, for the whole call.
        let result = path.withCString { platform_open_reading($0, &size) }
        guard result >= 0 else { throw .system(call: "open", code: -result) }
        descriptor = result
        count = Int(size)
        owner = nil
    }

    /// The first `count` bytes of a temporary file, which must not be removed before this is freed.
    package init(_ file: TemporaryFile, count: Int) {
        descriptor = file.descriptor
        self.count = count
        owner = file
    }

    deinit { if owner == nil { _ = platform_close(descriptor) } }

    /// Up to `count` bytes from `offset`; empty at the end of the file, nil when it cannot be read.
    package func read(from offset: Int, count: Int) -> [UInt8]? {
        try? readBytes(of: descriptor, from: offset, count: count)
    }
}

private func readBytes(of descriptor: Int32, from offset: Int, count: Int) throws(SocketError) -> [UInt8] {
    var result: Int64 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, initialized in
        // SAFETY: the buffer has room for `buffer.count` bytes; what `pread` wrote is what is initialised.
        result = platform_read_at(descriptor, buffer.baseAddress, buffer.count, Int64(offset))
        initialized = max(0, Int(result))
    }
    guard result >= 0 else { throw .system(call: "pread", code: Int32(truncatingIfNeeded: -result)) }
    return bytes
}

/// A new file that is removed when freed, unless whoever was told its path has moved it.
package final class TemporaryFile: Sendable {
    fileprivate let descriptor: Int32
    package let path: String
    private let isRemoved = Atomic(false)

    /// Makes an empty file of mode 0600 in `directory`.
    package init(directory: String) throws(SocketError) {
        var template = Array("\(directory)/upload-XXXXXX".utf8CString)
        let result = template.withUnsafeMutableBufferPointer { characters in
            // SAFETY: the array ends in NUL and is only changed within its length.
            characters.baseAddress.map { platform_open_temporary($0) } ?? -1
        }
        guard result >= 0 else { throw .system(call: "mkostemp", code: -result) }
        descriptor = result
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { remove() }

    /// Closes and removes the file once nobody reads or appends any more; milliseconds for a large one.
    /// Harmless when repeated.
    package func remove() {
        guard isRemoved.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else {
            return
        }
        _ = platform_close(descriptor)
        removeFile(path)
    }

    /// Up to `count` bytes from `offset`; fewer only at the end of the file.
    package func read(from offset: Int, count: Int) throws(SocketError) -> [UInt8] {
        try readBytes(of: descriptor, from: offset, count: count)
    }

    /// Appends all of `bytes`.
    package func append(_ bytes: [UInt8]) throws(SocketError) {
        var offset = 0
        while offset < bytes.count {
            let result = bytes.withUnsafeBytes { raw in
                // SAFETY: offset < raw.count, so the pointer and the count stay inside the array.
                platform_write(descriptor, raw.baseAddress.map { $0 + offset }, raw.count - offset)
            }
            guard result > 0 else {
                throw .system(call: "write", code: Int32(truncatingIfNeeded: -result))
            }
            offset += Int(result)
        }
    }
}

/// Removes the file at `path`, if it is there.
private func removeFile(_ path: String) {
    // SAFETY: the string lives as a C string for the whole call.
    _ = path.withCString { platform_unlink($0) }
}
