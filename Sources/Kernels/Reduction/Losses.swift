import Tensors

/// How the losses of single places become one: not at all, their sum, or their weighted mean.
private enum LossReduction: String {
    case none, sum, mean
}

extension Invocation {
    /// `NegativeLogLikelihoodLoss` (opset 12 to 22) of logarithms of probabilities `[N, C, ...]`, the right
    /// class of each place in input 1.
    func likelihoodLoss() throws(KernelError) -> [Tensor] { [try likelihoodLoss(of: try input(0))] }

    /// `SoftmaxCrossEntropyLoss` (opset 12 to 13): the same of scores, and the logarithms of their softmax
    /// over the classes.
    func crossEntropy() throws(KernelError) -> [Tensor] {
        let call = Invocation(
            inputs: [try input(0)], attributes: Attributes(["axis": .integer(1)]), opset: 13, outputCount: 1,
            workspace: workspace)
        let logarithms = try call.softmax(.logarithm)[0]
        return [try likelihoodLoss(of: logarithms), logarithms]
    }

    private func likelihoodLoss(of x: Tensor) throws(KernelError) -> Tensor {
        let labels = try input(1)
        guard x.shape.rank >= 2, x.elementType.isFloatingPoint, !labels.elementType.isFloatingPoint,
            labels.elementType != .string, labels.shape.dims == [x.shape[0]] + x.shape.dims[2...],
            let reduction = LossReduction(rawValue: try attributes.text("reduction", default: "mean"))
        else { throw .invalid("labels \(labels.shape) for \(x.shape)") }
        let classes = x.shape[1]
        // Without weights no list of them is made: there may be as many classes as an empty tensor can have.
        let weights = optional(2)?.doubles()
        guard weights.map({ $0.count == classes }) ?? true else {
            throw .invalid("\(weights?.count ?? 0) weights of \(classes) classes")
        }
        let ignored = try attributes.integer("ignore_index")
        let inner = saturatingProduct(x.shape.dims[2...])
        try workspace.charge(saturatingMultiply(labels.count, 4))
        try workspace.reserve(labels.count)
        let values = x.doubles()
        var losses = [Double](repeating: 0, count: labels.count)
        var total = 0.0
        for (place, label) in labels.converted(to: Int64.self).enumerated() where Int(label) != ignored {
            guard label >= 0, label < Int64(classes) else { throw .invalid("class \(label) of \(classes)") }
            let weight = weights?[Int(label)] ?? 1
            losses[place] =
                -values[(place / inner * classes + Int(label)) * inner + place % inner] * weight
            total += weight
        }
        let sum = losses.reduce(0, +)
        return switch reduction {
        case .none: try cast(try make(labels.shape.dims, losses), to: x.elementType)
        case .sum: try cast(try make([], [sum]), to: x.elementType)
        case .mean: try cast(try make([], [sum / total]), to: x.elementType)
        }
    }
}

/// ONNX's measures of how wrong a prediction is: what a model exported with its loss ends in.
let lossOperators: [String: OperatorFunction] = [
    "NegativeLogLikelihoodLoss": { call throws(KernelError) in try call.likelihoodLoss() },
    "SoftmaxCrossEntropyLoss": { call throws(KernelError) in try call.crossEntropy() },
]
