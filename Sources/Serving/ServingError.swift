import ONNX
import PMML

/// Why an operation on models failed.
package enum ServingError: Error {
    /// Names match `[a-zA-Z0-9][a-zA-Z0-9\-._]*` and have at most 200 characters.
    case invalidName(String)
    /// No model of that name is served.
    case modelNotFound(String)
    /// The model has no such version, or no longer.
    case versionNotFound(String, Int)
    /// There is no earlier version to go back to.
    case nothingToRollBackTo(String)
    /// The bytes are neither PMML nor ONNX, or not what the request said they are.
    case unsupportedFormat(String)
    /// The document was refused; its faults are all in the error.
    case pmml(PMMLError)
    /// The network was refused.
    case network(ONNXError)
    /// `model.yaml` was refused.
    case configuration(ConfigurationFault)
    /// The model loaded, but its own warm-up or golden input did not give what it should.
    case verificationFailed(String)
    /// The model file is larger than allowed.
    case tooLarge(bytes: Int, bytesMax: Int)
    /// As many names as allowed are in use.
    case tooManyModels(Int)
    /// The disk refused; nothing was changed. `code` is the `errno`.
    case storage(operation: String, code: Int32)
    /// The data folder is another running process's.
    case dataDirectoryInUse(String)
    /// The data folder is not one, or holds something that Augur did not write.
    case dataDirectoryUnusable(String, reason: String)
}

/// A fault of a `model.yaml`, with where it is and what was expected.
package struct ConfigurationFault: Error, Sendable, Hashable {
    /// From 1; 0 when the fault is the whole file's.
    package let line: Int
    /// The key, as a path: `image.width`.
    package let key: String
    /// What is wrong, and the nearest valid key where one was misspelt.
    package let reason: String

    package init(line: Int, key: String, reason: String) {
        self.line = line
        self.key = key
        self.reason = reason
    }
}
