import Tensors

struct Addition: NumberPairFunction {
    @inline(__always) func apply<Value: Number>(_ a: Value, _ b: Value) -> Value { Value.sum(a, b) }
}
struct Subtraction: NumberPairFunction {
    @inline(__always) func apply<Value: Number>(_ a: Value, _ b: Value) -> Value { Value.difference(a, b) }
}
struct Multiplication: NumberPairFunction {
    @inline(__always) func apply<Value: Number>(_ a: Value, _ b: Value) -> Value { Value.product(a, b) }
}
struct Division: NumberPairFunction {
    @inline(__always) func apply<Value: Number>(_ a: Value, _ b: Value) -> Value { Value.quotient(a, b) }
}
private struct Maximum: NumberPairFunction {
    @inline(__always) func apply<Value: Number>(_ a: Value, _ b: Value) -> Value { Value.larger(a, b) }
}
private struct Minimum: NumberPairFunction {
    @inline(__always) func apply<Value: Number>(_ a: Value, _ b: Value) -> Value { Value.smaller(a, b) }
}
private struct Power: NumberPairFunction {
    func apply<Value: Number>(_ a: Value, _ b: Value) -> Value { Value.power(a, b) }
}
private struct Remainder: NumberPairFunction {
    func apply<Value: Number>(_ a: Value, _ b: Value) -> Value { Value.remainder(a, b) }
}
/// The remainder with the sign of the divisor (Python's `%`), a zero's sign too.
private struct Modulus: NumberPairFunction {
    func apply<Value: Number>(_ a: Value, _ b: Value) -> Value {
        let rest = Value.remainder(a, b)
        if Value.isFloat, rest == Value.zero {
            return Value(converting: Double(signOf: b.double, magnitudeOf: 0))
        }
        let differs = rest != Value.zero && (rest < Value.zero) != (b < Value.zero)
        return differs ? Value.sum(rest, b) : rest
    }
}
private struct LeakySlope: NumberPairFunction {
    func apply<Value: Number>(_ x: Value, _ slope: Value) -> Value {
        x < Value.zero ? Value.product(x, slope) : x
    }
}

private struct Equality: NumberPairTest {
    func apply<Value: Number>(_ a: Value, _ b: Value) -> Bool { a == b }
}
private struct Less: NumberPairTest {
    func apply<Value: Number>(_ a: Value, _ b: Value) -> Bool { a < b }
}
private struct LessOrEqual: NumberPairTest {
    func apply<Value: Number>(_ a: Value, _ b: Value) -> Bool { a <= b }
}
private struct Greater: NumberPairTest {
    func apply<Value: Number>(_ a: Value, _ b: Value) -> Bool { a > b }
}
private struct GreaterOrEqual: NumberPairTest {
    func apply<Value: Number>(_ a: Value, _ b: Value) -> Bool { a >= b }
}

extension Invocation {
    /// `function` folded over all inputs from the left, broadcast (Max, Min, Sum).
    fileprivate func fold(_ function: some NumberPairFunction) throws(KernelError) -> Tensor {
        var result = try input(0)
        for index in inputs.indices.dropFirst() { result = try combine(function, result, try input(index)) }
        return result
    }

    fileprivate func mean() throws(KernelError) -> [Tensor] {
        let sum = try fold(Addition())
        guard sum.elementType.isFloatingPoint else { throw .unsupported("type \(sum.elementType)") }
        let count = try cast(try make([], [Double(inputs.count)]), to: sum.elementType)
        return [try combine(Division(), sum, count)]
    }

    /// `Pow`: the exponent may be of another type than the base.
    fileprivate func power() throws(KernelError) -> [Tensor] {
        let (base, exponent) = try broadcastPair()
        if base.elementType == exponent.elementType { return [try combine(Power(), base, exponent)] }
        guard base.elementType != .string, exponent.elementType != .string else {
            throw .unsupported("strings")
        }
        let wide: ElementType =
            base.elementType == .float32 && !exponent.elementType.isFloatingPoint ? .float32 : .float64
        let result = try combine(Power(), try cast(base, to: wide), try cast(exponent, to: wide))
        return [try cast(result, to: base.elementType)]
    }

    fileprivate func equal() throws(KernelError) -> [Tensor] {
        let (a, b) = try broadcastPair()
        guard a.elementType == .string, b.elementType == .string else { return try compare(Equality()) }
        let dims = try broadcastDims([a.shape, b.shape])
        let (x, y) = (try expand(a, to: dims).strings, try expand(b, to: dims).strings)
        try workspace.charge(x.reduce(0) { saturatingAdd($0, $1.utf8.count) })
        return [try make(dims, zip(x, y).map { BoolByte($0.utf8.elementsEqual($1.utf8)) })]
    }

    /// `PRelu`: up to opset 6 a slope of one axis belongs to axis 1.
    fileprivate func leakySlope() throws(KernelError) -> [Tensor] {
        let (x, slope) = (try input(0), try input(1))
        guard opset < 7, slope.shape.rank == 1, x.shape.rank > 1, slope.count != 1 else {
            return [try combine(LeakySlope(), x, slope)]
        }
        let trailing = [Int](repeating: 1, count: x.shape.rank - 2)
        return [try combine(LeakySlope(), x, try slope.shaped(slope.shape.dims + trailing))]
    }

    /// `Clip`: bounds are attributes up to opset 10, scalar inputs after.
    fileprivate func clip() throws(KernelError) -> [Tensor] {
        var result = try input(0)
        if opset < 11 {
            let low = try attributes.float("min", default: -.greatestFiniteMagnitude)
            let high = try attributes.float("max", default: .greatestFiniteMagnitude)
            return try map(Activation.clip(low: low, high: high))
        }
        for (index, isLow) in [(1, true), (2, false)] {
            guard let bound = optional(index) else { continue }
            guard bound.count == 1 else { throw .invalid("a bound of \(bound.count) elements") }
            let scalar = try bound.shaped([])
            result = isLow ? try combine(Maximum(), result, scalar) : try combine(Minimum(), result, scalar)
        }
        return [result]
    }

    /// `Where`: input 1 where input 0 is true, else input 2, broadcast.
    fileprivate func choose() throws(KernelError) -> [Tensor] {
        let (condition, a, b) = (try input(0), try input(1), try input(2))
        guard condition.elementType == .bool, a.elementType == b.elementType else {
            throw .invalid("types \(condition.elementType), \(a.elementType), \(b.elementType)")
        }
        let dims = try broadcastDims([condition.shape, a.shape, b.shape])
        let flags = try expand(condition, to: dims).elements(as: BoolByte.self).array
        let (x, y) = (try expand(a, to: dims), try expand(b, to: dims))
        // The chosen elements are those of the two tensors laid end to end.
        let both = try concatenate([try x.shaped([x.count]), try y.shaped([y.count])], axis: 0)
        let places = flags.enumerated().map { $0.element.isTrue ? $0.offset : $0.offset + flags.count }
        return [try pick(places, of: both, dims: dims)]
    }

    fileprivate func bitwise(_ function: (Int64, Int64) -> Int64) throws(KernelError) -> [Tensor] {
        let (a, b) = (try input(0), try input(1))
        guard a.elementType == b.elementType, !a.elementType.isFloatingPoint, a.elementType != .string else {
            throw .unsupported("types \(a.elementType) and \(b.elementType)")
        }
        // The bits of an uint64 survive the passage through int64.
        let result = try make(.int64, try broadcastDims([a.shape, b.shape]))
        zipElements(try cast(a, to: .int64), try cast(b, to: .int64), result, as: Int64.self, function)
        return [try cast(result, to: a.elementType)]
    }

    /// `BitShift` (opset 11 to 28): of signed integers the sign moves in from the left, and a shift by more
    /// bits than there are (or by a negative number) leaves nothing else.
    fileprivate func shift() throws(KernelError) -> [Tensor] {
        let left = try attributes.text("direction", default: "") == "LEFT"
        let isUnsigned: Bool =
            switch try input(0).elementType {
            case .uint8, .uint16, .uint32, .uint64, .bool: true
            case .int8, .int16, .int32, .int64, .float32, .float64, .float16, .bfloat16, .string: false
            }
        return try bitwise { value, amount in
            guard (0..<64).contains(amount) else { return !left && !isUnsigned && value < 0 ? -1 : 0 }
            if !left, !isUnsigned { return value >> amount }
            let bits = UInt64(bitPattern: value)
            return Int64(bitPattern: left ? bits << UInt64(amount) : bits >> UInt64(amount))
        }
    }
}

/// ONNX's arithmetic, comparison and logical operators.
let arithmeticOperators: [String: OperatorFunction] = [
    "Add": { call throws(KernelError) in try call.combine(Addition()) },
    "Sub": { call throws(KernelError) in try call.combine(Subtraction()) },
    "Mul": { call throws(KernelError) in try call.combine(Multiplication()) },
    "Div": { call throws(KernelError) in try call.combine(Division()) },
    "Pow": { call throws(KernelError) in try call.power() },
    "Mod": { call throws(KernelError) in
        if try call.attributes.flag("fmod") { return try call.combine(Remainder()) }
        return try call.combine(Modulus())
    },
    "Max": { call throws(KernelError) in [try call.fold(Maximum())] },
    "Min": { call throws(KernelError) in [try call.fold(Minimum())] },
    "Sum": { call throws(KernelError) in [try call.fold(Addition())] },
    "Mean": { call throws(KernelError) in try call.mean() },
    "PRelu": { call throws(KernelError) in try call.leakySlope() },
    "Clip": { call throws(KernelError) in try call.clip() },
    "Where": { call throws(KernelError) in try call.choose() },
    "Equal": { call throws(KernelError) in try call.equal() },
    "Less": { call throws(KernelError) in try call.compare(Less()) },
    "LessOrEqual": { call throws(KernelError) in try call.compare(LessOrEqual()) },
    "Greater": { call throws(KernelError) in try call.compare(Greater()) },
    "GreaterOrEqual": { call throws(KernelError) in try call.compare(GreaterOrEqual()) },
    "And": { call throws(KernelError) in try call.combineBooleans { $0 && $1 } },
    "Or": { call throws(KernelError) in try call.combineBooleans { $0 || $1 } },
    "Xor": { call throws(KernelError) in try call.combineBooleans { $0 != $1 } },
    "BitwiseAnd": { call throws(KernelError) in try call.bitwise { $0 & $1 } },
    "BitwiseOr": { call throws(KernelError) in try call.bitwise { $0 | $1 } },
    "BitwiseXor": { call throws(KernelError) in try call.bitwise { $0 ^ $1 } },
    "BitShift": { call throws(KernelError) in try call.shift() },
]
