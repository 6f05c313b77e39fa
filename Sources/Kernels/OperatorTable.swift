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
    let textInputs = domain == "ai.onnx.ml" ? learnedTextInputs[name] : textInputs[name]
    return operation.map { checked($0, textInputs: textInputs ?? 0) }
}

/// The names of the operators that this build runs, by domain.
package let referenceOperatorNames: [String: [String]] = [
    "": defaultOperators.keys.sorted(), "ai.onnx.ml": learnedOperators.keys.sorted(),
    "com.microsoft": contributedOperators.keys.sorted(),
]

/// Inputs of operators that may be strings by ONNX's operator schemas, a bit for each (the last for all
/// further ones). Any other input of strings is refused before the operator looks at it: as numbers, its
/// elements would be none.
private let textInputs: [String: UInt64] = {
    var table: [String: UInt64] = [:]
    let names: [(UInt64, String)] = [
        (
            0b1,
            """
            Cast CenterCropPad Compress DepthToSpace Expand Flatten Gather GatherElements GatherND Identity \
            RandomNormalLike RandomUniformLike RegexFullMatch Reshape ReverseSequence Shape Size Slice \
            SpaceToDepth Split Squeeze StringNormalizer StringSplit TfIdfVectorizer Tile Tokenizer Transpose \
            Unique Unsqueeze
            """
        ), (0b11, "CastLike Equal StringConcat TensorScatter"),
        (0b101, "Pad Scatter ScatterElements ScatterND"), (0b110, "Where"), (0b100, "OneHot"),
        (.max, "Concat"),
    ]
    for (inputs, list) in names {
        for name in list.split(separator: " ") { table[String(name)] = inputs }
    }
    return table
}()

/// The same for the `ai.onnx.ml` domain.
private let learnedTextInputs: [String: UInt64] = [
    "ArrayFeatureExtractor": 1, "CategoryMapper": 1, "LabelEncoder": 1, "OneHotEncoder": 1,
]

/// An operator that is given only what it may be given, and whose indices stay inside its tensors: one whose
/// indices left a tensor has computed nothing of use.
private func checked(_ operation: @escaping OperatorFunction, textInputs: UInt64) -> OperatorFunction {
    { call throws(KernelError) in
        for case (let index, let input?) in call.inputs.enumerated() {
            if input.elementType == .string, textInputs >> UInt64(min(index, 63)) & 1 == 0 {
                throw .invalid("input \(index) is of strings")
            }
            try input.check(call.workspace)
        }
        defer { call.workspace.endClaims() }
        _ = ElementFault.take()
        let outputs = try operation(call)
        guard !ElementFault.take() else { throw .wrongIndex }
        return outputs
    }
}

extension Tensor {
    /// What every operator may rely on in an input: a list with a number for each element keeps within the
    /// pool's bound, and reading all characters of strings, or looping over axes of an empty tensor, is
    /// counted.
    fileprivate func check(_ workspace: Workspace) throws(KernelError) {
        guard count <= workspace.pool.bytesMax / 8 else { throw .tooLarge("a tensor of \(count) elements") }
        // A turn of an outer loop costs more than an element.
        if count == 0 { try workspace.charge(saturatingMultiply(shape.extent, 16)) }
        if elementType == .string {
            try workspace.charge(strings.reduce(count) { saturatingAdd($0, $1.utf8.count) })
        }
    }
}
