import Tensors

/// The checked inputs of `DeformConv`, pictures of two spatial axes.
private struct DeformableInputs {
    let plain: ConvolutionInputs
    /// `[N, offset groups * taps * 2, oH, oW]`: how far each tap is moved, down and to the right.
    let offsets: Tensor
    /// `[N, offset groups * taps, oH, oW]`: a factor for each tap.
    let mask: Tensor?
    let offsetGroups: Int

    init(_ call: Invocation, in type: ElementType) throws(KernelError) {
        let bias = try call.optional(3).map { (bias) throws(KernelError) in try call.cast(bias, to: type) }
        let (x, w) = (try call.cast(try call.input(0), to: type), try call.cast(try call.input(1), to: type))
        guard x.shape.rank == 4 else { throw .unsupported("DeformConv of \(x.shape.rank - 2) spatial axes") }
        plain = try ConvolutionInputs(call, x: x, w: w, b: bias)
        offsets = try call.input(2)
        mask = call.optional(4)
        offsetGroups = try call.attributes.integer("offset_group", default: 1)
        let taps = plain.window.kernelCount
        let places = Array(plain.outputDims[2...])
        guard offsetGroups > 0, offsetGroups <= max(x.shape[1], 1), x.shape[1] % offsetGroups == 0,
            offsets.elementType.isFloatingPoint, mask?.elementType.isFloatingPoint ?? true,
            offsets.shape.dims
                == [x.shape[0], saturatingMultiply(saturatingMultiply(offsetGroups, taps), 2)] + places,
            mask.map({ $0.shape.dims == [x.shape[0], saturatingMultiply(offsetGroups, taps)] + places })
                ?? true
        else { throw .invalid("offsets \(offsets.shape) do not fit \(x.shape) and \(w.shape)") }
    }
}

extension Invocation {
    /// `DeformConv` (opset 19 to 22) of pictures: a convolution whose taps are moved by given offsets,
    /// sampled bilinearly (zero outside), and weighted by a mask.
    func convolveDeformed() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        guard x.elementType.isFloatingPoint else { throw .unsupported("type \(x.elementType)") }
        let inputs = try DeformableInputs(self, in: .float64)
        let plain = inputs.plain
        let (taps, places) = (plain.window.kernelCount, plain.window.outputCount)
        let (channels, inner) = (plain.x.shape[1], plain.w.shape[1])
        let outer = plain.w.shape[0] / plain.groups
        let rows = saturatingMultiply(channels, taps)
        try workspace.charge(saturatingMultiply(saturatingProduct([plain.x.shape[0], rows, places]), 16))
        let shape = MatrixShape(m: outer, n: places, k: saturatingMultiply(inner, taps))
        let result = try make(.float64, plain.outputDims)
        guard result.count > 0 else { return [try cast(result, to: x.elementType)] }
        try charge(shape, times: saturatingMultiply(plain.x.shape[0], plain.groups))
        let columns = try make(.float64, [rows, places])
        let y = result.mutableElements(as: Double.self)
        let sampler = DeformedSampler(inputs)
        for image in 0..<plain.x.shape[0] {
            sampler.fill(columns.mutableElements(as: Double.self), image: image)
            for group in 0..<plain.groups {
                let product = try matMul(
                    try slice(plain.w, from: group * outer, count: outer).shaped([outer, shape.k]),
                    try slice(columns, from: group * shape.k, count: shape.k))
                y.copy(
                    product.elements(as: Double.self), from: 0, count: product.count,
                    to: (image * plain.groups + group) * product.count)
            }
        }
        if let bias = plain.b { addBias(bias.elements(as: Double.self), to: y, plane: places) }
        return [try cast(result, to: x.elementType)]
    }

    /// Slices `from..<from + count` of axis 0.
    private func slice(_ tensor: Tensor, from first: Int, count: Int) throws(KernelError) -> Tensor {
        let step = saturatingProduct(tensor.shape.dims[1...])
        return try copy(
            StridedView(
                dims: [count] + tensor.shape.dims[1...], strides: tensor.shape.strides, start: first * step),
            of: tensor)
    }
}

/// Reads the moved taps of one picture after the other.
private struct DeformedSampler {
    private let window: Window
    private let channels: Int
    private let groups: Int
    private let x: Elements<Double>
    private let offsets: [Double]
    private let mask: [Double]?

    init(_ inputs: DeformableInputs) {
        window = inputs.plain.window
        channels = inputs.plain.x.shape[1]
        groups = inputs.offsetGroups
        x = inputs.plain.x.elements(as: Double.self)
        offsets = inputs.offsets.doubles()
        mask = inputs.mask?.doubles()
    }

    /// Writes the matrix of moved taps, `[channels * taps, places]`, of picture `image`.
    func fill(_ columns: MutableElements<Double>, image: Int) {
        let (taps, places) = (window.kernelCount, window.outputCount)
        for channel in 0..<channels {
            let group = image * groups + channel / (channels / groups)
            for tap in 0..<taps {
                let kernel = window.position(ofTap: tap)
                let shifts = (group * taps + tap) * 2 * places
                for place in 0..<places {
                    let row =
                        place / window.output[2] * window.stride[1] + window.shift(axis: 1, tap: kernel[1])
                    let column =
                        place % window.output[2] * window.stride[2] + window.shift(axis: 2, tap: kernel[2])
                    let value = sample(
                        image * channels + channel, Double(row) + offsets[shifts + place],
                        Double(column) + offsets[shifts + places + place])
                    let factor = mask?[(group * taps + tap) * places + place] ?? 1
                    columns[(channel * taps + tap) * places + place] = value * factor
                }
            }
        }
    }

    /// The value of plane `plane` between places, 0 outside.
    private func sample(_ plane: Int, _ y: Double, _ x: Double) -> Double {
        let (height, width) = (window.input[1], window.input[2])
        guard y > -1, y < Double(height), x > -1, x < Double(width) else { return 0 }
        let (top, left) = (Int(y.rounded(.down)), Int(x.rounded(.down)))
        let (down, right) = (y - Double(top), x - Double(left))
        func value(_ row: Int, _ column: Int) -> Double {
            guard row >= 0, row < height, column >= 0, column < width else { return 0 }
            return self.x[(plane * height + row) * width + column]
        }
        return (1 - down) * ((1 - right) * value(top, left) + right * value(top, left + 1))
            + down * ((1 - right) * value(top + 1, left) + right * value(top + 1, left + 1))
    }
}
