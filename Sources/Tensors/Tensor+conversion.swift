/// Element-wise conversion between numeric element types, as ONNX's `Cast` (opset 13) defines it.
///
/// Floats to integers truncate towards zero and saturate at the ends of the type (NaN gives 0); integers to
/// narrower integers wrap; anything but zero is true.
@usableFromInline package protocol ConvertibleElement: TensorElement {
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
    @inlinable package var double: Double { Double(self) }
    @inlinable package var integer: Int64 { Double(self).integer }
    @inlinable package init(converting double: Double) { self = Float(double) }
    @inlinable package init(wrapping integer: Int64) { self = Float(integer) }
    @inlinable package static var isInteger: Bool { false }
}

extension Double: ConvertibleElement {
    @inlinable package var double: Double { self }
    @inlinable package var integer: Int64 {
        if isNaN { return 0 }
        return Int64(exactly: rounded(.towardZero)) ?? (self < 0 ? .min : .max)
    }
    @inlinable package init(converting double: Double) { self = double }
    @inlinable package init(wrapping integer: Int64) { self = Double(integer) }
    @inlinable package static var isInteger: Bool { false }
}

extension Float16: ConvertibleElement {
    @inlinable package var double: Double { Double(self) }
    @inlinable package var integer: Int64 { Double(self).integer }
    @inlinable package init(converting double: Double) { self = Float16(double) }
    @inlinable package init(wrapping integer: Int64) { self = Float16(integer) }
    @inlinable package static var isInteger: Bool { false }
}

extension BFloat16: ConvertibleElement {
    @inlinable package var double: Double { Double(float) }
    @inlinable package var integer: Int64 { Double(float).integer }
    @inlinable package init(converting double: Double) { self.init(Float(double)) }
    @inlinable package init(wrapping integer: Int64) { self.init(Float(integer)) }
    @inlinable package static var isInteger: Bool { false }
}

extension BoolByte: ConvertibleElement {
    @inlinable package var double: Double { isTrue ? 1 : 0 }
    @inlinable package var integer: Int64 { isTrue ? 1 : 0 }
    @inlinable package init(converting double: Double) { self.init(double != 0) }
    @inlinable package init(wrapping integer: Int64) { self.init(integer != 0) }
    @inlinable package static var isInteger: Bool { true }
}

extension ConvertibleElement where Self: FixedWidthInteger {
    @inlinable package var double: Double { Double(self) }
    @inlinable package var integer: Int64 { Int64(truncatingIfNeeded: self) }
    @inlinable package init(converting double: Double) {
        if double.isNaN {
            self = 0
        } else {
            self = Self(exactly: double.rounded(.towardZero)) ?? (double < 0 ? .min : .max)
        }
    }
    @inlinable package init(wrapping integer: Int64) { self = Self(truncatingIfNeeded: integer) }
    @inlinable package static var isInteger: Bool { true }
}

extension Int8: ConvertibleElement {}
extension UInt8: ConvertibleElement {}
extension Int16: ConvertibleElement {}
extension UInt16: ConvertibleElement {}
extension Int32: ConvertibleElement {}
extension UInt32: ConvertibleElement {}
extension Int64: ConvertibleElement {}
extension UInt64: ConvertibleElement {}

extension Tensor {
    /// Element 0 as a double; nil for an empty tensor, and for strings.
    package var firstNumber: Double? { firstElement?.doubles().first }

    /// Element 0 as an integer; nil for an empty tensor, and for strings.
    package var firstInteger: Int64? { firstElement?.converted(to: Int64.self).first }

    /// Element 0 alone, in the same memory: a condition or a position is read without its tensor's other
    /// elements.
    private var firstElement: Tensor? {
        guard count > 0, case .memory(let memory) = storage else { return nil }
        return try? Tensor(elementType, shape: [], memory: memory)
    }

    /// All elements converted to `Value`; empty for strings.
    package func converted<Value: ConvertibleElement>(to type: Value.Type) -> [Value] {
        switch elementType {
        case .float32: convertElements(from: Float.self, to: type)
        case .float64: convertElements(from: Double.self, to: type)
        case .float16: convertElements(from: Float16.self, to: type)
        case .bfloat16: convertElements(from: BFloat16.self, to: type)
        case .int8: convertElements(from: Int8.self, to: type)
        case .uint8: convertElements(from: UInt8.self, to: type)
        case .int16: convertElements(from: Int16.self, to: type)
        case .uint16: convertElements(from: UInt16.self, to: type)
        case .int32: convertElements(from: Int32.self, to: type)
        case .uint32: convertElements(from: UInt32.self, to: type)
        case .int64: convertElements(from: Int64.self, to: type)
        case .uint64: convertElements(from: UInt64.self, to: type)
        case .bool: convertElements(from: BoolByte.self, to: type)
        case .string: []
        }
    }

    private func convertElements<Source: ConvertibleElement, Value: ConvertibleElement>(
        from: Source.Type, to: Value.Type
    ) -> [Value] {
        let source = elements(as: Source.self)
        if let same = source as? Elements<Value> { return same.array }
        if Source.isInteger && Value.isInteger {
            return (0..<source.count).map { Value(wrapping: source[$0].integer) }
        }
        return (0..<source.count).map { Value(converting: source[$0].double) }
    }

    /// The same elements converted to another numeric type, as ONNX's `Cast` (opset 13) defines it.
    /// - Throws: `TensorError.tooLarge`, `.outOfMemory`. `.countMismatch` where either side is strings.
    package func cast(to target: ElementType, pool: TensorPool = .shared) throws(TensorError) -> Tensor {
        if target == elementType { return self }
        switch target {
        case .float32: return try Tensor(shape: shape, elements: converted(to: Float.self), pool: pool)
        case .float64: return try Tensor(shape: shape, elements: converted(to: Double.self), pool: pool)
        case .float16: return try Tensor(shape: shape, elements: converted(to: Float16.self), pool: pool)
        case .bfloat16: return try Tensor(shape: shape, elements: converted(to: BFloat16.self), pool: pool)
        case .int8: return try Tensor(shape: shape, elements: converted(to: Int8.self), pool: pool)
        case .uint8: return try Tensor(shape: shape, elements: converted(to: UInt8.self), pool: pool)
        case .int16: return try Tensor(shape: shape, elements: converted(to: Int16.self), pool: pool)
        case .uint16: return try Tensor(shape: shape, elements: converted(to: UInt16.self), pool: pool)
        case .int32: return try Tensor(shape: shape, elements: converted(to: Int32.self), pool: pool)
        case .uint32: return try Tensor(shape: shape, elements: converted(to: UInt32.self), pool: pool)
        case .int64: return try Tensor(shape: shape, elements: converted(to: Int64.self), pool: pool)
        case .uint64: return try Tensor(shape: shape, elements: converted(to: UInt64.self), pool: pool)
        case .bool: return try Tensor(shape: shape, elements: converted(to: BoolByte.self), pool: pool)
        case .string: throw .countMismatch(expected: count, given: 0)
        }
    }
}
