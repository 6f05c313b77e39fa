import Tensors

/// Reads a serialised `TensorProto` (`input_0.pb` of ONNX's test data).
/// - Throws: `ONNXError.file`, `.malformed`, `.unsupported`.
package func readTensor(path: String, limits: NetworkLimits = NetworkLimits()) throws(ONNXError) -> Tensor {
    let bytes = try ModelBytes(mapping: path, bytesMax: limits.fileBytesMax)
    let source = TensorSource(bytes: bytes, pool: .shared, limits: limits) { (location) throws(ONNXError) in
        throw .unsupported(node: path, feature: "external data '\(location)'")
    }
    return try source.tensor(try TensorDocument(bytes, 0..<bytes.count))
}
