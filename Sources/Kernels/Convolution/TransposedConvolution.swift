import Tensors

extension Invocation {
    /// `ConvTranspose` (opset 1 to 22): each input element adds its kernel, scaled, to the output.
    ///
    ///     output = (input - 1) * stride + output_padding + (kernel - 1) * dilation + 1 - pads
    func convolveTransposed() throws(KernelError) -> [Tensor] {
        let original = try input(0)
        guard let wide = original.elementType.widenedReal else {
            throw .unsupported("type \(original.elementType)")
        }
        let (x, w) = (try cast(original, to: wide), try cast(try input(1), to: wide))
        let rank = x.shape.rank - 2
        let groups = try attributes.integer("group", default: 1)
        guard rank >= 1, w.shape.rank == rank + 2, groups >= 1, w.shape[0] == x.shape[1],
            x.shape[1] % groups == 0,
            x.shape[1] > 0, w.shape[1] > 0
        else { throw .invalid("weights \(w.shape) do not fit \(x.shape) in \(groups) groups") }
        let window = try transposedWindow(x, w, rank)
        let channels = saturatingMultiply(w.shape[1], groups)
        let dims = [x.shape[0], channels] + window.input.suffix(rank)
        guard optional(2) == nil || optional(2)?.shape.dims == [channels] else { throw .invalid("bias") }
        let result = try make(wide, dims)
        if wide == .float64 {
            try convolveTransposed(x, w, window, groups, result, as: Double.self)
        } else {
            try convolveTransposed(x, w, window, groups, result, as: Float.self)
        }
        return [try cast(result, to: original.elementType)]
    }

    /// The window of the convolution that this one transposes: its input is our output.
    private func transposedWindow(_ x: Tensor, _ w: Tensor, _ rank: Int) throws(KernelError) -> Window {
        let attributes = try WindowAttributes(self.attributes, rank: rank)
        let kernel = Array(w.shape.dims[2...])
        let extra = try self.attributes.integers("output_padding") ?? [Int](repeating: 0, count: rank)
        let wanted = try self.attributes.integers("output_shape")
        guard extra.count == rank, extra.allSatisfy({ (0...(1 << 20)).contains($0) }),
            wanted.map({ $0.count >= rank }) ?? true,
            kernel.allSatisfy({ (1...(1 << 24)).contains($0) }), x.shape.dims.allSatisfy({ $0 <= 1 << 32 })
        else { throw .invalid("output_padding, output_shape or kernel") }
        var (sizes, begins, ends): ([Int], [Int], [Int]) = ([], [], [])
        for axis in 0..<rank {
            let (size, stride) = (x.shape[axis + 2], attributes.strides[axis])
            let full = saturatingAdd(
                saturatingMultiply(size - 1, stride),
                extra[axis] + (kernel[axis] - 1) * attributes.dilations[axis] + 1)
            var (begin, end) = (attributes.pads[axis], attributes.pads[axis + rank])
            var target = wanted.map { $0.suffix(rank)[$0.count - rank + axis] }
            if target == nil, attributes.autoPad == .sameUpper || attributes.autoPad == .sameLower {
                target = saturatingMultiply(size, stride)
            }
            if let target {
                guard (0...(1 << 40)).contains(target) else { throw .invalid("output_shape \(target)") }
                let total = full - target
                let half = total / 2
                begin = attributes.autoPad == .sameUpper ? half : total - half
                if attributes.autoPad == .explicit { begin = half }
                end = total - begin
            }
            sizes.append(full - begin - end)
            begins.append(begin)
            ends.append(end)
        }
        guard sizes.allSatisfy({ $0 >= 0 && $0 <= 1 << 40 }) else { throw .invalid("an output of \(sizes)") }
        return Window(
            input: attributes.lead(sizes, 1), kernel: attributes.lead(kernel, 1),
            stride: attributes.lead(attributes.strides, 1),
            dilation: attributes.lead(attributes.dilations, 1),
            padBegin: attributes.lead(begins, 0), padEnd: attributes.lead(ends, 0),
            output: attributes.lead(Array(x.shape.dims[2...]), 1))
    }

    private func convolveTransposed<Value: MatrixElement>(
        _ x: Tensor, _ w: Tensor, _ window: Window, _ groups: Int, _ result: Tensor, as type: Value.Type
    ) throws(KernelError) {
        let y = result.mutableElements(as: type)
        y.fill(0)
        let inner = x.shape[1] / groups
        let rows = saturatingMultiply(w.shape[1], window.kernelCount)
        guard result.count > 0, x.count > 0 else { return }
        let shape = MatrixShape(m: rows, n: window.outputCount, k: inner, transposesA: true)
        try charge(shape, times: x.shape[0] * groups)
        try workspace.charge(
            saturatingMultiply(saturatingMultiply(rows, window.outputCount), x.shape[0] * groups))
        let columns = try make(Value.elementType, [rows, window.outputCount])
        let (source, weights) = (x.elements(as: type), w.elements(as: type))
        let tile = columns.mutableElements(as: type)
        for image in 0..<(x.shape[0] * groups) {
            let group = image % groups
            // SAFETY: both starts are those of whole blocks inside tensors of the checked shapes.
            Value.multiply(
                shape, weights.pointer + group * inner * rows,
                source.pointer + image * inner * window.outputCount,
                tile.pointer)
            addColumns(columns.elements(as: type), window, to: y, at: image * w.shape[1] * window.inputCount)
        }
        if let bias = optional(2) {
            addBias(try cast(bias, to: Value.elementType).elements(as: type), to: y, plane: window.inputCount)
        }
    }
}

/// The inverse of im2col: adds every column element to the place that it stands for.
private func addColumns<Value: MatrixElement>(
    _ columns: Elements<Value>, _ window: Window, to y: MutableElements<Value>, at start: Int
) {
    let line = window.output[2]
    for row in 0..<(columns.count / max(window.outputCount, 1)) {
        let kernel = window.position(ofTap: row % window.kernelCount)
        let plane = start + row / window.kernelCount * window.inputCount
        let inside = window.outputRange(axis: 2, tap: kernel[2])
        let shift = window.shift(axis: 2, tap: kernel[2])
        for outputLine in 0..<(window.output[0] * window.output[1]) {
            guard let target = window.inputLine(row: outputLine, kernel: kernel) else { continue }
            let from = row * window.outputCount + outputLine * line
            for column in inside {
                y[plane + target + column * window.stride[2] + shift] += columns[from + column]
            }
        }
    }
}
