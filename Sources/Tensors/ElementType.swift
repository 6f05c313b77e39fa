/// What one element of a tensor is (`TensorProto.DataType` of ONNX, without the sub-byte and complex types).
@usableFromInline package enum ElementType: Sendable, Hashable, CaseIterable {
    case float32, float64, float16, bfloat16
    case int8, uint8, int16, uint16, int32, uint32, int64, uint64
    case bool, string

    /// Bytes of one element in memory; 0 for `string`, whose elements are not kept in raw memory.
    @inlinable package var byteCount: Int {
        switch self {
        case .int8, .uint8, .bool: 1
        case .float16, .bfloat16, .int16, .uint16: 2
        case .float32, .int32, .uint32: 4
        case .float64, .int64, .uint64: 8
        case .string: 0
        }
    }

    /// True for the four floating-point types.
    @inlinable package var isFloatingPoint: Bool {
        switch self {
        case .float32, .float64, .float16, .bfloat16: true
        case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64, .bool, .string: false
        }
    }
}

extension ElementType: CustomStringConvertible {
    @inlinable package var description: String {
        switch self {
        case .float32: "float32"
        case .float64: "float64"
        case .float16: "float16"
        case .bfloat16: "bfloat16"
        case .int8: "int8"
        case .uint8: "uint8"
        case .int16: "int16"
        case .uint16: "uint16"
        case .int32: "int32"
        case .uint32: "uint32"
        case .int64: "int64"
        case .uint64: "uint64"
        case .bool: "bool"
        case .string: "string"
        }
    }
}
