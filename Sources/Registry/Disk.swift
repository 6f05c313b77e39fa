import Glibc

/// The file system, one step at a time: each step that changes something is announced first, so that a test
/// can let any of them fail, or end the process's life there.
package struct Disk: Sendable {
    /// A step that changes the disk.
    package enum Step: Sendable, Hashable {
        case makeDirectory(String)
        case write(String)
        case sync(String)
        case rename(String, to: String)
        case remove(String)
    }

    private let before: @Sendable (Step) throws(StoreError) -> Void

    /// - Parameter before: called before each step; what it throws is what the step throws.
    package init(before: @escaping @Sendable (Step) throws(StoreError) -> Void = { _ in }) {
        self.before = before
    }

    /// Makes a folder; one that exists is fine.
    package func makeDirectory(_ path: String) throws(StoreError) {
        try before(.makeDirectory(path))
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw Self.failure("make the folder", path) }
    }

    /// Writes a new file and syncs it; on failure no file is left.
    package func write(_ bytes: [UInt8], to path: String) throws(StoreError) {
        try before(.write(path))
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw Self.failure("create", path) }
        let failure = Self.writeAll(bytes, to: file, path: path)
        close(file)
        if let failure {
            unlink(path)
            throw failure
        }
        try sync(path)
    }

    /// Returns once a file's bytes, or a folder's names, are on the disk itself.
    package func sync(_ path: String) throws(StoreError) {
        try before(.sync(path))
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Self.failure("open", path) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw Self.failure("sync", path) }
    }

    /// Renames a file or folder, replacing a file of the new name.
    package func rename(_ path: String, to new: String) throws(StoreError) {
        try before(.rename(path, to: new))
        guard Glibc.rename(path, new) == 0 else { throw Self.failure("rename to \(new)", path) }
    }

    /// Removes a file, or a folder with all it holds; something that is not there is fine.
    package func remove(_ path: String) throws(StoreError) {
        try before(.remove(path))
        guard unlink(path) != 0, errno != ENOENT else { return }
        guard errno == EISDIR || errno == EPERM else { throw Self.failure("remove", path) }
        for name in try names(in: path) { try remove("\(path)/\(name)") }
        guard rmdir(path) == 0 || errno == ENOENT else { throw Self.failure("remove", path) }
    }

    static func failure(_ operation: String, _ path: String) -> StoreError {
        .disk(operation: operation, path: path, code: errno)
    }

    private static func writeAll(_ bytes: [UInt8], to file: Int32, path: String) -> StoreError? {
        // SAFETY: the offset stays within the buffer, whose count bounds the write.
        bytes.withUnsafeBytes { buffer -> StoreError? in
            var offset = 0
            while offset < buffer.count {
                let written = Glibc.write(
                    file, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
                if written < 0 && errno == EINTR { continue }
                guard written > 0 else { return failure("write", path) }
                offset += written
            }
            return nil
        }
    }
}
