/// Element-wise conversion between numeric element types, as ONNX's `Cast` (opset 13) defines it.
///
/// Floats to integers truncate towards zero and saturate at the ends of the type (NaN gives 0); integers to
/// narrower integers wrap; anything but zero is true.
package protocol ConvertibleElement: TensorElement {
    /// The value as a double; exact but for 64-bit integers past 2^53.
    var double: Double { get }
    /// The value as an integer; floats truncate and saturate.
    var integer: Int64 { get }
    /// From a double.
    init(converting double: Double)
    /// From an integer, wrapping.
    init(wrapping integer: Int64)
    /// Whether conversions should pass through `integer` rather than `double`.
    static var isInteger: Bool { get }
}

extension Float: ConvertibleElement {
    package var double: Double { Double(self) }
    package var integer: Int64 { Double(self).integer }
    package init(converting double: Double) { self = Float(double) }
    package init(wrapping integer: Int64) { self = Float(integer) }
    package static var isInteger: Bool { false }
}

extension Double: ConvertibleElement {
    package var double: Double { self }
    package var integer: Int64 {
        if isNaN { return 0 }
        return Int64(exactly: rounded(.towardZero)) ?? (self < 0 ? .min : .max)
    }
    package init(converting double: Double) { self = double }
    package init(wrapping integer: Int64) { self = Double(integer) }
    package static var isInteger: Bool { false }
}

extension Float16: ConvertibleElement {
    package var double: Double { Double(self) }
    package var integer: Int64 { Double(self).integer }
    package init(converting double: Double) { self = Float16(double) }
    package init(wrapping integer: Int64) { self = Float16(integer) }
    package static var isInteger: Bool { false }
}

extension BFloat16: ConvertibleElement {
    package var double: Double { Double(float) }
    package var integer: Int64 { Double(float).integer }
    package init(converting double: Double) { self.init(Float(double)) }
    package init(wrapping integer: Int64) { self.init(Float(integer)) }
    package static var isInteger: Bool { false }
}

extension BoolByte: ConvertibleElement {
    package var double: Double { isTrue ? 1 : 0 }
    package var integer: Int64 { isTrue ? 1 : 0 }
    package init(converting double: Double) { self.init(double != 0) }
    package init(wrapping integer: Int64) { self.init(integer != 0) }
    package static var isInteger: Bool { true }
}

extension ConvertibleElement where Self: FixedWidthInteger {
    package var double: Double { Double(self) }
    package var integer: Int64 { Int64(truncatingIfNeeded: self) }
    package init(converting double: Double) {
        if double.isNaN {
            self = 0
        } else {
            self = Self(exactly: double.rounded(.towardZero)) ?? (double < 0 ? .min : .max)
        }
    }
    package init(wrapping integer: Int64) { self = Self(truncatingIfNeeded: integer) }
    package static var isInteger: Bool { true }
}

extension Int8: ConvertibleElement {}
extension UInt8: ConvertibleElement {}
extension Int16: ConvertibleElement {}
extension UInt16: ConvertibleElement {}
extension Int32: ConvertibleElement {}
extension UInt32: ConvertibleElement {}
extension Int64: ConvertibleElement {}
extension UInt64: ConvertibleElement {}

extension ElementType {
    /// The Swift type of an element in memory; nil for strings.
    package var elementKind: (any ConvertibleElement.Type)? {
        switch self {
        case .float32: Float.self
        case .float64: Double.self
        case .float16: Float16.self
        case .bfloat16: BFloat16.self
        case .int8: Int8.self
        case .uint8: UInt8.self
        case .int16: Int16.self
        case .uint16: UInt16.self
        case .int32: Int32.self
        case .uint32: UInt32.self
        case .int64: Int64.self
        case .uint64: UInt64.self
        case .bool: BoolByte.self
        case .string: nil
        }
    }
}

extension Tensor {
    /// All elements converted to `Value`; empty for strings.
    package func converted<Value: ConvertibleElement>(to type: Value.Type) -> [Value] {
        if elementType == Value.elementType { return elements(as: Value.self).array }
        guard let kind = elementType.elementKind else { return [] }
        return convertElements(of: self, from: kind, to: type)
    }
}

private func convertElements<Source: ConvertibleElement, Value: ConvertibleElement>(
    of tensor: Tensor, from: Source.Type, to: Value.Type
) -> [Value] {
    let source = tensor.elements(as: Source.self)
    return [Value](unsafeUninitializedCapacity: source.count) { target, initialized in
        for index in 0..<source.count {
            // SAFETY: the capacity is the source's count; elements are trivial, so assignment initialises.
            target[index] =
                Source.isInteger && Value.isInteger
                ? Value(wrapping: source[index].integer) : Value(converting: source[index].double)
        }
        initialized = source.count
    }
}
