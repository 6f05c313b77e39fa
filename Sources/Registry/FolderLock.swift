import Glibc

/// A folder's `.lock` file, locked for as long as this lives; the kernel unlocks it when the process ends.
package final class FolderLock: Sendable {
    private let file: Int32

    /// Waits up to one second: a process that was just killed keeps its locks until the kernel has put its
    /// memory away, and whoever restarts it should not have to know.
    ///
    /// - Throws: `inUse` when another process, or another store of this one, has it.
    package init(directory: String) throws(StoreError) {
        let path = "\(directory)/.lock"
        file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw Disk.failure("open", path) }
        var code = Self.tryLock(file)
        for _ in 0..<20 where code == EWOULDBLOCK {
            usleep(50_000)
            code = Self.tryLock(file)
        }
        guard code == 0 else {
            close(file)
            throw code == EWOULDBLOCK
                ? .inUse(path: directory) : .disk(operation: "lock", path: path, code: code)
        }
    }

    /// 0, or the `errno` of a lock not taken.
    private static func tryLock(_ file: Int32) -> Int32 { flock(file, LOCK_EX | LOCK_NB) == 0 ? 0 : errno }

    deinit { close(file) }
}
