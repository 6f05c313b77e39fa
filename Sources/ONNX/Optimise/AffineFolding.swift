import Kernels
import Tensors

/// Folds what is affine in each channel (`BatchNormalization`, `Mul` and `Add` with constants) into the
/// constant weights and bias of the `Conv` or `Gemm` before it, also through a pool in between:
///
///     BN(Conv(x)) = Conv'(x)        W'[m] = W[m] * s[m],  b'[m] = b[m] * s[m] + t[m]
///     BN(MaxPool(Conv(x))) = MaxPool(Conv'(x))   where every s[m] > 0
func foldAffine(in graph: inout Graph, pool: TensorPool) throws(ONNXError) {
    // A pass folds every second of a chain at least, so a chain of any length ends; 8 are plenty for real
    // models.
    for _ in 0..<8 {
        let view = GraphView(graph)
        var changed = false
        var touched: Set<Int> = []
        for number in graph.nodes.indices {
            guard let fold = view.affineFold(at: number), touched.isDisjoint(with: fold.nodes) else {
                continue
            }
            guard try graph.apply(fold, pool: pool) else { continue }
            touched.formUnion(fold.nodes)
            changed = true
        }
        if !changed { return }
        removeDeadNodes(in: &graph)
    }
}

/// One affine node and what it is folded into.
private struct AffineFold {
    /// The `Conv` or `Gemm`.
    let target: Int
    /// The pool in between, if any.
    let pool: Int?
    /// The affine node.
    let affine: Int
    let scale: [Double]
    let shift: [Double]

    var nodes: [Int] { [target, affine] + (pool.map { [$0] } ?? []) }
}

extension GraphView {
    /// The fold of node `number`, when it is affine and behind a convolution or product of constant weights.
    fileprivate func affineFold(at number: Int) -> AffineFold? {
        let node = graph.nodes[number]
        guard node.domain.isEmpty,
            ["BatchNormalization", "Mul", "Add", "Sub", "Div"].contains(node.operatorName),
            node.outputs.dropFirst().allSatisfy({ $0 == nil }),
            let source = node.inputs.first(where: { graph.constant($0) == nil }).flatMap(\.self),
            isReadOnce(source)
        else { return nil }
        let pool = producer(source, "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool")
        let inner = pool.flatMap { graph.nodes[$0].inputs.first.flatMap(\.self) } ?? source
        guard isReadOnce(inner), let target = producer(inner, "Conv", "Gemm"),
            pool == nil || graph.nodes[target].isOperator("Conv"),
            let rank = foldableRank(target), let (scale, shift) = affine(node, source, target, rank)
        else { return nil }
        if let pool, !commutes(graph.nodes[pool], scale) { return nil }
        return AffineFold(target: target, pool: pool, affine: number, scale: scale, shift: shift)
    }

    /// Whether pooling and then scaling is scaling and then pooling.
    private func commutes(_ pool: GraphNode, _ scale: [Double]) -> Bool {
        guard pool.outputs.dropFirst().allSatisfy({ $0 == nil }) else { return false }
        switch pool.operatorName {
        case "MaxPool", "GlobalMaxPool": return scale.allSatisfy { $0 > 0 }
        case "GlobalAveragePool": return true
        default: return (try? pool.attributes.flag("count_include_pad")) == false
        }
    }

    /// Rank of the output of `target` when its weights can be scaled.
    private func foldableRank(_ target: Int) -> Int? {
        let node = graph.nodes[target]
        guard node.inputs.count > 1, let weights = graph.constant(node.inputs[1]),
            weights.elementType == .float32
        else { return nil }
        if node.inputs.count > 2, let bias = node.inputs[2], graph.constant(bias)?.elementType != .float32 {
            return nil
        }
        if node.isOperator("Conv") { return weights.shape.rank }
        let isPlain =
            (try? node.attributes.float("alpha", default: 1)) == 1
            && (try? node.attributes.float("beta", default: 1)) == 1
        let biasFits = node.inputs.count < 3 || graph.constant(node.inputs[2])?.shape.rank == 1
        return isPlain && biasFits && weights.shape.rank == 2 ? 2 : nil
    }

    /// Scale and shift of each output channel of `target` under `node`.
    private func affine(_ node: GraphNode, _ source: ValueID, _ target: Int, _ rank: Int) -> (
        [Double], [Double]
    )? {
        let channels = graph.channels(of: graph.nodes[target])
        guard channels > 0 else { return nil }
        if node.isOperator("BatchNormalization") { return normalization(node, source, channels) }
        guard node.inputs.count == 2, node.opset >= 7,
            let other = node.inputs[0] == source ? node.inputs[1] : node.inputs[0],
            let values = perChannel(other, channels: channels, rank: rank)
        else { return nil }
        let (ones, zeros) = ([Double](repeating: 1, count: channels), [Double](repeating: 0, count: channels))
        switch node.operatorName {
        case "Mul": return (values, zeros)
        case "Add": return (ones, values)
        case "Sub": return node.inputs[0] == source ? (ones, values.map { -$0 }) : (ones.map { -$0 }, values)
        case "Div":
            guard node.inputs[0] == source, values.allSatisfy({ $0 != 0 }) else { return nil }
            return (values.map { 1 / $0 }, zeros)
        default: return nil
        }
    }

    private func normalization(_ node: GraphNode, _ source: ValueID, _ channels: Int) -> ([Double], [Double])?
    {
        guard node.inputs.count == 5, node.inputs[0] == source, node.opset >= 7,
            (try? node.attributes.flag("training_mode")) == false,
            (try? node.attributes.integer("spatial", default: 1)) == 1,
            let epsilon = try? node.attributes.float("epsilon", default: 1e-5)
        else { return nil }
        let parameters = node.inputs[1...].compactMap { graph.constant($0)?.doubles() }
        guard parameters.count == 4, parameters.allSatisfy({ $0.count == channels }) else { return nil }
        let scale = zip(parameters[0], parameters[3]).map { $0 / ($1 + Double(epsilon)).squareRoot() }
        guard scale.allSatisfy(\.isFinite) else { return nil }
        return (scale, (0..<channels).map { parameters[1][$0] - parameters[2][$0] * scale[$0] })
    }

    /// The values of a constant that broadcasts along every axis but the channels' (or along all).
    private func perChannel(_ value: ValueID, channels: Int, rank: Int) -> [Double]? {
        guard let tensor = graph.constant(value), tensor.elementType == .float32, tensor.shape.rank <= rank
        else {
            return nil
        }
        if tensor.count == 1 { return [Double](repeating: tensor.doubles()[0], count: channels) }
        // Counted from the right, the channel axis has the spatial axes behind it.
        let axis = tensor.shape.rank - (rank - 1)
        guard axis >= 0, tensor.shape.dims[axis] == channels, tensor.count == channels else { return nil }
        return tensor.doubles()
    }
}

extension Graph {
    /// Output channels of a `Conv` or `Gemm` of constant weights.
    fileprivate func channels(of node: GraphNode) -> Int {
        guard node.inputs.count > 1, let weights = constant(node.inputs[1]), weights.shape.rank >= 2 else {
            return 0
        }
        if node.isOperator("Conv") { return weights.shape[0] }
        return weights.shape[(try? node.attributes.flag("transB")) == true ? 0 : 1]
    }

    /// Scales the weights and bias of the target, and lets it make what the affine node made.
    fileprivate mutating func apply(_ fold: AffineFold, pool: TensorPool) throws(ONNXError) -> Bool {
        var node = nodes[fold.target]
        guard let weights = constant(node.inputs[1]) else { return false }
        let channels = fold.scale.count
        var bias = [Double](repeating: 0, count: channels)
        if node.inputs.count > 2, let given = constant(node.inputs[2]) {
            bias =
                given.count == 1 ? [Double](repeating: given.doubles()[0], count: channels) : given.doubles()
        }
        guard bias.count == channels else { return false }
        let isColumnMajor = node.isOperator("Gemm") && (try? node.attributes.flag("transB")) != true
        let row = isColumnMajor ? 1 : weights.count / channels
        var scaled = weights.floats()
        if fold.scale.contains(where: { $0 != 1 }) {
            let scale = fold.scale.map { Float($0) }
            for index in scaled.indices { scaled[index] *= scale[index / row % channels] }
        }
        let shifted = (0..<channels).map { Float(bias[$0] * fold.scale[$0] + fold.shift[$0]) }
        do {
            let (w, b) = (makeValue("\(node.title).weights"), makeValue("\(node.title).bias"))
            constants[w] = try Tensor(shape: weights.shape, floats: scaled, pool: pool)
            constants[b] = try Tensor(shape: [channels], floats: shifted, pool: pool)
            node.inputs = [node.inputs[0], w, b]
        } catch {
            throw .tooLarge(what: "the folded weights of \(node.title)", limit: pool.bytesMax)
        }
        let result = nodes[fold.affine].outputs[0]
        if let pool = fold.pool {
            nodes[pool].outputs[0] = result
        } else {
            node.outputs[0] = result
        }
        nodes[fold.target] = node
        // The affine node now makes a value that nobody reads.
        nodes[fold.affine].outputs[0] = makeValue()
        return true
    }
}
