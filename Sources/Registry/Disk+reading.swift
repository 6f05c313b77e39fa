import Glibc

extension Disk {
    /// The names in a folder, sorted; hidden ones included, `.` and `..` not. Empty when there is no folder.
    package func names(in directory: String) throws(StoreError) -> [String] {
        guard let stream = opendir(directory) else {
            if errno == ENOENT { return [] }
            throw Self.failure("list", directory)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            // SAFETY: the kernel ends `d_name` with a zero byte, and the entry is valid until the next
            // `readdir`.
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// A file's size in bytes; `nil` when it is no regular file.
    package func size(of path: String) -> Int? {
        status(of: path, kind: S_IFREG).map { Int($0.st_size) }
    }

    /// When a file was last written, milliseconds since 1970; 0 when it is not there.
    package func written(_ path: String) -> Int64 {
        status(of: path, kind: S_IFREG).map { Int64($0.st_mtim.tv_sec) * 1000 } ?? 0
    }

    /// Whether there is a folder of that name.
    package func isDirectory(_ path: String) -> Bool {
        status(of: path, kind: S_IFDIR) != nil
    }

    /// A whole file of at most `bytesMax` bytes.
    package func read(_ path: String, bytesMax: Int) throws(StoreError) -> [UInt8] {
        guard let size = size(of: path) else {
            errno = ENOENT
            throw Self.failure("read", path)
        }
        guard size <= bytesMax else { throw .tooLarge(bytes: size, bytesMax: bytesMax) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        try forEachChunk(of: path) { chunk in bytes.append(contentsOf: chunk.prefix(bytesMax - bytes.count)) }
        return bytes
    }

    /// The first `count` bytes of a file, fewer if it is shorter.
    package func head(of path: String, count: Int) throws(StoreError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Self.failure("open", path) }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: max(0, count))
        // SAFETY: `read` writes at most the array's count of bytes.
        let length = Glibc.read(file, &bytes, bytes.count)
        guard length >= 0 else { throw Self.failure("read", path) }
        return Array(bytes.prefix(length))
    }

    /// Hands a file over in chunks of at most 1 MiB.
    func forEachChunk(of path: String, _ use: (UnsafeRawBufferPointer) -> Void) throws(StoreError) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Self.failure("open", path) }
        defer { close(file) }
        // SAFETY: freed below; only the bytes that `read` filled are handed over.
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        defer { buffer.deallocate() }
        while true {
            let count = Glibc.read(file, buffer.baseAddress, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw Self.failure("read", path) }
            guard count > 0 else { return }
            use(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    private func status(of path: String, kind: mode_t) -> stat? {
        var result = stat()
        guard stat(path, &result) == 0, result.st_mode & S_IFMT == kind else { return nil }
        return result
    }
}
