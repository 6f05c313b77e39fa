import Tensors

/// Scale and zero point of a quantised tensor, laid over its elements.
struct QuantizationGrid {
    private let scales: [Double]
    private let zeroPoints: [Double]
    /// Elements behind one step of the axis, and the axis's size; 0 when one scale serves all.
    private let inner: Int
    private let size: Int
    /// Elements of the axis that share a scale.
    private let block: Int

    /// Of `tensor`, whose scale is a scalar, one value per slice of `axis`, or (opset 21) one per block of
    /// `block`.
    init(_ tensor: Tensor, scale: Tensor, zeroPoint: Tensor?, axis: Int, block: Int) throws(KernelError) {
        guard scale.elementType.isFloatingPoint, zeroPoint.map({ $0.count == scale.count }) ?? true,
            zeroPoint?.elementType != .string
        else { throw .invalid("scale and zero point do not agree") }
        scales = scale.doubles()
        zeroPoints = zeroPoint?.doubles() ?? [Double](repeating: 0, count: scale.count)
        guard scale.count != 1 || block > 0 else {
            (inner, size, self.block) = (1, 0, 1)
            return
        }
        let axis = try normalize(axis: axis, rank: tensor.shape.rank)
        inner = saturatingProduct(tensor.shape.dims[(axis + 1)...])
        size = tensor.shape.dims[axis]
        self.block = max(block, 1)
        if block > 0 {
            var dims = tensor.shape.dims
            dims[axis] = (size + block - 1) / block
            guard scale.shape.dims == dims else {
                throw .invalid("scale \(scale.shape) must be \(Shape(dims))")
            }
        } else {
            guard scale.count == size else { throw .invalid("\(scale.count) scales for an axis of \(size)") }
        }
    }

    /// The scale and zero point of element `index`.
    @inline(__always)
    func parameters(of index: Int) -> (scale: Double, zeroPoint: Double) {
        guard size > 0 else { return (scales[0], zeroPoints[0]) }
        let position = index / inner % size
        if scales.count == size, block == 1 { return (scales[position], zeroPoints[position]) }
        let blocks = (size + block - 1) / block
        let place = (index / inner / size * blocks + position / block) * inner + index % inner
        return (scales[place], zeroPoints[place])
    }
}

extension ElementType {
    /// The ends of an integer type that values are quantised to.
    var quantizedRange: ClosedRange<Double>? {
        switch self {
        case .int8: -128...127
        case .uint8: 0...255
        case .int16: -32768...32767
        case .uint16: 0...65535
        case .int32: -2147483648...2147483647
        case .float32, .float64, .float16, .bfloat16, .uint32, .int64, .uint64, .bool, .string: nil
        }
    }
}

extension Invocation {
    /// `QuantizeLinear` (opset 10 to 25): round half to even, then saturate.
    func quantize() throws(KernelError) -> [Tensor] {
        let (x, scale) = (try input(0), try input(1))
        let stated = try targetType("output_dtype")
        let type = optional(2)?.elementType ?? stated ?? .uint8
        guard let range = type.quantizedRange, x.elementType.isFloatingPoint || x.elementType == .int32 else {
            throw .unsupported("quantising \(x.elementType) to \(type)")
        }
        let grid = try QuantizationGrid(
            x, scale: scale, zeroPoint: optional(2), axis: try attributes.integer("axis", default: 1),
            block: try attributes.integer("block_size", default: 0))
        try workspace.charge(saturatingMultiply(x.count, 4))
        let values = x.doubles()
        let isSingle = x.elementType != .float64
        let results = values.indices.map { index -> Double in
            let (scale, zeroPoint) = grid.parameters(of: index)
            // The quotient is rounded as the operator's own type has it.
            let quotient = isSingle ? Double(Float(values[index]) / Float(scale)) : values[index] / scale
            let value = quotient.rounded(.toNearestOrEven) + zeroPoint
            return value.isNaN ? zeroPoint : min(max(value, range.lowerBound), range.upperBound)
        }
        return [try cast(try make(x.shape.dims, results), to: type)]
    }

    /// `DequantizeLinear` (opset 10 to 25): `(x - zeroPoint) * scale`, in the type of the scale.
    func dequantize() throws(KernelError) -> [Tensor] {
        let (x, scale) = (try input(0), try input(1))
        let type = try targetType("output_dtype") ?? scale.elementType
        guard x.elementType.quantizedRange != nil, type.isFloatingPoint else {
            throw .unsupported("dequantising \(x.elementType) to \(type)")
        }
        let grid = try QuantizationGrid(
            x, scale: scale, zeroPoint: optional(2), axis: try attributes.integer("axis", default: 1),
            block: try attributes.integer("block_size", default: 0))
        try workspace.charge(saturatingMultiply(x.count, 2))
        let values = x.doubles()
        let results = values.indices.map { index in
            let (scale, zeroPoint) = grid.parameters(of: index)
            return (values[index] - zeroPoint) * scale
        }
        return [try cast(try make(x.shape.dims, results), to: type)]
    }

    /// `DynamicQuantizeLinear` (opset 11): uint8 over the range of the data, 0 in it.
    func quantizeDynamically() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        guard x.elementType == .float32 else { throw .unsupported("type \(x.elementType)") }
        let values = x.floats()
        let low = min(values.min() ?? 0, 0)
        let high = max(values.max() ?? 0, 0)
        let scale = high == low ? 1 : (high - low) / 255
        let zeroPoint = min(max((-low / scale).rounded(.toNearestOrEven), 0), 255)
        let results = values.map { value -> UInt8 in
            UInt8(converting: Double(min(max((value / scale).rounded(.toNearestOrEven) + zeroPoint, 0), 255)))
        }
        return [
            try make(x.shape.dims, results), try make([], [scale]),
            try make([], [UInt8(converting: Double(zeroPoint))]),
        ]
    }

    /// `tensor - zeroPoint` as float64: exact for 8-bit data, and its sums of products are exact too.
    ///
    /// The zero point is a scalar or, where `axis` is given, one per slice of it.
    private func centred(_ tensor: Tensor, _ zeroPoint: Tensor?, axis: Int?) throws(KernelError) -> Tensor {
        let wide = try cast(tensor, to: .float64)
        guard let zeroPoint else { return wide }
        var zero = try cast(zeroPoint, to: .float64)
        if zero.count == 1 {
            zero = try zero.shaped([])
        } else if let axis, zero.shape.rank == 1 {
            zero = try zero.shaped(
                zero.shape.dims + [Int](repeating: 1, count: max(0, tensor.shape.rank - 1 - axis)))
        }
        let result = try combine(Subtraction(), wide, zero)
        guard result.shape == tensor.shape else { throw .invalid("a zero point of \(zeroPoint.shape)") }
        return result
    }

    /// `MatMulInteger` (opset 10).
    func matMulInteger() throws(KernelError) -> [Tensor] {
        let a = try centred(try input(0), optional(2), axis: (try input(0)).shape.rank - 2)
        let b = try centred(try input(1), optional(3), axis: (try input(1)).shape.rank - 1)
        return [try cast(try matMul(a, b), to: .int32)]
    }

    /// `ConvInteger` (opset 10).
    func convolveInteger() throws(KernelError) -> [Tensor] {
        let x = try centred(try input(0), optional(2), axis: nil)
        let w = try centred(try input(1), optional(3), axis: 0)
        let results = try replacing(inputs: [x, w]).convolve()
        return [try cast(results[0], to: .int32)]
    }

    /// `QLinearMatMul` (opset 10 to 21): a, its scale and zero point, b's, y's.
    func matMulQuantized() throws(KernelError) -> [Tensor] {
        let (a, b) = (try input(0), try input(3))
        let x = try centred(a, optional(2), axis: a.shape.rank - 2)
        let y = try centred(b, optional(5), axis: b.shape.rank - 1)
        var product = try matMul(x, y)
        product = try scaled(product, by: try input(1), trailing: 1)
        product = try scaled(product, by: try input(4), trailing: 0)
        return [try requantize(product, scale: try input(6), zeroPoint: try input(7))]
    }

    private func scaled(_ tensor: Tensor, by scale: Tensor, trailing: Int) throws(KernelError) -> Tensor {
        var factor = try cast(scale, to: .float64)
        if factor.count == 1 {
            factor = try factor.shaped([])
        } else if factor.shape.rank == 1 {
            factor = try factor.shaped(factor.shape.dims + [Int](repeating: 1, count: trailing))
        }
        return try combine(Multiplication(), tensor, factor)
    }

    /// `QLinearConv` (opset 10): x, w and y with scales and zero points, and an int32 bias.
    func convolveQuantized() throws(KernelError) -> [Tensor] {
        let (x, w) = (try input(0), try input(3))
        var results = try replacing(inputs: [
            try centred(x, optional(2), axis: nil), try centred(w, optional(5), axis: 0),
            try optional(8).map { (bias) throws(KernelError) in try cast(bias, to: .float64) },
        ]).convolve()
        results[0] = try scaled(results[0], by: try input(1), trailing: 0)
        results[0] = try scaled(results[0], by: try input(4), trailing: max(0, x.shape.rank - 2))
        return [try requantize(results[0], scale: try input(6), zeroPoint: try input(7))]
    }

    private func requantize(_ tensor: Tensor, scale: Tensor, zeroPoint: Tensor) throws(KernelError) -> Tensor
    {
        let call = Invocation(
            inputs: [tensor, try cast(scale, to: .float64), zeroPoint], attributes: Attributes(),
            opset: opset,
            outputCount: 1, workspace: workspace)
        return try call.quantize()[0]
    }
}

/// ONNX's quantised operators.
let quantizationOperators: [String: OperatorFunction] = [
    "QuantizeLinear": { call throws(KernelError) in try call.quantize() },
    "DequantizeLinear": { call throws(KernelError) in try call.dequantize() },
    "DynamicQuantizeLinear": { call throws(KernelError) in try call.quantizeDynamically() },
    "MatMulInteger": { call throws(KernelError) in try call.matMulInteger() },
    "ConvInteger": { call throws(KernelError) in try call.convolveInteger() },
    "QLinearMatMul": { call throws(KernelError) in try call.matMulQuantized() },
    "QLinearConv": { call throws(KernelError) in try call.convolveQuantized() },
]
