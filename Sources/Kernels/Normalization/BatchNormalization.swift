import Tensors

extension Invocation {
    /// `BatchNormalization` (opset 6 to 15) with the stored mean and variance.
    ///
    /// With `training_mode` the batch's own are used and the running ones are returned as well.
    func batchNormalize() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        guard x.elementType.isFloatingPoint, x.shape.rank >= 2 else {
            throw .unsupported("\(x.elementType) \(x.shape)")
        }
        if opset < 9, try attributes.integer("spatial", default: 1) == 0 {
            throw .unsupported("attribute spatial = 0")
        }
        let channels = x.shape[1]
        let parameters = try (1...4).map { (index) throws(KernelError) -> [Double] in
            let tensor = try input(index)
            guard tensor.shape.dims == [channels] else {
                throw .invalid("input \(index) must be [\(channels)]")
            }
            guard tensor.elementType.isFloatingPoint else { throw .unsupported("type \(tensor.elementType)") }
            return tensor.doubles()
        }
        let epsilon = Double(try attributes.float("epsilon", default: 1e-5))
        if try attributes.flag("training_mode") { return try batchNormalizeTraining(x, parameters, epsilon) }
        if outputCount > 1, opset < 14 { throw .unsupported("the training outputs before opset 14") }
        let affine = AffineChannels(
            parameters, mean: parameters[2], variance: parameters[3], epsilon: epsilon)
        return [try affine.apply(to: x, self)]
    }

    private func batchNormalizeTraining(_ x: Tensor, _ parameters: [[Double]], _ epsilon: Double)
        throws(KernelError) -> [Tensor]
    {
        let channels = x.shape[1]
        let plane = saturatingProduct(x.shape.dims[2...])
        let values = x.doubles()
        var (mean, variance) = (
            [Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels)
        )
        let count = Double(max(x.count / max(channels, 1), 1))
        for (index, value) in values.enumerated() { mean[index / plane % channels] += value / count }
        for (index, value) in values.enumerated() {
            let difference = value - mean[index / plane % channels]
            variance[index / plane % channels] += difference * difference / count
        }
        let momentum = Double(try attributes.float("momentum", default: 0.9))
        let running = zip([2, 3], [mean, variance]).map { index, batch in
            zip(parameters[index], batch).map { $0 * momentum + $1 * (1 - momentum) }
        }
        let affine = AffineChannels(parameters, mean: mean, variance: variance, epsilon: epsilon)
        return [
            try affine.apply(to: x, self),
            try cast(try make([channels], running[0]), to: try input(3).elementType),
            try cast(try make([channels], running[1]), to: try input(4).elementType),
        ]
    }
}

/// `scale[c] * x + shift[c]` for each channel c on axis 1.
private struct AffineChannels {
    let scale: [Double]
    let shift: [Double]

    /// From `parameters = [scale, bias, ...]` and the statistics of each channel.
    init(_ parameters: [[Double]], mean: [Double], variance: [Double], epsilon: Double) {
        let scale = zip(parameters[0], variance).map { $0 / ($1 + epsilon).squareRoot() }
        self.scale = scale
        shift = scale.indices.map { parameters[1][$0] - mean[$0] * scale[$0] }
    }

    func apply(to x: Tensor, _ call: Invocation) throws(KernelError) -> Tensor {
        let wide: ElementType = x.elementType == .float64 ? .float64 : .float32
        let source = try call.cast(x, to: wide)
        let result = try call.make(wide, x.shape.dims)
        if wide == .float64 {
            apply(source, result, as: Double.self)
        } else {
            apply(source, result, as: Float.self)
        }
        return try call.cast(result, to: x.elementType)
    }

    private func apply<Value: Real>(_ x: Tensor, _ y: Tensor, as type: Value.Type) {
        let (source, target) = (x.elements(as: Value.self), y.mutableElements(as: Value.self))
        let plane = saturatingProduct(x.shape.dims[2...])
        guard plane > 0 else { return }
        for row in 0..<(source.count / plane) {
            let (factor, offset) = (Value(scale[row % scale.count]), Value(shift[row % scale.count]))
            for index in (row * plane)..<((row + 1) * plane) {
                target[index] = source[index] * factor + offset
            }
        }
    }
}
