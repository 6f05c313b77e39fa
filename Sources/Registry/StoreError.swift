import Glibc

/// Why the store could not do what it was asked.
package enum StoreError: Error, Hashable {
    /// The disk refused; `code` is the `errno`. Nothing was changed.
    case disk(operation: String, path: String, code: Int32)
    /// Another process has the folder.
    case inUse(path: String)
    /// The folder holds things that no store wrote, so it is not taken for one.
    case notAStore(path: String, found: String)
    /// Both state files of a model are damaged, so that nothing tells which numbers were used.
    case stateLost(path: String)
    /// As many names are in use, or remembered as deleted, as are allowed.
    case tooManyModels(Int)
    /// More bytes than allowed.
    case tooLarge(bytes: Int, bytesMax: Int)
    /// No such model, or it was deleted.
    case modelNotFound(String)
    /// No such version, or no longer.
    case versionNotFound(String, Int)
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .disk(let operation, let path, let code):
            "cannot \(operation) \(path): \(String(cString: strerror(code)))"
        case .inUse(let path): "the data folder \(path) is in use by another process"
        case .notAStore(let path, let found):
            "\(path) holds \(found), which Augur did not put there; give an empty or new folder"
        case .stateLost(let path):
            "\(path)/state and its copy are damaged, so the model's next number is not known; put one back "
                + "while the server is stopped, or move the folder away"
        case .tooManyModels(let count):
            "\(count) model names are in use or remembered, as many as are allowed"
        case .tooLarge(let bytes, let bytesMax): "\(bytes) bytes are more than the \(bytesMax) allowed"
        case .modelNotFound(let name): "there is no model \(name)"
        case .versionNotFound(let name, let number): "model \(name) has no version \(number)"
        }
    }
}

/// Something on disk that cannot be used, found at start; the rest is served.
package struct StoreFault: Sendable, Hashable {
    package let path: String
    package let reason: String

    package init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }
}
