import Tensors

extension ElementType {
    /// The type of a `TensorProto.DataType` code, nil for those that this build has no use for.
    package init?(dataType: Int) {
        switch dataType {
        case 1: self = .float32
        case 2: self = .uint8
        case 3: self = .int8
        case 4: self = .uint16
        case 5: self = .int16
        case 6: self = .int32
        case 7: self = .int64
        case 8: self = .string
        case 9: self = .bool
        case 10: self = .float16
        case 11: self = .float64
        case 12: self = .uint32
        case 13: self = .uint64
        case 16: self = .bfloat16
        default: return nil
        }
    }
}

/// The name of a `TensorProto.DataType` code, for messages.
package func dataTypeName(_ code: Int) -> String {
    let others = [
        0: "undefined", 14: "complex64", 15: "complex128", 17: "float8e4m3fn", 18: "float8e4m3fnuz",
        19: "float8e5m2",
        20: "float8e5m2fnuz", 21: "uint4", 22: "int4", 23: "float4e2m1", 24: "float8e8m0", 25: "uint2",
        26: "int2",
    ]
    return ElementType(dataType: code)?.description ?? others[code] ?? "type \(code)"
}
