import Glibc
import Registry

extension ServingError {
    /// What a failure of the store means for an operation.
    init(_ error: StoreError) {
        self =
            switch error {
            case .disk(let operation, let path, let code):
                .storage(operation: "\(operation) \(path)", code: code)
            case .inUse(let path): .dataDirectoryInUse(path)
            case .notAStore(let path, let found): .dataDirectoryUnusable(path, reason: "it holds \(found)")
            case .stateLost(let path): .dataDirectoryUnusable(path, reason: error.description)
            case .tooManyModels(let count): .tooManyModels(count)
            case .tooLarge(let bytes, let bytesMax): .tooLarge(bytes: bytes, bytesMax: bytesMax)
            case .modelNotFound(let name): .modelNotFound(name)
            case .versionNotFound(let name, let number): .versionNotFound(name, number)
            }
    }
}

extension ServingError: CustomStringConvertible {
    /// One sentence, or one line for each fault, for the person who asked.
    package var description: String {
        switch self {
        case .invalidName(let name):
            "\"\(name)\" is no model name: [a-zA-Z0-9][a-zA-Z0-9-._]*, at most 200 characters"
        case .modelNotFound(let name): "there is no model \"\(name)\""
        case .versionNotFound(let name, let number): "model \"\(name)\" has no version \(number)"
        case .nothingToRollBackTo(let name): "model \"\(name)\" has no earlier version to go back to"
        case .unsupportedFormat(let reason): reason
        case .pmml(let error): "\(error)"
        case .network(let error): "\(error)"
        case .configuration(let fault): "\(fault)"
        case .verificationFailed(let reason): "verification failed: \(reason)"
        case .tooLarge(let bytes, let bytesMax): "\(bytes) bytes are more than the \(bytesMax) allowed"
        case .tooManyModels(let count):
            "\(count) model names are in use or remembered as deleted, as many as are allowed"
        case .storage(let operation, let code):
            "cannot \(operation): \(String(cString: strerror(code))); nothing was changed"
        case .dataDirectoryInUse(let path): "the data folder \(path) is in use by another process"
        case .dataDirectoryUnusable(let path, let reason): "\(path) cannot be the data folder: \(reason)"
        }
    }
}

extension ConfigurationFault: CustomStringConvertible {
    package var description: String {
        let place = line > 0 ? "model.yaml line \(line)" : "model.yaml"
        return key.isEmpty ? "\(place): \(reason)" : "\(place): \(key) \(reason)"
    }
}
