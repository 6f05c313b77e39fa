import Kernels
import Tensors
import Testing

/// Evaluates the reference operator `name` on `inputs`, all outputs wanted.
func evaluate(
    _ name: String, _ inputs: [Tensor?], _ attributes: [String: AttributeValue] = [:], opset: Int = 20,
    domain: String = ""
) throws -> [Tensor] {
    let operation = try #require(referenceOperator(name, domain: domain))
    let workspace = Workspace(pool: TensorPool(bytesMax: 1 << 28), operationsMax: 1 << 30)
    return try operation(
        Invocation(
            inputs: inputs, attributes: Attributes(attributes), opset: opset, outputCount: 1,
            workspace: workspace))
}

/// A float32 tensor of `dims`.
func floats(_ dims: [Int], _ values: [Float]) throws -> Tensor {
    try Tensor(shape: Shape(dims), floats: values)
}

/// An int64 tensor of one axis.
func integers(_ values: [Int64]) throws -> Tensor { try Tensor(shape: [values.count], elements: values) }

/// Numbers that look random and are the same every time.
func scattered(_ count: Int, seed: UInt64 = 1) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(state >> 40) / Float(1 << 24) * 2 - 1
    }
}

/// As many numbers as expected, each within `tolerance` of its own.
func expectClose(
    _ actual: [Float], _ expected: [Float], _ tolerance: Float = 1e-5, _ name: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(actual.count == expected.count, "\(name)", sourceLocation: sourceLocation)
    for (a, e) in zip(actual, expected) {
        #expect(abs(a - e) <= tolerance, "\(name) \(a) \(e)", sourceLocation: sourceLocation)
    }
}
