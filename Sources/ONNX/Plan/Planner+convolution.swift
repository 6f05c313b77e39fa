import CKernels
import Tensors

extension Planner {
    /// What follows a step and can be done by it: a residual to add, an activation, and the value that
    /// results.
    struct Tail {
        var result: PlanValue
        var residual: PlanValue?
        var activation = ck_activation(function: CK_NONE, a: 0, b: 0)
        var nodes: [Int] = []
    }

    /// `Conv` of constant weights over images, with the `Add` and the activation behind it.
    mutating func convolution(_ index: Int, _ node: PlanNode) throws(PlanRefusal) -> Bool {
        guard let x = node.inputs[0], isImage(x), isImage(node.outputs[0]),
            let filter = node.inputs[1], let w = table.known[filter], w.elementType == .float32,
            let shape = convolutionShape(node, x, w)
        else { return false }
        guard let parts = parts(of: shape),
            node.inputs.count < 3
                || node.inputs[2].map({ table.dims($0) == [Int(shape.out_channels)] }) ?? true
        else { return false }
        let tail = tail(of: index, result: node.outputs[0])
        let isFirst = shape.groups == 1 && shape.in_channels <= 4 && forms[x].blocked == nil
        var steps: [PlanStep] = []
        for part in parts {
            let algorithm = part.shape.groups > 1 ? .depthwise : isFirst ? .first : algorithm(part.shape)
            let bias = node.inputs.count > 2 ? node.inputs[2].map { channelConstant($0, of: part) } : nil
            guard let packed = pack(filter, w, part, algorithm), bias.map({ $0 != nil }) ?? true else {
                return false
            }
            var step = PlanStep(
                name: ([index] + tail.nodes).map { title(graph.nodes[$0]) }.joined(separator: " + "),
                work: .convolution(part.shape, algorithm, weights: packed, bias: bias ?? nil))
            step.activation = tail.activation
            step.multiplyAdds = multiplyAdds(part.shape) / part.groups
            size(&step, part.shape, algorithm)
            steps.append(step)
        }
        let residual = try tail.residual.map { value throws(PlanRefusal) in try blocked(value) }
        let input = isFirst ? try planar(x) : try blocked(x)
        let output = blockedResult(tail.result)
        let (inPixels, outPixels) = (extent(x).pixels, extent(tail.result).pixels)
        for (index, part) in parts.enumerated() {
            steps[index].input = input.channels(from: part.firstInput, pixels: inPixels)
            steps[index].second = residual?.channels(from: part.firstOutput, pixels: outPixels)
            steps[index].output = output.channels(from: part.firstOutput, pixels: outPixels)
        }
        if shape.groups > 1, steps.count == 1 {
            append(steps[0], joining: x)
        } else {
            append(steps)
        }
        for taken in tail.nodes { isDone[taken] = true }
        return true
    }

    /// The dense convolutions of constant weights, of whose forms there may be a choice.
    var denseConvolutions: [ck_shape] {
        graph.nodes.flatMap { node -> [ck_shape] in
            guard node.op == "Conv", let x = node.inputs[0], isImage(x), isImage(node.outputs[0]),
                let w = node.inputs[1].flatMap({ table.known[$0] }), let shape = convolutionShape(node, x, w)
            else { return [] }
            return parts(of: shape)?.map(\.shape).filter { $0.groups == 1 } ?? []
        }
    }

    /// The parts of a convolution; nil where they are too many, or too large to be packed.
    private func parts(of shape: ck_shape) -> [ConvolutionPart]? {
        let parts = ConvolutionPart.parts(of: shape)
        let isPlannable = parts.count <= ConvolutionPart.partsMax && parts.allSatisfy(\.shape.isPackable)
        return isPlannable ? parts : nil
    }

    /// Items and scratch of a convolution step.
    private func size(_ step: inout PlanStep, _ shape: ck_shape, _ algorithm: ConvolutionAlgorithm) {
        var shape = shape
        switch algorithm {
        case .direct:
            (step.items, step.scratchFloats) = (ck_direct_items(&shape), ck_direct_scratch_floats(&shape))
        case .first:
            (step.items, step.scratchFloats) = (ck_first_items(&shape), ck_first_scratch_floats(&shape))
        case .winograd(let side, let block):
            step.items = ck_winograd_items(&shape, side, block, 1)
            step.sharing = costs.sharing(shape, side: side, block: block)
            step.scratchFloats = ck_winograd_scratch_floats(&shape, side, block)
        case .depthwise:
            step.items = ck_depthwise_items(&shape)
            step.grain = max(1, step.items / (costs.threads * 8))
        }
    }

    private func multiplyAdds(_ s: ck_shape) -> Int {
        let outputs = [s.batch, s.out_channels, s.out_height, s.out_width].reduce(1) { $0 * Int($1) }
        return outputs * Int(s.in_channels / s.groups) * Int(s.kernel_height * s.kernel_width)
    }

    private func convolutionShape(_ node: PlanNode, _ x: PlanValue, _ w: Tensor) -> ck_shape? {
        let (input, output, filter) = (table.dims(x), table.dims(node.outputs[0]), w.shape.dims)
        guard filter.count == 4, let groups = try? node.attributes.integer("group", default: 1), groups > 0,
            groups * filter[1] == input[1], filter[0] % groups == 0,
            let window = PlanWindow(node, kernel: Array(filter[2...]), size: Array(input[2...]))
        else { return nil }
        return shape(window, input: input, output: output, groups: groups)
    }

    /// The kernels' shape; nil when a size passes what 32 bits of floats can address.
    func shape(_ window: PlanWindow, input: [Int], output: [Int], groups: Int) -> ck_shape? {
        let largest = max(Shape(input).elementCount, Shape(output).elementCount)
        let pixels = max(input[2] * input[3], output[2] * output[3])
        guard largest <= 1 << 28, pixels <= 1 << 24, input.allSatisfy({ $0 <= 1 << 24 }),
            output.allSatisfy({ $0 <= 1 << 24 })
        else {
            return nil
        }
        return ck_shape(
            batch: Int32(input[0]), in_channels: Int32(input[1]), out_channels: Int32(output[1]),
            groups: Int32(groups),
            in_height: Int32(input[2]), in_width: Int32(input[3]), out_height: Int32(output[2]),
            out_width: Int32(output[3]), kernel_height: Int32(window.kernel[0]),
            kernel_width: Int32(window.kernel[1]),
            stride_height: Int32(window.strides[0]), stride_width: Int32(window.strides[1]),
            dilation_height: Int32(window.dilations[0]), dilation_width: Int32(window.dilations[1]),
            pad_top: Int32(window.before[0]), pad_left: Int32(window.before[1]))
    }

    /// The weights of a part in the order of `algorithm`.
    private func pack(
        _ value: PlanValue, _ w: Tensor, _ part: ConvolutionPart, _ algorithm: ConvolutionAlgorithm
    ) -> PackedFloats? {
        var shape = part.shape
        let (form, count): (PackingKey.Form, Int) =
            switch algorithm {
            case .direct, .first: (.direct, ck_direct_weights_floats(&shape))
            case .winograd(2, _): (.winograd2, ck_winograd_weights_floats(&shape, 2))
            case .winograd(42, _): (.winograd42, ck_winograd_weights_floats(&shape, 42))
            case .winograd: (.winograd4, ck_winograd_weights_floats(&shape, 4))
            case .depthwise: (.depthwise, ck_depthwise_weights_floats(&shape))
            }
        return weights.floats(PackingKey(value: value, form: form, part: part.index), count: count) {
            packed in
            part.withFilter(w) { filter in
                var shape = part.shape
                // SAFETY: the filter holds out_channels * in_channels / groups * kernel floats (checked
                // against w's own sizes), the packing as many as asked; Winograd is chosen for 3 x 3 only.
                switch form {
                case .winograd2: ck_winograd_pack(&shape, 2, filter, packed)
                case .winograd42: ck_winograd_pack(&shape, 42, filter, packed)
                case .winograd4: ck_winograd_pack(&shape, 4, filter, packed)
                case .depthwise: ck_depthwise_pack(&shape, filter, packed)
                case .direct, .product, .channels, .scale, .shift: ck_direct_pack(&shape, filter, packed)
                }
            }
        }
    }

    /// A part's share of a known float tensor with an element for each output channel.
    private func channelConstant(_ value: PlanValue, of part: ConvolutionPart) -> PackedFloats? {
        guard let tensor = table.known[value], tensor.elementType == .float32 else { return nil }
        let channels = Int(part.shape.out_channels)
        let count = (channels + 15) / 16 * 16
        guard part.firstOutput + channels <= tensor.count else { return nil }
        return weights.floats(
            PackingKey(value: value, form: .channels(count: count), part: part.index), count: count
        ) { packed in
            let elements = tensor.elements(as: Float.self)
            for channel in 0..<channels { packed[channel] = elements[part.firstOutput + channel] }
        }
    }

    /// A known float tensor of `channels` elements (or one, repeated), padded to blocks.
    func channelConstant(_ value: PlanValue, channels: Int) -> PackedFloats? {
        guard let tensor = table.known[value], tensor.elementType == .float32,
            tensor.count == channels || tensor.count == 1
        else { return nil }
        let count = (channels + 15) / 16 * 16
        return weights.floats(PackingKey(value: value, form: .channels(count: count)), count: count) {
            packed in
            let elements = tensor.elements(as: Float.self)
            for channel in 0..<channels { packed[channel] = elements[tensor.count == 1 ? 0 : channel] }
        }
    }

    /// The `Add` of another image and the activation that alone read `result`, in that order.
    func tail(of index: Int, result: PlanValue, takesResidual: Bool = true) -> Tail {
        var tail = Tail(result: result)
        if takesResidual, let (next, node) = onlyReader(of: result), node.op == "Add",
            let other = node.inputs.first(where: { $0 != result }) ?? nil,
            table.known[other] == nil, isImage(other), table.dims(other) == table.dims(result), isMade(other)
        {
            tail.residual = other
            tail.result = node.outputs[0]
            tail.nodes.append(next)
        }
        if let (next, node) = onlyReader(of: tail.result), let function = function(of: node) {
            tail.activation = function
            tail.result = node.outputs[0]
            tail.nodes.append(next)
        }
        return tail
    }

    /// The one node that reads `value`, when nothing else does.
    private func onlyReader(of value: PlanValue) -> (Int, PlanNode)? {
        guard uses[value] == 1, let reader = readers[value].first, !isDone[reader] else { return nil }
        return (reader, graph.nodes[reader])
    }

    private func isMade(_ value: PlanValue) -> Bool {
        forms[value].blocked != nil || forms[value].planar != nil
    }
}
