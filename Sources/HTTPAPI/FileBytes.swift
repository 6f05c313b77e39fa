import Glibc

/// Reads and writes of open files, between arrays and file descriptors.
package enum FileBytes {
    /// Reads at most `chunk.count` bytes into the front of `chunk`; how many, 0 at the end, `nil` at an error
    /// (`errno`).
    package static func read(_ descriptor: Int32, into chunk: inout [UInt8]) -> Int? {
        // SAFETY: the buffer is the array's own, and no more than its count is asked for.
        let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        return count >= 0 ? count : nil
    }

    /// Writes all of `bytes`; false at an error (`errno`).
    package static func write(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            // SAFETY: the buffer is the slice's own, and no more than its count is written.
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// A whole file of at most `bytesMax` bytes; `nil` when it is longer or cannot be read. `-` is standard
    /// input.
    package static func contents(of path: String, bytesMax: Int) -> [UInt8]? {
        let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while let count = read(descriptor, into: &chunk) {
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= bytesMax else { return nil }
        }
        return nil
    }
}
