import Glibc
import Tensors

/// The four types that element-wise arithmetic is done in: float32, float64, int64 and uint64.
/// Narrower types are widened first and narrowed after, which is exact for wrapping integer arithmetic.
protocol Number: ConvertibleElement, Comparable {
    static func sum(_ a: Self, _ b: Self) -> Self
    static func difference(_ a: Self, _ b: Self) -> Self
    static func product(_ a: Self, _ b: Self) -> Self
    /// The quotient; of integers truncated towards zero, and 0 where `b` is 0.
    static func quotient(_ a: Self, _ b: Self) -> Self
    /// The remainder with the sign of `a` (C's `fmod`); 0 for an integer `b` of 0.
    static func remainder(_ a: Self, _ b: Self) -> Self
    static func power(_ a: Self, _ b: Self) -> Self
    /// The larger; NaN if either is.
    static func larger(_ a: Self, _ b: Self) -> Self
    /// The smaller; NaN if either is.
    static func smaller(_ a: Self, _ b: Self) -> Self
    static var zero: Self { get }
    static var isFloat: Bool { get }
}

/// A `Number` with fractions: float32 or float64.
protocol Real: Number, BinaryFloatingPoint {
    static func exponential(_ x: Self) -> Self
    static func logarithm(_ x: Self) -> Self
    static func hyperbolicTangent(_ x: Self) -> Self
    static func errorFunction(_ x: Self) -> Self
}

extension Float: Real {
    static func power(_ a: Float, _ b: Float) -> Float { powf(a, b) }
    static func exponential(_ x: Float) -> Float { expf(x) }
    static func logarithm(_ x: Float) -> Float { logf(x) }
    static func hyperbolicTangent(_ x: Float) -> Float { tanhf(x) }
    static func errorFunction(_ x: Float) -> Float { erff(x) }
}

extension Double: Real {
    static func power(_ a: Double, _ b: Double) -> Double { pow(a, b) }
    static func exponential(_ x: Double) -> Double { exp(x) }
    static func logarithm(_ x: Double) -> Double { log(x) }
    static func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }
    static func errorFunction(_ x: Double) -> Double { erf(x) }
}

extension Number where Self: BinaryFloatingPoint {
    @inline(__always) static func sum(_ a: Self, _ b: Self) -> Self { a + b }
    @inline(__always) static func difference(_ a: Self, _ b: Self) -> Self { a - b }
    @inline(__always) static func product(_ a: Self, _ b: Self) -> Self { a * b }
    @inline(__always) static func quotient(_ a: Self, _ b: Self) -> Self { a / b }
    static func remainder(_ a: Self, _ b: Self) -> Self { a.truncatingRemainder(dividingBy: b) }
    @inline(__always) static func larger(_ a: Self, _ b: Self) -> Self { a > b || a.isNaN ? a : b }
    @inline(__always) static func smaller(_ a: Self, _ b: Self) -> Self { a < b || a.isNaN ? a : b }
    static var zero: Self { 0 }
    static var isFloat: Bool { true }
}

extension Number where Self: FixedWidthInteger {
    static func sum(_ a: Self, _ b: Self) -> Self { a &+ b }
    static func difference(_ a: Self, _ b: Self) -> Self { a &- b }
    static func product(_ a: Self, _ b: Self) -> Self { a &* b }
    static func quotient(_ a: Self, _ b: Self) -> Self {
        b == 0 ? 0 : a.dividedReportingOverflow(by: b).partialValue
    }
    static func remainder(_ a: Self, _ b: Self) -> Self {
        b == 0 ? 0 : a.remainderReportingOverflow(dividingBy: b).partialValue
    }
    static func power(_ a: Self, _ b: Self) -> Self {
        if b < 0 { return Self(converting: pow(a.double, b.double)) }
        var (result, factor, exponent): (Self, Self, Self) = (1, a, b)
        while exponent > 0 {
            if exponent & 1 == 1 { result = result &* factor }
            factor = factor &* factor
            exponent >>= 1
        }
        return result
    }
    static func larger(_ a: Self, _ b: Self) -> Self { a > b ? a : b }
    static func smaller(_ a: Self, _ b: Self) -> Self { a < b ? a : b }
    static var zero: Self { 0 }
    static var isFloat: Bool { false }
}

extension Int64: Number {}
extension UInt64: Number {}

extension ElementType {
    /// The type that arithmetic on this one is done in; nil for strings.
    var widened: ElementType? {
        switch self {
        case .float32, .float16, .bfloat16: .float32
        case .float64: .float64
        case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .bool: .int64
        case .uint64: .uint64
        case .string: nil
        }
    }

    /// The real type that functions of this one are computed in; nil unless it is a floating type.
    var widenedReal: ElementType? { isFloatingPoint ? widened : nil }
}

extension ElementType {
    /// The ends of an integer type whose values all fit an `Int64`, false and true as 0 and 1.
    var integerRange: ClosedRange<Int64>? {
        switch self {
        case .int8: Int64(Int8.min)...Int64(Int8.max)
        case .uint8: 0...Int64(UInt8.max)
        case .int16: Int64(Int16.min)...Int64(Int16.max)
        case .uint16: 0...Int64(UInt16.max)
        case .int32: Int64(Int32.min)...Int64(Int32.max)
        case .uint32: 0...Int64(UInt32.max)
        case .int64: .min ... .max
        case .bool: 0...1
        case .float32, .float64, .float16, .bfloat16, .uint64, .string: nil
        }
    }
}
