/// Least number of inputs that a node of each operator names, over all its versions (ONNX's operator
/// schemas, `min_input`; a place that is left out counts). Operators that are not listed take one at least.
private let inputsLeastByName: [String: Int] = {
    var table: [String: Int] = [:]
    let names: [(Int, String)] = [
        (0, "Constant Optional OptionalHasElement RandomNormal RandomUniform SequenceEmpty"),
        (
            2,
            """
            Add AffineGrid And BitShift BitwiseAnd BitwiseOr BitwiseXor CastLike CausalConvWithState \
            CenterCropPad Compress Conv ConvInteger ConvTranspose CumProd CumSum DequantizeLinear Div Equal \
            Expand Gather GatherElements GatherND Gemm Greater GreaterOrEqual GridSample \
            LayerNormalization Less LessOrEqual Loop MatMul MatMulInteger MaxRoiPool MaxUnpool Mod Mul \
            NegativeLogLikelihoodLoss NonMaxSuppression Or PRelu Pow QuantizeLinear RMSNormalization \
            ReverseSequence STFT SequenceAt SequenceInsert SoftmaxCrossEntropyLoss StringConcat Sub SwiGLU \
            TensorScatter Tile Xor
            """
        ),
        (
            3,
            """
            Attention Col2Im DeformConv GRU GroupNormalization InstanceNormalization LSTM LinearAttention \
            OneHot RNN Range RoiAlign RotaryEmbedding Scatter ScatterElements ScatterND Where
            """
        ),
        (5, "BatchNormalization MelWeightMatrix"), (8, "QLinearConv QLinearMatMul"),
    ]
    for (count, list) in names {
        for name in list.split(separator: " ") { table[String(name)] = count }
    }
    return table
}()

extension GraphNode {
    /// Least number of inputs that a node of this operator names. Later stages may read that many without
    /// looking at the count.
    var inputsLeast: Int {
        switch domain {
        case "": inputsLeastByName[operatorName] ?? 1
        case "ai.onnx.ml": operatorName == "ArrayFeatureExtractor" ? 2 : 1
        default: 1
        }
    }
}
