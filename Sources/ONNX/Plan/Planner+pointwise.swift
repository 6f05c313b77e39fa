import CKernels
import Kernels
import Tensors

extension Planner {
    /// The kernels' form of an activation node; nil when it is none.
    func function(of node: PlanNode) -> ck_activation? {
        func alpha(_ fallback: Float) -> Float? { try? node.attributes.float("alpha", default: fallback) }
        func make(_ function: ck_function, _ a: Float = 0, _ b: Float = 0) -> ck_activation {
            ck_activation(function: function, a: a, b: b)
        }
        switch node.op {
        case "Relu": return make(CK_CLIP, 0, .infinity)
        case "Clip": return clip(node)
        case "LeakyRelu": return alpha(0.01).map { make(CK_LEAKY, $0) }
        case "Elu": return alpha(1).map { make(CK_ELU, $0) }
        case "Sigmoid": return make(CK_SIGMOID)
        case "Tanh": return make(CK_TANH)
        case "HardSwish": return make(CK_HARDSWISH)
        case "HardSigmoid":
            guard let a = alpha(0.2), let b = try? node.attributes.float("beta", default: 0.5) else {
                return nil
            }
            return make(CK_HARDSIGMOID, a, b)
        case "Swish": return alpha(1) == 1 ? make(CK_SILU) : nil
        case "Gelu":
            guard let form = try? node.attributes.text("approximate", default: "none") else { return nil }
            return form == "none" ? make(CK_GELU) : form == "tanh" ? make(CK_GELU_TANH) : nil
        default: return nil
        }
    }

    /// `Clip` of constant bounds, as attributes (opset 6) or inputs (11).
    private func clip(_ node: PlanNode) -> ck_activation? {
        guard var low = try? node.attributes.float("min", default: -.infinity),
            var high = try? node.attributes.float("max", default: .infinity)
        else { return nil }
        for (position, isLow) in [(1, true), (2, false)] where position < node.inputs.count {
            guard let value = node.inputs[position] else { continue }
            guard let bound = table.known[value], bound.count == 1, bound.elementType == .float32 else {
                return nil
            }
            if isLow { low = bound.floats()[0] } else { high = bound.floats()[0] }
        }
        return ck_activation(function: CK_CLIP, a: low, b: high)
    }

    /// A stand-alone activation, over blocks or over planar rows, whichever the operand has.
    mutating func activation(_ index: Int, _ node: PlanNode) throws(PlanRefusal) -> Bool {
        guard let function = function(of: node), let x = node.inputs[0] else { return false }
        if isImage(x), forms[x].blocked != nil {
            return try scaled(
                node, x, scale: nil, shift: nil, tail: Tail(result: node.outputs[0], activation: function))
        }
        let input = try planar(x)
        let (rows, columns) = rowsAndColumns(x)
        var step = PlanStep(name: title(node), work: .activate(rows: rows, columns: columns), input: input)
        step.output = planarResult(node.outputs[0])
        step.activation = function
        append(step)
        return true
    }

    /// Images and elements of one image.
    func rowsAndColumns(_ value: PlanValue) -> (Int, Int) {
        let dims = table.dims(value)
        let count = Shape(dims).elementCount
        let rows = max(dims.first ?? 1, 1)
        return (rows, count / rows)
    }

    /// `BatchNormalization` that no convolution could take in, with its activation.
    mutating func batchNormalization(_ index: Int, _ node: PlanNode) throws(PlanRefusal) -> Bool {
        guard let x = node.inputs[0], isImage(x), node.outputs.count == 1, node.inputs.count == 5,
            let epsilon = try? node.attributes.float("epsilon", default: 1e-5),
            (try? node.attributes.integer("training_mode", default: 0)) == 0
        else { return false }
        let channels = extent(x).channels
        let parts = node.inputs.dropFirst().compactMap { $0.flatMap { table.known[$0] } }.map { $0.doubles() }
        guard parts.count == 4, parts.allSatisfy({ $0.count == channels })
        else {
            return false
        }
        let factors = (0..<channels).map { parts[0][$0] / (parts[3][$0] + Double(epsilon)).squareRoot() }
        let offsets = (0..<channels).map { parts[1][$0] - parts[2][$0] * factors[$0] }
        let scale = constants(factors, key: PackingKey(value: node.outputs[0], form: .scale))
        let shift = constants(offsets, key: PackingKey(value: node.outputs[0], form: .shift))
        guard let scale, let shift else { return false }
        let tail = tail(of: index, result: node.outputs[0], takesResidual: false)
        return try scaled(node, x, scale: scale, shift: shift, tail: tail)
    }

    private func constants(_ values: [Double], key: PackingKey) -> PackedFloats? {
        weights.floats(key, count: (values.count + 15) / 16 * 16) { packed in
            for (index, value) in values.enumerated() { packed[index] = Float(value) }
        }
    }

    /// x * scale + shift, then the tail's activation.
    private mutating func scaled(
        _ node: PlanNode, _ x: PlanValue, scale: PackedFloats?, shift: PackedFloats?, tail: Tail
    ) throws(PlanRefusal) -> Bool {
        let extent = extent(x)
        let input = try blocked(x)
        var step = PlanStep(
            name: title(node), work: .scaleShift(extent, scale: scale, shift: shift), input: input)
        step.output = blockedResult(tail.result)
        step.activation = tail.activation
        step.items = extent.images * extent.blocks
        step.grain = max(1, step.items / (costs.threads * 4))
        append(step)
        for taken in tail.nodes { isDone[taken] = true }
        return true
    }

    /// `Add` of two images of one shape, or of a constant per channel.
    mutating func addition(_ index: Int, _ node: PlanNode) throws(PlanRefusal) -> Bool {
        guard node.inputs.count == 2, let a = node.inputs[0], let b = node.inputs[1] else { return false }
        if let (x, constant) = perChannel(a, b) {
            let tail = tail(of: index, result: node.outputs[0], takesResidual: false)
            return try scaled(node, x, scale: nil, shift: constant, tail: tail)
        }
        guard isImage(a), isImage(b), table.dims(a) == table.dims(b), table.known[a] == nil,
            table.known[b] == nil,
            forms[a].blocked != nil || forms[b].blocked != nil
        else { return false }
        let tail = tail(of: index, result: node.outputs[0], takesResidual: false)
        return try pairwise(node, a, b, tail: tail, .add(extent(a)))
    }

    /// `Mul` of two images, of an image by one factor per channel and image, or by a constant per channel.
    mutating func multiplication(_ node: PlanNode) throws(PlanRefusal) -> Bool {
        guard node.inputs.count == 2, let a = node.inputs[0], let b = node.inputs[1] else { return false }
        let tail = Tail(result: node.outputs[0])
        if let (x, constant) = perChannel(a, b) {
            return try scaled(node, x, scale: constant, shift: nil, tail: tail)
        }
        guard isImage(a), isImage(b), table.known[a] == nil, table.known[b] == nil,
            forms[a].blocked != nil || forms[b].blocked != nil
        else { return false }
        if table.dims(a) == table.dims(b) {
            return try pairwise(node, a, b, tail: tail, .multiply(extent(a)))
        }
        let (x, factors) = extent(a).pixels == 1 ? (b, a) : (a, b)
        guard table.dims(factors)[2...].allSatisfy({ $0 == 1 }),
            table.dims(factors)[..<2] == table.dims(x)[..<2]
        else {
            return false
        }
        return try pairwise(node, x, factors, tail: tail, .scaleChannels(extent(x)))
    }

    /// The image among `a` and `b` and the other, when that is a constant of one number per channel or one in
    /// all.
    private func perChannel(_ a: PlanValue, _ b: PlanValue) -> (PlanValue, PackedFloats)? {
        let (x, constant) = table.known[a] == nil ? (a, b) : (b, a)
        guard isImage(x), forms[x].blocked != nil, let tensor = table.known[constant] else { return nil }
        let (dims, channels) = (tensor.shape.dims, extent(x).channels)
        let isPerChannel = dims.suffix(3) == [channels, 1, 1] && dims.dropLast(3).allSatisfy { $0 == 1 }
        guard isPerChannel || (tensor.count == 1 && dims.count <= 4) else { return nil }
        return channelConstant(constant, channels: channels).map { (x, $0) }
    }

    private mutating func pairwise(
        _ node: PlanNode, _ a: PlanValue, _ b: PlanValue, tail: Tail, _ work: PlanWork
    ) throws(PlanRefusal) -> Bool {
        let extent = extent(a)
        var step = PlanStep(name: title(node), work: work, input: try blocked(a), second: try blocked(b))
        step.output = blockedResult(tail.result)
        step.activation = tail.activation
        step.items = extent.images * extent.blocks
        step.grain = max(1, step.items / (costs.threads * 4))
        append(step)
        for taken in tail.nodes { isDone[taken] = true }
        return true
    }
}
