import Tensors

/// Operators of the default domain that this build runs, by name.
private let defaultOperators: [String: OperatorFunction] = {
    var table: [String: OperatorFunction] = [:]
    for family in [
        activationOperators, functionOperators, arithmeticOperators, poolingOperators, shapingOperators,
        matrixOperators, constantOperators, reductionOperators, slicingOperators, gatheringOperators,
        normalizationOperators, quantizationOperators, samplingOperators, recurrentOperators,
        detectionOperators, attentionOperators, textOperators, signalOperators, rearrangingOperators,
        randomOperators, lossOperators,
    ] {
        table.merge(family) { first, _ in first }
    }
    return table
}()

/// Convolutions, products and normalisations.
private let matrixOperators: [String: OperatorFunction] = [
    "Conv": { call throws(KernelError) in try call.convolve() },
    "MatMul": { call throws(KernelError) in try call.matMul() },
    "Einsum": { call throws(KernelError) in try call.einsum() },
    "Gemm": { call throws(KernelError) in try call.gemm() },
    "ConvTranspose": { call throws(KernelError) in try call.convolveTransposed() },
    "DeformConv": { call throws(KernelError) in try call.convolveDeformed() },
    "Det": { call throws(KernelError) in try call.determinant() },
    "Softmax": { call throws(KernelError) in try call.softmax(.plain) },
    "LogSoftmax": { call throws(KernelError) in try call.softmax(.logarithm) },
    "Hardmax": { call throws(KernelError) in try call.softmax(.hard) },
]

/// Operators of the `ai.onnx.ml` domain that this build runs, by name.
private let learnedOperators: [String: OperatorFunction] = {
    var table: [String: OperatorFunction] = [:]
    for family in [treeOperators, linearModelOperators, supportOperators, encoderOperators] {
        table.merge(family) { first, _ in first }
    }
    return table
}()

/// Operators of the `com.microsoft` domain that this build runs, by name: what scikit-learn's exporter
/// writes.
private let contributedOperators: [String: OperatorFunction] = [
    "Tokenizer": { call throws(KernelError) in try call.tokenize() }
]

/// The reference form of an operator, nil when this build has none.
package func referenceOperator(_ name: String, domain: String) -> OperatorFunction? {
    let operation =
        switch domain {
        case "", "ai.onnx": defaultOperators[name]
        case "ai.onnx.ml": learnedOperators[name]
        case "com.microsoft": contributedOperators[name]
        default: nil as OperatorFunction?
        }
    return operation.map(refusingWrongIndices)
}

/// The names of the operators that this build runs, by domain.
package let referenceOperatorNames: [String: [String]] = [
    "": defaultOperators.keys.sorted(), "ai.onnx.ml": learnedOperators.keys.sorted(),
    "com.microsoft": contributedOperators.keys.sorted(),
]

/// An operator whose indices left a tensor has computed nothing of use.
private func refusingWrongIndices(_ operation: @escaping OperatorFunction) -> OperatorFunction {
    { call throws(KernelError) in
        _ = ElementFault.take()
        let outputs = try operation(call)
        guard !ElementFault.take() else { throw .wrongIndex }
        return outputs
    }
}
