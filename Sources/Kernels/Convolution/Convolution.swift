import Tensors

/// A convolution's checked inputs: `x [N, C, spatial...]`, `w [M, C / groups, kernel...]`, `b [M]`.
struct ConvolutionInputs {
    let x: Tensor
    let w: Tensor
    let b: Tensor?
    let groups: Int
    let window: Window
    let outputDims: [Int]

    /// Reads the inputs of `Conv` (opset 1 to 22) in their own type.
    init(_ call: Invocation, x: Tensor, w: Tensor, b: Tensor?) throws(KernelError) {
        (self.x, self.w, self.b) = (x, w, b)
        let rank = x.shape.rank - 2
        let attributes = try WindowAttributes(call.attributes, rank: rank)
        groups = try call.attributes.integer("group", default: 1)
        guard w.shape.rank == rank + 2, groups >= 1, x.shape[1] % groups == 0, w.shape[0] % groups == 0,
            w.shape[1] == x.shape[1] / groups, w.shape[1] > 0
        else { throw .invalid("weights \(w.shape) do not fit \(x.shape) in \(groups) groups") }
        guard b == nil || b?.shape.dims == [w.shape[0]] else {
            throw .invalid("bias does not fit \(w.shape)")
        }
        let kernel = Array(w.shape.dims[2...])
        if let stated = try call.attributes.integers("kernel_shape"), stated != kernel {
            throw .invalid("kernel_shape \(stated) does not fit weights \(w.shape)")
        }
        window = try attributes.window(input: Array(x.shape.dims[2...]), kernel: kernel)
        outputDims = [x.shape[0], w.shape[0]] + window.output.suffix(rank)
    }
}

extension Invocation {
    /// `Conv`, in float32 or float64; halves are computed in float32.
    func convolve() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        guard let wide = x.elementType.widenedReal else { throw .unsupported("type \(x.elementType)") }
        var bias: Tensor?
        if let b = optional(2) { bias = try cast(b, to: wide) }
        let inputs = try ConvolutionInputs(
            self, x: try cast(x, to: wide), w: try cast(try input(1), to: wide), b: bias)
        let result = try make(wide, inputs.outputDims)
        if wide == .float64 {
            try convolve(inputs, to: result, as: Double.self)
        } else {
            try convolve(inputs, to: result, as: Float.self)
        }
        return [try cast(result, to: x.elementType)]
    }

    private func convolve<Value: MatrixElement>(
        _ inputs: ConvolutionInputs, to result: Tensor, as type: Value.Type
    ) throws(KernelError) {
        let window = inputs.window
        guard result.count > 0 else { return }
        let columns = ColumnTile(window: window, channels: inputs.w.shape[1])
        let m = inputs.w.shape[0] / inputs.groups
        try charge(
            MatrixShape(m: m, n: window.outputCount, k: columns.rows),
            times: inputs.x.shape[0] * inputs.groups)
        let scratch = try make(Value.elementType, [columns.isIdentity ? 0 : columns.rows * columns.width])
        let (x, w) = (inputs.x.elements(as: Value.self), inputs.w.elements(as: Value.self))
        let (y, tile) = (result.mutableElements(as: Value.self), scratch.mutableElements(as: Value.self))
        guard columns.rows > 0 else { return y.fill(0) }
        for image in 0..<(inputs.x.shape[0] * inputs.groups) {
            let xStart = image * inputs.w.shape[1] * window.inputCount
            let wStart = image % inputs.groups * m * columns.rows
            let yStart = image * m * window.outputCount
            if columns.isDepthwise && m == 1 {
                convolveChannel(window, x, xStart, w, wStart, y, yStart)
                continue
            }
            for first in stride(from: 0, to: window.outputCount, by: columns.width) {
                let width = min(columns.width, window.outputCount - first)
                var shape = MatrixShape(m: m, n: width, k: columns.rows)
                shape.strideC = window.outputCount
                // SAFETY: rows and starts were derived from the tensors' own checked shapes.
                if columns.isIdentity {
                    shape.strideB = window.outputCount
                    Value.multiply(
                        shape, w.pointer + wStart, x.pointer + xStart + first, y.pointer + yStart + first)
                } else {
                    columns.fill(tile, from: x, at: xStart, columns: first..<(first + width))
                    Value.multiply(shape, w.pointer + wStart, tile.pointer, y.pointer + yStart + first)
                }
            }
        }
        if let bias = inputs.b { addBias(bias.elements(as: Value.self), to: y, plane: window.outputCount) }
    }
}

/// Adds `bias[channel]` to each plane of `y [N, M, plane]`.
func addBias<Value: MatrixElement>(_ bias: Elements<Value>, to y: MutableElements<Value>, plane: Int) {
    guard plane > 0, bias.count > 0 else { return }
    for row in 0..<(y.count / plane) {
        let value = bias[row % bias.count]
        for offset in (row * plane)..<((row + 1) * plane) { y[offset] += value }
    }
}

/// One channel with its own kernel (depthwise): a multiply-add of shifted rows for each kernel element.
private func convolveChannel<Value: MatrixElement>(
    _ window: Window, _ x: Elements<Value>, _ xStart: Int, _ w: Elements<Value>, _ wStart: Int,
    _ y: MutableElements<Value>, _ yStart: Int
) {
    let width = window.output[2]
    for offset in yStart..<(yStart + window.outputCount) { y[offset] = 0 }
    for tap in 0..<window.kernelCount {
        let weight = w[wStart + tap]
        let kernel = window.position(ofTap: tap)
        let range = window.outputRange(axis: 2, tap: kernel[2])
        guard !range.isEmpty else { continue }
        for row in 0..<(window.output[0] * window.output[1]) {
            guard let line = window.inputLine(row: row, kernel: kernel) else { continue }
            var from =
                xStart + line + range.lowerBound * window.stride[2] + window.shift(axis: 2, tap: kernel[2])
            let to = yStart + row * width
            for column in range {
                y[to + column] += weight * x[from]
                from += window.stride[2]
            }
        }
    }
}

extension Window {
    /// The kernel coordinates of tap number `tap`.
    func position(ofTap tap: Int) -> [Int] {
        [tap / (kernel[1] * kernel[2]), tap / kernel[2] % kernel[1], tap % kernel[2]]
    }

    /// Input coordinate minus stride times output coordinate, for a tap along `axis`.
    func shift(axis: Int, tap: Int) -> Int { tap * dilation[axis] - padBegin[axis] }

    /// The output coordinates along `axis` whose input under kernel coordinate `tap` is not padding.
    func outputRange(axis: Int, tap: Int) -> Range<Int> {
        let shift = shift(axis: axis, tap: tap)
        let low = shift >= 0 ? 0 : (-shift + stride[axis] - 1) / stride[axis]
        let last = input[axis] - 1 - shift
        let high = last < 0 ? 0 : min(output[axis], last / stride[axis] + 1)
        return min(low, high)..<high
    }

    /// Offset of the input line (depth, height) under output line `row` and `kernel`, nil in the padding.
    func inputLine(row: Int, kernel: [Int]) -> Int? {
        let depth = row / output[1] * stride[0] + shift(axis: 0, tap: kernel[0])
        let height = row % output[1] * stride[1] + shift(axis: 1, tap: kernel[1])
        guard depth >= 0, depth < input[0], height >= 0, height < input[1] else { return nil }
        return (depth * input[1] + height) * input[2]
    }
}
