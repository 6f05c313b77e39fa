import Glibc
import Tensors

extension Invocation {
    /// Input 0 as doubles, a floating tensor of at least `rank` axes.
    private func realInput(rank: Int) throws(KernelError) -> (Tensor, [Double]) {
        let x = try input(0)
        guard x.elementType.isFloatingPoint, x.shape.rank >= rank else {
            throw .unsupported("\(x.elementType) \(x.shape)")
        }
        try workspace.charge(saturatingMultiply(x.count, 4))
        return (x, x.doubles())
    }

    /// A result of the type of `x`.
    private func result(_ values: [Double], like x: Tensor) throws(KernelError) -> Tensor {
        try cast(try make(x.shape.dims, values), to: x.elementType)
    }

    /// `LayerNormalization` (opset 17), over all axes from `axis` on; also returns mean and inverse
    /// deviation.
    func layerNormalize() throws(KernelError) -> [Tensor] {
        let (x, values) = try realInput(rank: 1)
        let axis = try normalize(axis: try attributes.integer("axis", default: -1), rank: x.shape.rank)
        let epsilon = Double(try attributes.float("epsilon", default: 1e-5))
        let rows = NormalizedRows(values, length: saturatingProduct(x.shape.dims[axis...]), epsilon: epsilon)
        var y = try cast(try make(x.shape.dims, rows.values), to: x.elementType)
        y = try scaleAndShift(y, optional(1), optional(2))
        let dims = Array(x.shape.dims[..<axis]) + [Int](repeating: 1, count: x.shape.rank - axis)
        let stash: ElementType = x.elementType == .float64 ? .float64 : .float32
        return [
            y, try cast(try make(dims, rows.means), to: stash),
            try cast(try make(dims, rows.inverses), to: stash),
        ]
    }

    /// `RMSNormalization` (opset 23): by the root of the mean square over all axes from `axis` on.
    func rootMeanSquareNormalize() throws(KernelError) -> [Tensor] {
        let (x, values) = try realInput(rank: 1)
        let axis = try normalize(axis: try attributes.integer("axis", default: -1), rank: x.shape.rank)
        let epsilon = Double(try attributes.float("epsilon", default: 1e-5))
        let length = saturatingProduct(x.shape.dims[axis...])
        var results = values
        for start in stride(from: 0, to: length > 0 ? values.count : 0, by: max(length, 1)) {
            let range = start..<(start + length)
            let square = values[range].reduce(0) { $0 + $1 * $1 } / Double(length)
            let factor = 1 / (square + epsilon).squareRoot()
            for index in range { results[index] *= factor }
        }
        return [try scaleAndShift(try result(results, like: x), optional(1), nil)]
    }

    private func scaleAndShift(_ y: Tensor, _ scale: Tensor?, _ shift: Tensor?) throws(KernelError) -> Tensor
    {
        var y = y
        if let scale { y = try combine(Multiplication(), y, scale) }
        if let shift { y = try combine(Addition(), y, shift) }
        return y
    }

    /// `InstanceNormalization` (opset 1 to 22): each channel of each image over its own plane.
    func instanceNormalize() throws(KernelError) -> [Tensor] {
        let (x, values) = try realInput(rank: 3)
        let epsilon = Double(try attributes.float("epsilon", default: 1e-5))
        let rows = NormalizedRows(values, length: saturatingProduct(x.shape.dims[2...]), epsilon: epsilon)
        return [try channelAffine(rows.values, x, channels: x.shape[1])]
    }

    /// `GroupNormalization` (opset 18 to 21): groups of channels; scale and bias are per group before opset
    /// 21.
    func groupNormalize() throws(KernelError) -> [Tensor] {
        let (x, values) = try realInput(rank: 3)
        let groups = try attributes.integer("num_groups", default: 0)
        guard groups > 0, x.shape[1] % groups == 0 else {
            throw .invalid("\(groups) groups of \(x.shape[1]) channels")
        }
        let epsilon = Double(try attributes.float("epsilon", default: 1e-5))
        let length = saturatingMultiply(saturatingProduct(x.shape.dims[2...]), x.shape[1] / groups)
        let rows = NormalizedRows(values, length: length, epsilon: epsilon)
        return [try channelAffine(rows.values, x, channels: opset < 21 ? groups : x.shape[1])]
    }

    /// `values * scale[c] + bias[c]`, where the channel axis is cut into `channels` equal parts.
    private func channelAffine(_ values: [Double], _ x: Tensor, channels: Int) throws(KernelError) -> Tensor {
        let (scale, bias) = (try input(1).doubles(), try input(2).doubles())
        guard scale.count == channels, bias.count == channels else {
            throw .invalid("scale and bias must have \(channels) elements")
        }
        var results = values
        let part = max(saturatingProduct(x.shape.dims[1...]) / max(channels, 1), 1)
        for index in results.indices {
            let channel = index / part % channels
            results[index] = results[index] * scale[channel] + bias[channel]
        }
        return try result(results, like: x)
    }

    /// `LRN` (opset 1 to 13): across channels.
    func localResponseNormalize() throws(KernelError) -> [Tensor] {
        let (x, values) = try realInput(rank: 3)
        let size = try attributes.integer("size", default: 0)
        guard (1...(1 << 20)).contains(size) else { throw .invalid("size \(size)") }
        let alpha = Double(try attributes.float("alpha", default: 1e-4))
        let beta = Double(try attributes.float("beta", default: 0.75))
        let bias = Double(try attributes.float("bias", default: 1))
        let (channels, plane) = (x.shape[1], saturatingProduct(x.shape.dims[2...]))
        var results = values
        try workspace.charge(saturatingMultiply(x.count, min(size, channels)))
        for index in values.indices {
            let channel = index / plane % channels
            let low = max(0, channel - (size - 1) / 2)
            let high = min(channels - 1, channel + size / 2)
            var square = 0.0
            for other in low...high {
                let value = values[index + (other - channel) * plane]
                square += value * value
            }
            results[index] = values[index] / pow(bias + alpha / Double(size) * square, beta)
        }
        return [try result(results, like: x)]
    }

    /// `LpNormalization` (opset 1 to 22) along one axis, p 1 or 2.
    func lpNormalize() throws(KernelError) -> [Tensor] {
        let (x, values) = try realInput(rank: 1)
        let axis = try normalize(axis: try attributes.integer("axis", default: -1), rank: x.shape.rank)
        let power = try attributes.integer("p", default: 2)
        guard power == 1 || power == 2 else { throw .unsupported("attribute p = \(power)") }
        let (length, inner) = (x.shape.dims[axis], saturatingProduct(x.shape.dims[(axis + 1)...]))
        var results = values
        for line in 0..<(length > 0 && inner > 0 ? values.count / length : 0) {
            let start = line / inner * length * inner + line % inner
            let places = stride(from: start, to: start + length * inner, by: inner)
            let sum = places.reduce(0.0) { $0 + (power == 1 ? abs(values[$1]) : values[$1] * values[$1]) }
            let norm = power == 1 ? sum : sum.squareRoot()
            for place in places { results[place] = norm == 0 ? 0 : values[place] / norm }
        }
        return [try result(results, like: x)]
    }

    /// `MeanVarianceNormalization` (opset 9 to 13) over `axes`.
    func meanVarianceNormalize() throws(KernelError) -> [Tensor] {
        let (x, _) = try realInput(rank: 1)
        let axes = try normalize(axes: try attributes.integers("axes") ?? [0, 2, 3], rank: x.shape.rank)
        let order = x.shape.dims.indices.filter { !axes.contains($0) } + axes
        let moved = try transpose(x, order)
        let length = saturatingProduct(axes.map { x.shape.dims[$0] })
        let rows = NormalizedRows(moved.doubles(), length: length, epsilon: 1e-18)
        let normal = try cast(try make(moved.shape.dims, rows.values), to: x.elementType)
        return [try transpose(normal, order.indices.map { axis in order.firstIndex(of: axis) ?? axis })]
    }
}

/// Rows of `length` neighbours, each with its mean taken off and divided by its deviation.
private struct NormalizedRows {
    private(set) var values: [Double]
    private(set) var means: [Double] = []
    private(set) var inverses: [Double] = []

    init(_ source: [Double], length: Int, epsilon: Double) {
        values = source
        guard length > 0 else { return }
        for start in stride(from: 0, to: source.count, by: length) {
            let range = start..<(start + length)
            let mean = source[range].reduce(0, +) / Double(length)
            let variance = source[range].reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(length)
            let inverse = 1 / (variance + epsilon).squareRoot()
            for index in range { values[index] = (source[index] - mean) * inverse }
            means.append(mean)
            inverses.append(inverse)
        }
    }
}

/// ONNX's normalisations.
let normalizationOperators: [String: OperatorFunction] = [
    "BatchNormalization": { call throws(KernelError) in try call.batchNormalize() },
    "LayerNormalization": { call throws(KernelError) in try call.layerNormalize() },
    "RMSNormalization": { call throws(KernelError) in try call.rootMeanSquareNormalize() },
    "InstanceNormalization": { call throws(KernelError) in try call.instanceNormalize() },
    "GroupNormalization": { call throws(KernelError) in try call.groupNormalize() },
    "LRN": { call throws(KernelError) in try call.localResponseNormalize() },
    "LpNormalization": { call throws(KernelError) in try call.lpNormalize() },
    "MeanVarianceNormalization": { call throws(KernelError) in try call.meanVarianceNormalize() },
]
