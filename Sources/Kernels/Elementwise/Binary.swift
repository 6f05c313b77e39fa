import Tensors

/// A function of two numbers of one type.
protocol NumberPairFunction: Sendable {
    func apply<Value: Number>(_ a: Value, _ b: Value) -> Value
}

/// A condition on two numbers of one type.
protocol NumberPairTest: Sendable {
    func apply<Value: Number>(_ a: Value, _ b: Value) -> Bool
}

extension Invocation {
    /// `function` of inputs 0 and 1, broadcast, in the type of input 0.
    func combine(_ function: some NumberPairFunction) throws(KernelError) -> [Tensor] {
        let (a, b) = try broadcastPair()
        return [try combine(function, a, b)]
    }

    /// `function` of `a` and `b`, broadcast.
    func combine(_ function: some NumberPairFunction, _ a: Tensor, _ b: Tensor) throws(KernelError) -> Tensor
    {
        guard a.elementType == b.elementType else {
            throw .invalid("types \(a.elementType) and \(b.elementType) differ")
        }
        guard let wide = a.elementType.widened, a.elementType != .bool else {
            throw .unsupported("type \(a.elementType)")
        }
        let (x, y) = (try cast(a, to: wide), try cast(b, to: wide))
        let result = try make(wide, try broadcastDims([a.shape, b.shape]))
        switch wide {
        case .float32: zipElements(x, y, result, as: Float.self) { function.apply($0, $1) }
        case .float64: zipElements(x, y, result, as: Double.self) { function.apply($0, $1) }
        case .uint64: zipElements(x, y, result, as: UInt64.self) { function.apply($0, $1) }
        default: zipElements(x, y, result, as: Int64.self) { function.apply($0, $1) }
        }
        return try cast(result, to: a.elementType)
    }

    /// Whether `condition` holds between inputs 0 and 1, broadcast.
    func compare(_ condition: some NumberPairTest) throws(KernelError) -> [Tensor] {
        let (a, b) = try broadcastPair()
        guard a.elementType == b.elementType else {
            throw .invalid("types \(a.elementType) and \(b.elementType) differ")
        }
        guard let wide = a.elementType.widened else { throw .unsupported("type \(a.elementType)") }
        let (x, y) = (try cast(a, to: wide), try cast(b, to: wide))
        let result = try make(.bool, try broadcastDims([a.shape, b.shape]))
        switch wide {
        case .float32: zipElements(x, y, result, as: Float.self) { BoolByte(condition.apply($0, $1)) }
        case .float64: zipElements(x, y, result, as: Double.self) { BoolByte(condition.apply($0, $1)) }
        case .uint64: zipElements(x, y, result, as: UInt64.self) { BoolByte(condition.apply($0, $1)) }
        default: zipElements(x, y, result, as: Int64.self) { BoolByte(condition.apply($0, $1)) }
        }
        return [result]
    }

    /// `function` of the Boolean inputs 0 and 1, broadcast.
    func combineBooleans(_ function: (Bool, Bool) -> Bool) throws(KernelError) -> [Tensor] {
        let (a, b) = try broadcastPair()
        guard a.elementType == .bool, b.elementType == .bool else {
            throw .unsupported("types \(a.elementType) and \(b.elementType)")
        }
        let result = try make(.bool, try broadcastDims([a.shape, b.shape]))
        zipElements(a, b, result, as: BoolByte.self) { BoolByte(function($0.isTrue, $1.isTrue)) }
        return [result]
    }

    /// Inputs 0 and 1. Up to opset 6 the second broadcasts only when asked, its first axis laid on `axis`.
    func broadcastPair() throws(KernelError) -> (Tensor, Tensor) {
        let (a, b) = (try input(0), try input(1))
        guard opset < 7, try attributes.flag("broadcast"), b.shape.rank > 0,
            let axis = try attributes.integer("axis")
        else { return (a, b) }
        let first = try normalize(axis: axis, rank: a.shape.rank)
        let trailing = a.shape.rank - first - b.shape.rank
        guard trailing >= 0 else { throw .invalid("\(b.shape) does not fit \(a.shape) at axis \(axis)") }
        return (a, try b.shaped(b.shape.dims + [Int](repeating: 1, count: trailing)))
    }
}

/// `function` of each pair of elements of `a` and `b`, broadcast to `result`.
@inline(__always)
func zipElements<Value: TensorElement, Result: TensorElement>(
    _ a: Tensor, _ b: Tensor, _ result: Tensor, as type: Value.Type, _ function: (Value, Value) -> Result
) {
    guard result.count > 0 else { return }
    let (x, y) = (a.elements(as: Value.self), b.elements(as: Value.self))
    let to = result.mutableElements(as: Result.self)
    if a.shape == b.shape {
        for index in 0..<to.count { to[index] = function(x[index], y[index]) }
        return
    }
    let dims = result.shape.dims
    let rows = PairRows(
        dims: dims, first: broadcastStrides(a.shape, to: dims), second: broadcastStrides(b.shape, to: dims))
    var offset = 0
    rows.forEach { startX, startY in
        for step in 0..<rows.length {
            to[offset + step] = function(x[startX + step * rows.stepX], y[startY + step * rows.stepY])
        }
        offset += rows.length
    }
}

/// The innermost rows of two broadcast operands, axes merged where both allow it.
struct PairRows {
    private var dims: [Int] = []
    private var first: [Int] = []
    private var second: [Int] = []

    /// Elements of a row.
    private(set) var length = 1
    /// Steps of the two operands along a row.
    private(set) var stepX = 0
    private(set) var stepY = 0

    init(dims: [Int], first: [Int], second: [Int]) {
        guard saturatingProduct(dims) > 0 else {
            length = 0
            return
        }
        for axis in dims.indices where dims[axis] != 1 {
            if let last = self.dims.indices.last, self.first[last] == first[axis] &* dims[axis],
                self.second[last] == second[axis] &* dims[axis]
            {
                self.dims[last] *= dims[axis]
                (self.first[last], self.second[last]) = (first[axis], second[axis])
            } else {
                self.dims.append(dims[axis])
                self.first.append(first[axis])
                self.second.append(second[axis])
            }
        }
        guard let inner = self.dims.popLast() else { return }
        length = inner
        stepX = self.first.removeLast()
        stepY = self.second.removeLast()
    }

    /// Calls `body` with where each row starts in the two operands, in output order.
    @inline(__always)
    func forEach(_ body: (_ startX: Int, _ startY: Int) -> Void) {
        guard length > 0, !dims.contains(where: { $0 <= 0 }) else { return }
        var index = [Int](repeating: 0, count: dims.count)
        var (startX, startY) = (0, 0)
        while true {
            body(startX, startY)
            var axis = dims.count - 1
            while axis >= 0 {
                index[axis] += 1
                startX += first[axis]
                startY += second[axis]
                if index[axis] < dims[axis] { break }
                startX -= index[axis] * first[axis]
                startY -= index[axis] * second[axis]
                index[axis] = 0
                axis -= 1
            }
            if axis < 0 { return }
        }
    }
}
