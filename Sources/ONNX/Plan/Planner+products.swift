import CKernels
import Kernels
import Tensors

extension Planner {
    /// `Gemm` and `MatMul` of rows by constant weights, with bias and activation.
    mutating func product(_ index: Int, _ node: PlanNode) throws(PlanRefusal) -> Bool {
        guard let x = node.inputs[0], let w = node.inputs[1], table.known[x] == nil,
            let tensor = table.known[w],
            tensor.elementType == .float32, tensor.shape.rank == 2, let isTransposed = isTransposed(node),
            table.dims(x).count >= 2
        else { return false }
        let inputs = tensor.shape.dims[isTransposed ? 1 : 0]
        let outputs = tensor.shape.dims[isTransposed ? 0 : 1]
        let rows = Shape(table.dims(x)).elementCount / max(inputs, 1)
        guard rows > 0, outputs > 0, table.dims(x).last == inputs, rows <= 1 << 16, inputs <= 1 << 24,
            outputs <= 1 << 24
        else { return false }
        var shape = ck_product_shape(
            rows: Int32(rows), inputs: Int32(inputs), outputs: Int32(outputs), x_row: inputs, y_row: outputs,
            residual_row: 0)
        var bias: PackedFloats?
        if node.op == "Gemm", node.inputs.count > 2, let value = node.inputs[2] {
            bias = rowConstant(value, outputs: outputs)
            guard bias != nil else { return false }
        }
        var tail = tail(of: index, result: node.outputs[0], takesResidual: false)
        if node.op == "MatMul" { (bias, tail) = biasBehind(index, outputs: outputs) ?? (nil, tail) }
        let key = PackingKey(value: w, form: .product(transposed: isTransposed))
        let packed = weights.floats(key, count: ck_product_weights_floats(&shape)) { [shape] in
            Self.pack(tensor, shape, isTransposed: isTransposed, into: $0)
        }
        guard let packed else { return false }
        let input = try planar(x)
        if table.dims(x).count == 2 { shape.x_row = input.image }
        var step = PlanStep(
            name: title(node), work: .product(shape, weights: packed, bias: bias), input: input)
        step.output = planarResult(tail.result)
        step.activation = tail.activation
        step.multiplyAdds = rows * inputs * outputs
        (step.items, step.scratchFloats) = (ck_product_items(&shape), ck_product_scratch_floats(&shape))
        append(step)
        for taken in tail.nodes { isDone[taken] = true }
        return true
    }

    /// Whether the weights are [outputs][inputs]; nil for factors other than 1 or a transposed left side.
    private func isTransposed(_ node: PlanNode) -> Bool? {
        if node.op == "MatMul" { return false }
        guard (try? node.attributes.flag("transA")) == false,
            (try? node.attributes.float("alpha", default: 1)) == 1,
            (try? node.attributes.float("beta", default: 1)) == 1,
            let transB = try? node.attributes.flag("transB")
        else { return nil }
        return transB
    }

    /// A known row of `outputs` floats.
    private func rowConstant(_ value: PlanValue, outputs: Int) -> PackedFloats? {
        guard let tensor = table.known[value], tensor.shape.dims.dropLast().allSatisfy({ $0 == 1 }),
            tensor.shape.dims.last.map({ $0 == outputs || $0 == 1 }) ?? true
        else { return nil }
        return channelConstant(value, channels: outputs)
    }

    /// The `Add` of a constant row that alone reads a `MatMul`, and the activation behind it.
    private func biasBehind(_ index: Int, outputs: Int) -> (PackedFloats?, Tail)? {
        let result = graph.nodes[index].outputs[0]
        guard uses[result] == 1, let reader = readers[result].first, !isDone[reader],
            graph.nodes[reader].op == "Add",
            let other = graph.nodes[reader].inputs.first(where: { $0 != result }) ?? nil,
            let bias = rowConstant(other, outputs: outputs),
            table.dims(graph.nodes[reader].outputs[0]) == table.dims(result)
        else { return nil }
        var tail = tail(of: reader, result: graph.nodes[reader].outputs[0], takesResidual: false)
        tail.nodes.append(reader)
        return (bias, tail)
    }

    /// Weights in the kernels' order, from [outputs][inputs] or its transpose.
    private static func pack(
        _ w: Tensor, _ shape: ck_product_shape, isTransposed: Bool, into packed: UnsafeMutablePointer<Float>
    ) {
        var shape = shape
        let source = w.elements(as: Float.self).pointer
        guard !isTransposed else {
            // SAFETY: the tensor is outputs * inputs floats, the packing as many as it was asked for.
            ck_product_pack(&shape, source, packed)
            return
        }
        let (inputs, outputs) = (Int(shape.inputs), Int(shape.outputs))
        var rows = [Float](repeating: 0, count: inputs * outputs)
        // SAFETY: source[k * outputs + output] runs over the tensor's inputs * outputs floats.
        for k in 0..<inputs {
            for output in 0..<outputs { rows[output * inputs + k] = source[k * outputs + output] }
        }
        ck_product_pack(&shape, rows, packed)
    }

    /// `MaxPool` and `AveragePool` over images.
    mutating func pool(_ index: Int, _ node: PlanNode) throws(PlanRefusal) -> Bool {
        guard let x = node.inputs[0], isImage(x), isImage(node.outputs[0]), node.outputs.count == 1,
            let kernel = try? node.attributes.integers("kernel_shape"),
            let window = PlanWindow(node, kernel: kernel, size: Array(table.dims(x)[2...])),
            let shape = shape(
                window, input: table.dims(x), output: table.dims(node.outputs[0]), groups: table.dims(x)[1]),
            (try? node.attributes.integer("storage_order", default: 0)) == 0,
            let counts = try? node.attributes.flag("count_include_pad")
        else { return false }
        let pooling =
            node.op == "MaxPool" ? CK_POOL_MAX : counts ? CK_POOL_AVERAGE_WITH_PADDING : CK_POOL_AVERAGE
        if pooling == CK_POOL_MAX, shape.halves, pooled(index, of: x) { return true }
        var step = PlanStep(
            name: title(node),
            work: .pool(shape, pooling, bottom: Int32(window.after[0]), right: Int32(window.after[1])),
            input: try blocked(x))
        step.output = blockedResult(node.outputs[0])
        var sized = shape
        step.items = ck_pool_items(&sized)
        step.grain = max(1, step.items / (costs.threads * 4))
        append(step)
        return true
    }

    /// Lets the Winograd step before it do node `index`, a maximum pooling that halves `x`, and the
    /// activation behind that; false where there is no such step.
    private mutating func pooled(_ index: Int, of x: PlanValue) -> Bool {
        guard var step = steps.last, step.result == x, uses[x] == 1, step.second == nil, !step.isPooled,
            case .convolution(_, .winograd, _, _) = step.work, let view = forms[x].blocked,
            step.output == view, buffers[view.buffer].home == .arena
        else { return false }
        // The maximum of what was clipped is the clipped maximum; other activations may fall.
        let isOpen = step.activation.function == CK_NONE
        guard isOpen || step.activation.function == CK_CLIP else { return false }
        var nodes = [index]
        var result = graph.nodes[index].outputs[0]
        if isOpen {
            let tail = tail(of: index, result: result, takesResidual: false)
            (step.activation, result) = (tail.activation, tail.result)
            nodes += tail.nodes
        }
        step.name = ([step.name] + nodes.map { title(graph.nodes[$0]) }).joined(separator: " + ")
        step.isPooled = true
        takeBack(x)
        step.output = blockedResult(result)
        append(step)
        for taken in nodes.dropFirst() { isDone[taken] = true }
        return true
    }

    /// The mean or maximum of each channel's pixels: an image of one pixel.
    mutating func globalPool(_ node: PlanNode, _ pooling: ck_pooling) throws(PlanRefusal) -> Bool {
        guard let x = node.inputs[0], isImage(x) else { return false }
        var step = PlanStep(
            name: title(node), work: .globalPool(extent(x), pooling), input: try blocked(x))
        let result = node.outputs[0]
        let (images, blocks) = (extent(x).images, extent(x).blocks)
        let view =
            destinations[result] ?? PlanView(buffer: newBuffer(images * blocks * 16), image: blocks * 16)
        if table.dims(result).count == 4 {
            forms[result].blocked = view
        } else if extent(x).channels % 16 == 0 {
            forms[result].planar = view
        } else {
            return false
        }
        step.output = view
        append(step)
        return true
    }

    /// `ReduceMean` over height and width.
    mutating func reduceMean(_ node: PlanNode) throws(PlanRefusal) -> Bool {
        var axes = (try? node.attributes.integers("axes")) ?? []
        if node.inputs.count > 1, let value = node.inputs[1] {
            guard let tensor = table.known[value], tensor.elementType == .int64, tensor.count <= 4 else {
                return false
            }
            axes = tensor.elements(as: Int64.self).array.map(Int.init)
        }
        guard Set(axes.map { $0 < 0 ? $0 + 4 : $0 }) == [2, 3] else { return false }
        return try globalPool(node, CK_POOL_AVERAGE)
    }

    /// `Softmax` over the last axis.
    mutating func softmax(_ node: PlanNode) throws(PlanRefusal) -> Bool {
        guard let x = node.inputs[0], table.known[x] == nil, let last = table.dims(x).last, last > 0,
            let axis = try? node.attributes.integer("axis", default: -1),
            axis == -1 || axis == table.dims(x).count - 1
        else { return false }
        // Before opset 13 the default axis was 1, the last one of the two axes that logits have.
        guard node.attributes.values["axis"] != nil || table.dims(x).count == 2 else { return false }
        let input = try planar(x)
        let rows = Shape(table.dims(x)).elementCount / last
        guard rows > 0 else { return false }
        var step = PlanStep(name: title(node), work: .softmax(rows: rows, columns: last), input: input)
        step.output = planarResult(node.outputs[0])
        append(step)
        return true
    }
}

extension ck_shape {
    /// Whether each output pixel is of a 2 x 2 of its own, the odd last row and column left out.
    fileprivate var halves: Bool {
        kernel_height == 2 && kernel_width == 2 && stride_height == 2 && stride_width == 2 && pad_top == 0
            && pad_left == 0 && dilation_height == 1 && dilation_width == 1 && out_height == in_height / 2
            && out_width == in_width / 2
    }
}
