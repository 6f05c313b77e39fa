import Fuzzing
import Kernels
import ONNX
import Tensors

/// What a node may be, so that a mutation can name another operator.
private let words =
    referenceOperatorNames.values.joined() + [
        "If", "Loop", "Scan", "ai.onnx.ml", "SequenceConstruct", "SequenceMap", "SequenceAt",
        "SplitToSequence", "Optional",
    ]

fuzz(seeds: seedModels, words: words, check)

/// Loads the bytes as a model and runs it once on small inputs: anything but an error or an answer is a
/// fault.
@Sendable private func check(_ bytes: [UInt8]) {
    var limits = NetworkLimits()
    limits.fileBytesMax = 1 << 20
    limits.memoryBytesMax = 64 << 20
    limits.operationsMax = 1 << 24
    limits.iterationsMax = 64
    do throws(ONNXError) {
        let network = try Network.load(bytes: bytes, limits: limits)
        var inputs: [String: Tensor] = [:]
        for port in network.inputs {
            guard let tensor = sample(of: port) else { return }
            inputs[port.name] = tensor
        }
        _ = network.describePlan()
        _ = network.isBatchable
        _ = try network.run(inputs)
    } catch {
        guard !error.description.isEmpty else { fatalError("an error that says nothing") }
    }
}

/// A small tensor that the port takes.
private func sample(of port: Port) -> Tensor? {
    let dims = port.dims.map { dimension in
        switch dimension {
        case .fixed(let size): size
        case .symbolic: 2
        }
    }
    guard let shape = try? Shape(checking: dims, elementsMax: 1 << 16) else { return nil }
    if port.elementType == .string {
        return try? Tensor(shape: shape, strings: [String](repeating: "a", count: shape.elementCount))
    }
    let values = (0..<shape.elementCount).map { Float($0 % 11) - 3 }
    return try? Tensor(shape: shape, floats: values).cast(to: port.elementType)
}
