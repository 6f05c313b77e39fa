import Glibc

/// A folder's `.lock` file, locked for as long as this lives; the kernel unlocks it when the process ends.
package final class FolderLock: Sendable {
    private let file: Int32

    /// - Throws: `inUse` when another process, or another store of this one, has it.
    package init(directory: String) throws(StoreError) {
        let path = "\(directory)/.lock"
        file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw Disk.failure("open", path) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(file)
            throw code == EWOULDBLOCK
                ? .inUse(path: directory) : .disk(operation: "lock", path: path, code: code)
        }
    }

    deinit { close(file) }
}
