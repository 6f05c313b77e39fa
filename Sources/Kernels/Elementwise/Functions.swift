import Glibc
import Tensors

/// A real function given for each precision.
private struct RealPair: RealFunction {
    let single: @Sendable (Float) -> Float
    let double: @Sendable (Double) -> Double

    func apply<Value: Real>(_ x: Value) -> Value {
        Value.self == Float.self ? Value(single(Float(x))) : Value(double(Double(x)))
    }
}

private struct Absolute: NumberFunction {
    func apply<Value: Number>(_ x: Value) -> Value {
        Value.isFloat
            ? Value(converting: abs(x.double)) : x < Value.zero ? Value.difference(Value.zero, x) : x
    }
}

private struct Negation: NumberFunction {
    func apply<Value: Number>(_ x: Value) -> Value {
        Value.isFloat ? Value(converting: -x.double) : Value.difference(Value.zero, x)
    }
}

private struct Sign: NumberFunction {
    func apply<Value: Number>(_ x: Value) -> Value {
        x > Value.zero ? Value(wrapping: 1) : x < Value.zero ? Value(wrapping: -1) : x
    }
}

private func real(
    _ single: @escaping @Sendable (Float) -> Float, _ double: @escaping @Sendable (Double) -> Double
) -> OperatorFunction {
    { call throws(KernelError) in try call.map(RealPair(single: single, double: double)) }
}

/// ONNX's mathematical functions of one input.
let functionOperators: [String: OperatorFunction] = [
    "Abs": { call throws(KernelError) in try call.mapNumbers(Absolute()) },
    "Neg": { call throws(KernelError) in try call.mapNumbers(Negation()) },
    "Sign": { call throws(KernelError) in try call.mapNumbers(Sign()) },
    "Ceil": real({ $0.rounded(.up) }, { $0.rounded(.up) }),
    "Floor": real({ $0.rounded(.down) }, { $0.rounded(.down) }),
    "Round": real({ $0.rounded(.toNearestOrEven) }, { $0.rounded(.toNearestOrEven) }),
    "Sqrt": real({ $0.squareRoot() }, { $0.squareRoot() }),
    "Exp": real({ expf($0) }, { exp($0) }),
    "Log": real({ logf($0) }, { log($0) }),
    "Erf": real({ erff($0) }, { erf($0) }),
    "Reciprocal": real({ 1 / $0 }, { 1 / $0 }),
    "Sin": real({ sinf($0) }, { sin($0) }),
    "Cos": real({ cosf($0) }, { cos($0) }),
    "Tan": real({ tanf($0) }, { tan($0) }),
    "Asin": real({ asinf($0) }, { asin($0) }),
    "Acos": real({ acosf($0) }, { acos($0) }),
    "Atan": real({ atanf($0) }, { atan($0) }),
    "Sinh": real({ sinhf($0) }, { sinh($0) }),
    "Cosh": real({ coshf($0) }, { cosh($0) }),
    "Asinh": real({ asinhf($0) }, { asinh($0) }),
    "Acosh": real({ acoshf($0) }, { acosh($0) }),
    "Atanh": real({ atanhf($0) }, { atanh($0) }),
    "IsNaN": { call throws(KernelError) in try call.test { $0.isNaN } },
    "IsInf": { call throws(KernelError) in
        let positive = try call.attributes.flag("detect_positive", default: true)
        let negative = try call.attributes.flag("detect_negative", default: true)
        return try call.test { $0.isInfinite && ($0 > 0 ? positive : negative) }
    },
    "Not": { call throws(KernelError) in
        let tensor = try call.input(0)
        guard tensor.elementType == .bool else { throw .unsupported("type \(tensor.elementType)") }
        let result = try call.make(.bool, tensor.shape.dims)
        mapElements(tensor, result, as: BoolByte.self) { BoolByte(!$0.isTrue) }
        return [result]
    },
    "BitwiseNot": { call throws(KernelError) in
        let tensor = try call.input(0)
        guard tensor.elementType.widened == .int64 || tensor.elementType == .uint64,
            tensor.elementType != .bool
        else { throw .unsupported("type \(tensor.elementType)") }
        let bits = tensor.converted(to: Int64.self).map { ~$0 }
        return [try call.cast(try call.make(tensor.shape.dims, bits), to: tensor.elementType)]
    },
]
