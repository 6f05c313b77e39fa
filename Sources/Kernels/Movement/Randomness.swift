import Glibc
import Tensors

/// Numbers that look random: SplitMix64 (Steele, Lea, Flood 2014).
private struct RandomSource {
    private var state: UInt64

    /// From the attribute `seed`, or from the system where there is none.
    init(_ attributes: Attributes) throws(KernelError) {
        if let seed = try attributes.float("seed") {
            state = UInt64(seed.bitPattern)
        } else {
            state = UInt64.random(in: .min ... .max)
        }
    }

    /// At least 0 and below 1.
    mutating func uniform() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((mixed ^ (mixed >> 31)) >> 11) * 0x1p-53
    }

    /// Of mean 0 and deviation 1 (Box and Muller).
    mutating func normal() -> Double {
        let radius = (-2 * log(1 - uniform())).squareRoot()
        return radius * cos(2 * .pi * uniform())
    }
}

extension Invocation {
    /// Numbers in the shape of input 0, or of the attribute `shape`.
    private func drawn(like isLike: Bool, _ draw: (inout RandomSource) -> Double) throws(KernelError)
        -> [Tensor]
    {
        let dims = isLike ? try input(0).shape.dims : try attributes.integers("shape") ?? []
        guard dims.allSatisfy({ $0 >= 0 }) else { throw .invalid("a shape of \(dims)") }
        try workspace.charge(saturatingMultiply(saturatingProduct(dims), 8))
        try workspace.reserve(saturatingProduct(dims))
        var type = try targetType("dtype") ?? .float32
        if isLike, attributes.values["dtype"] == nil { type = try input(0).elementType }
        guard type.isFloatingPoint else { throw .unsupported("random numbers of \(type)") }
        var source = try RandomSource(attributes)
        let values = (0..<saturatingProduct(dims)).map { _ in draw(&source) }
        return [try cast(try make(dims, values), to: type)]
    }

    /// `RandomUniform` and `RandomUniformLike` (opset 1 to 22): from `low` up to `high`.
    fileprivate func drawUniform(like isLike: Bool) throws(KernelError) -> [Tensor] {
        let low = Double(try attributes.float("low", default: 0))
        let high = Double(try attributes.float("high", default: 1))
        return try drawn(like: isLike) { low + (high - low) * $0.uniform() }
    }

    /// `RandomNormal` and `RandomNormalLike` (opset 1 to 22).
    fileprivate func drawNormal(like isLike: Bool) throws(KernelError) -> [Tensor] {
        let mean = Double(try attributes.float("mean", default: 0))
        let deviation = Double(try attributes.float("scale", default: 1))
        return try drawn(like: isLike) { mean + deviation * $0.normal() }
    }

    /// `Bernoulli` (opset 15 to 22): 1 with the probability that each element says.
    fileprivate func drawBernoulli() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        guard x.elementType.isFloatingPoint else { throw .unsupported("type \(x.elementType)") }
        try workspace.charge(saturatingMultiply(x.count, 4))
        try workspace.reserve(x.count)
        var source = try RandomSource(attributes)
        let draws = x.doubles().map { BoolByte(source.uniform() < $0) }
        return [try cast(try make(x.shape.dims, draws), to: try targetType("dtype") ?? x.elementType)]
    }

    /// `Multinomial` (opset 7 to 22): classes drawn by the unnormalised logarithms of their probabilities.
    fileprivate func drawClasses() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        let count = try attributes.integer("sample_size", default: 1)
        guard x.shape.rank == 2, x.elementType.isFloatingPoint, count >= 0, x.shape[1] > 0 else {
            throw .invalid("\(count) samples of \(x.shape)")
        }
        try workspace.charge(saturatingMultiply(saturatingMultiply(x.shape[0], count), x.shape[1]))
        try workspace.reserve(saturatingMultiply(x.shape[0], count))
        var source = try RandomSource(attributes)
        let values = x.doubles()
        var results: [Int64] = []
        for start in stride(from: 0, to: values.count, by: x.shape[1]) {
            let row = values[start..<(start + x.shape[1])]
            let peak = row.max() ?? 0
            let shares = row.map { exp($0 - peak) }
            let total = shares.reduce(0, +)
            for _ in 0..<count {
                var rest = source.uniform() * total
                let place = shares.firstIndex { share in
                    rest -= share
                    return rest < 0
                }
                results.append(Int64(place ?? shares.count - 1))
            }
        }
        let classes = try make([x.shape[0], count], results)
        return [try cast(classes, to: try targetType("dtype") ?? .int32)]
    }
}

/// ONNX's operators that draw lots; their nodes are never folded into constants.
let randomOperators: [String: OperatorFunction] = [
    "RandomUniform": { call throws(KernelError) in try call.drawUniform(like: false) },
    "RandomUniformLike": { call throws(KernelError) in try call.drawUniform(like: true) },
    "RandomNormal": { call throws(KernelError) in try call.drawNormal(like: false) },
    "RandomNormalLike": { call throws(KernelError) in try call.drawNormal(like: true) },
    "Bernoulli": { call throws(KernelError) in try call.drawBernoulli() },
    "Multinomial": { call throws(KernelError) in try call.drawClasses() },
]

/// Whether operator `name` of ONNX's own domain gives another result each time.
package func isRandomOperator(_ name: String) -> Bool { randomOperators[name] != nil }
