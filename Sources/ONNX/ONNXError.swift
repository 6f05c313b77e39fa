import Kernels
import Tensors

/// Why a model was refused, or a run of it failed.
package enum ONNXError: Error, Hashable {
    /// The file could not be opened, read or mapped (`errno`'s text in `reason`).
    case file(path: String, reason: String)
    /// The bytes are not an ONNX protobuf: what was wrong `offset` bytes into the file.
    case malformed(offset: Int, reason: String)
    /// The graph is not valid: `node` as "name (Operator)", or "graph".
    case invalid(node: String, reason: String)
    /// A valid model that uses something this build does not run: operator, element type or attribute.
    case unsupported(node: String, feature: String)
    /// The model or a value in it passes a limit.
    case tooLarge(what: String, limit: Int)
    /// A run was given an input of another name, type or shape than the model takes.
    case wrongInput(name: String, reason: String)
    /// A node failed on the values that it was given.
    case execution(node: String, reason: String)
}

extension ONNXError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .file(let path, let reason): "\(path): \(reason)"
        case .malformed(let offset, let reason): "not a valid ONNX file at byte \(offset): \(reason)"
        case .invalid(let node, let reason): "invalid model at \(node): \(reason)"
        case .unsupported(let node, let feature): "unsupported at \(node): \(feature)"
        case .tooLarge(let what, let limit): "\(what) passes the limit of \(limit)"
        case .wrongInput(let name, let reason): "input '\(name)': \(reason)"
        case .execution(let node, let reason): "\(node) failed: \(reason)"
        }
    }
}
