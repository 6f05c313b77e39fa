/// Operators of the default domain that this build runs, by name.
private let defaultOperators: [String: OperatorFunction] = {
    var table: [String: OperatorFunction] = [:]
    for family in [
        activationOperators, functionOperators, arithmeticOperators, poolingOperators, shapingOperators,
        matrixOperators, constantOperators,
    ] {
        table.merge(family) { first, _ in first }
    }
    return table
}()

/// Convolutions, products and normalisations.
private let matrixOperators: [String: OperatorFunction] = [
    "Conv": { call throws(KernelError) in try call.convolve() },
    "MatMul": { call throws(KernelError) in try call.matMul() },
    "Gemm": { call throws(KernelError) in try call.gemm() },
    "BatchNormalization": { call throws(KernelError) in try call.batchNormalize() },
    "Softmax": { call throws(KernelError) in try call.softmax(.plain) },
    "LogSoftmax": { call throws(KernelError) in try call.softmax(.logarithm) },
    "Hardmax": { call throws(KernelError) in try call.softmax(.hard) },
]

/// The reference form of an operator, nil when this build has none.
package func referenceOperator(_ name: String, domain: String) -> OperatorFunction? {
    switch domain {
    case "", "ai.onnx": defaultOperators[name]
    default: nil
    }
}
