/// A Swift type that is one element of a tensor's raw memory.
@usableFromInline package protocol TensorElement: BitwiseCopyable, Sendable {
    /// The element type it stands for.
    static var elementType: ElementType { get }
    /// Zero, or false.
    static var zero: Self { get }
}

extension Float: TensorElement { @inlinable package static var elementType: ElementType { .float32 } }
extension Double: TensorElement { @inlinable package static var elementType: ElementType { .float64 } }
extension Float16: TensorElement { @inlinable package static var elementType: ElementType { .float16 } }
extension Int8: TensorElement { @inlinable package static var elementType: ElementType { .int8 } }
extension UInt8: TensorElement { @inlinable package static var elementType: ElementType { .uint8 } }
extension Int16: TensorElement { @inlinable package static var elementType: ElementType { .int16 } }
extension UInt16: TensorElement { @inlinable package static var elementType: ElementType { .uint16 } }
extension Int32: TensorElement { @inlinable package static var elementType: ElementType { .int32 } }
extension UInt32: TensorElement { @inlinable package static var elementType: ElementType { .uint32 } }
extension Int64: TensorElement { @inlinable package static var elementType: ElementType { .int64 } }
extension UInt64: TensorElement { @inlinable package static var elementType: ElementType { .uint64 } }

/// A 16-bit float with the exponent of a 32-bit one (the upper half of its bits).
@usableFromInline package struct BFloat16: TensorElement, Hashable {
    @inlinable package static var elementType: ElementType { .bfloat16 }
    @inlinable package static var zero: BFloat16 { BFloat16(bits: 0) }

    /// Sign, 8 bits of exponent, 7 of fraction.
    @usableFromInline package var bits: UInt16

    /// From its bits.
    @inlinable package init(bits: UInt16) { self.bits = bits }

    /// The nearest bfloat16, ties to even; a NaN stays one.
    @inlinable package init(_ value: Float) {
        guard !value.isNaN else {
            bits = 0x7FC0
            return
        }
        let pattern = value.bitPattern
        bits = UInt16(truncatingIfNeeded: (pattern &+ 0x7FFF &+ ((pattern >> 16) & 1)) >> 16)
    }

    /// The same value in 32 bits, exactly.
    @inlinable package var float: Float { Float(bitPattern: UInt32(bits) << 16) }
}

/// A Boolean as ONNX stores it: one byte, 0 or 1. Any other byte counts as true.
@usableFromInline package struct BoolByte: TensorElement, Hashable {
    @inlinable package static var elementType: ElementType { .bool }
    @inlinable package static var zero: BoolByte { BoolByte(false) }

    /// The byte.
    @usableFromInline package var byte: UInt8

    /// The byte of `value`.
    @inlinable package init(_ value: Bool) { byte = value ? 1 : 0 }

    /// Whether the byte is not zero.
    @inlinable package var isTrue: Bool { byte != 0 }
}
