import Tensors

/// A real function of one element.
protocol RealFunction: Sendable {
    func apply<Value: Real>(_ x: Value) -> Value
}

/// A function of one number of any type.
protocol NumberFunction: Sendable {
    func apply<Value: Number>(_ x: Value) -> Value
}

extension Invocation {
    /// `function` of every element of input 0, in the input's type; halves are computed in float32.
    func map(_ function: some RealFunction) throws(KernelError) -> [Tensor] {
        [try map(function, over: try input(0))]
    }

    /// `function` of every element of `tensor`.
    func map(_ function: some RealFunction, over tensor: Tensor) throws(KernelError) -> Tensor {
        guard let wide = tensor.elementType.widenedReal else {
            throw .unsupported("type \(tensor.elementType)")
        }
        let source = try cast(tensor, to: wide)
        let result = try make(wide, source.shape.dims)
        // A transcendental function costs some ten plain operations.
        try workspace.charge(saturatingMultiply(source.count, 9))
        if wide == .float64 {
            mapElements(source, result, as: Double.self) { function.apply($0) }
        } else {
            mapElements(source, result, as: Float.self) { function.apply($0) }
        }
        return try cast(result, to: tensor.elementType)
    }

    /// `function` of every element of input 0, of any numeric type.
    func mapNumbers(_ function: some NumberFunction) throws(KernelError) -> [Tensor] {
        let tensor = try input(0)
        guard let wide = tensor.elementType.widened, tensor.elementType != .bool else {
            throw .unsupported("type \(tensor.elementType)")
        }
        let source = try cast(tensor, to: wide)
        let result = try make(wide, source.shape.dims)
        switch wide {
        case .float64: mapElements(source, result, as: Double.self) { function.apply($0) }
        case .float32: mapElements(source, result, as: Float.self) { function.apply($0) }
        case .uint64: mapElements(source, result, as: UInt64.self) { function.apply($0) }
        default: mapElements(source, result, as: Int64.self) { function.apply($0) }
        }
        return [try cast(result, to: tensor.elementType)]
    }

    /// A Boolean of every element of input 0, a floating tensor.
    func test(_ predicate: (Double) -> Bool) throws(KernelError) -> [Tensor] {
        let tensor = try input(0)
        guard tensor.elementType.isFloatingPoint else { throw .unsupported("type \(tensor.elementType)") }
        return [try make(tensor.shape.dims, tensor.doubles().map { BoolByte(predicate($0)) })]
    }
}

/// `function` from each element of `source` to the same place in `result`.
@inline(__always)
func mapElements<Value: TensorElement, Result: TensorElement>(
    _ source: Tensor, _ result: Tensor, as type: Value.Type, _ function: (Value) -> Result
) {
    let from = source.elements(as: Value.self)
    let to = result.mutableElements(as: Result.self)
    for index in 0..<from.count { to[index] = function(from[index]) }
}
