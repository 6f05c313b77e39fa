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

/// Reads a serialised `SequenceProto` of tensors, or an `OptionalProto` around one.
/// - Throws: `ONNXError.file`, `.malformed`, `.unsupported`.
package func readSequence(path: String, limits: NetworkLimits = NetworkLimits()) throws(ONNXError) -> [Tensor]
{
    let bytes = try ModelBytes(mapping: path, bytesMax: limits.fileBytesMax)
    let source = TensorSource(bytes: bytes, pool: .shared, limits: limits) { (location) throws(ONNXError) in
        throw .unsupported(node: path, feature: "external data '\(location)'")
    }
    var tensors: [Tensor] = []
    var reader = WireReader(bytes, 0..<bytes.count)
    while let (field, value) = try reader.next() {
        guard field == 3 || field == 5 else { continue }
        let range = try value.range(at: reader.position)
        if field == 5 {
            // The sequence inside an optional.
            reader = WireReader(bytes, range)
            continue
        }
        tensors.append(try source.tensor(try TensorDocument(bytes, range)))
    }
    return tensors
}
