import Glibc
import Tensors

/// How the elements of a row become one: `finish(elements.reduce(start, step), count)`.
private struct RealReduction {
    let start: Double
    let step: @Sendable (Double, Double) -> Double
    var finish: @Sendable (Double, Int) -> Double = { sum, _ in sum }
}

/// The same over integers.
private struct IntegerReduction {
    let start: Int64
    let step: @Sendable (Int64, Int64) -> Int64
    var finish: @Sendable (Int64, Int) -> Int64 = { sum, _ in sum }
    /// Whether the result is an element, so that of no elements it is an end of the element's own type.
    var isExtreme = false
}

/// A tensor with the axes to be reduced moved to the back.
struct ReducedRows {
    /// The tensor, rows of `length` neighbours.
    let tensor: Tensor
    /// Elements that become one.
    let length: Int
    /// Shape of the result.
    let dims: [Int]
    /// Number of rows.
    var count: Int { saturatingProduct(dims) }

    /// Moves `axes` of `tensor` to the back; they stay in the result as 1 where `keepsAxes`.
    init(_ call: Invocation, _ tensor: Tensor, axes: [Int], keepsAxes: Bool) throws(KernelError) {
        let rank = tensor.shape.rank
        let axes = try normalize(axes: axes, rank: rank)
        let kept = (0..<rank).filter { !axes.contains($0) }
        self.tensor = try call.transpose(tensor, kept + axes)
        length = saturatingProduct(axes.map { tensor.shape.dims[$0] })
        dims =
            keepsAxes
            ? (0..<rank).map { axes.contains($0) ? 1 : tensor.shape.dims[$0] }
            : kept.map { tensor.shape.dims[$0] }
        try call.workspace.reserve(saturatingProduct(dims))
    }
}

extension Invocation {
    /// The reduction's axes: input 1 or attribute `axes`, all of them by default.
    private func reducedAxes(_ x: Tensor) throws(KernelError) -> [Int]? {
        let named = try integers(1, orAttribute: "axes") ?? []
        if named.isEmpty {
            return try attributes.flag("noop_with_empty_axes") ? nil : Array(x.shape.dims.indices)
        }
        return named
    }

    /// A `Reduce...` operator (opset 1 to 20).
    fileprivate func reduce(_ real: RealReduction, _ integer: IntegerReduction?) throws(KernelError)
        -> [Tensor]
    {
        let x = try input(0)
        // Without axes each element is a row of its own.
        let axes = try reducedAxes(x) ?? []
        let rows = try ReducedRows(
            self, x, axes: axes, keepsAxes: try attributes.flag("keepdims", default: true))
        if x.elementType.isFloatingPoint {
            let values = rows.tensor.doubles()
            var results = [Double](repeating: 0, count: rows.count)
            for row in results.indices {
                var sum = real.start
                for value in values[(row * rows.length)..<((row + 1) * rows.length)] {
                    sum = real.step(sum, value)
                }
                results[row] = real.finish(sum, rows.length)
            }
            return [try cast(try make(rows.dims, results), to: x.elementType)]
        }
        guard let integer, x.elementType.widened == .int64 else {
            throw .unsupported("type \(x.elementType)")
        }
        let values = rows.tensor.converted(to: Int64.self)
        var results = [Int64](repeating: 0, count: rows.count)
        for row in results.indices {
            var sum = integer.start
            for value in values[(row * rows.length)..<((row + 1) * rows.length)] {
                sum = integer.step(sum, value)
            }
            results[row] = integer.finish(sum, rows.length)
        }
        if integer.isExtreme, rows.length == 0, let range = x.elementType.integerRange {
            results = results.map { min(max($0, range.lowerBound), range.upperBound) }
        }
        return [try cast(try make(rows.dims, results), to: x.elementType)]
    }

    /// `ReduceLogSumExp`, the row maximum taken out first.
    fileprivate func reduceLogSumExp() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        guard x.elementType.isFloatingPoint else { throw .unsupported("type \(x.elementType)") }
        let rows = try ReducedRows(
            self, x, axes: try reducedAxes(x) ?? [], keepsAxes: try attributes.flag("keepdims", default: true)
        )
        let values = rows.tensor.doubles()
        let results = (0..<rows.count).map { row in
            let part = values[(row * rows.length)..<((row + 1) * rows.length)]
            let peak = part.max() ?? -.infinity
            guard peak.isFinite else { return peak }
            return peak + log(part.reduce(0) { $0 + exp($1 - peak) })
        }
        return [try cast(try make(rows.dims, results), to: x.elementType)]
    }

    /// `ArgMax` and `ArgMin` (opset 1 to 13).
    func argument(isLargest: Bool) throws(KernelError) -> [Tensor] {
        let x = try input(0)
        guard x.elementType != .string, x.elementType != .uint64 else {
            throw .unsupported("type \(x.elementType)")
        }
        let axis = try normalize(axis: try attributes.integer("axis", default: 0), rank: x.shape.rank)
        let rows = try ReducedRows(
            self, x, axes: [axis], keepsAxes: try attributes.flag("keepdims", default: true))
        guard rows.length > 0 else { throw .invalid("no element along axis \(axis) of \(x.shape)") }
        let takesLast = try attributes.flag("select_last_index")
        func places<Value: Comparable>(_ values: [Value]) -> [Int64] {
            (0..<rows.count).map { row in
                var best = row * rows.length
                for index in (best + 1)..<max(best + 1, (row + 1) * rows.length) {
                    let isBetter = isLargest ? values[index] > values[best] : values[index] < values[best]
                    if isBetter || (takesLast && values[index] == values[best]) { best = index }
                }
                return Int64(best - row * rows.length)
            }
        }
        let isReal = x.elementType.isFloatingPoint
        return [
            try make(
                rows.dims,
                isReal ? places(rows.tensor.doubles()) : places(rows.tensor.converted(to: Int64.self)))
        ]
    }

    /// `CumSum` (opset 11 to 14) and `CumProd` (opset 26): `function` of all elements so far, from `start`.
    func cumulate(_ function: some NumberPairFunction, from start: Int64) throws(KernelError) -> [Tensor] {
        let x = try input(0)
        guard let wanted = try integers(1)?.first else { throw .invalid("no axis") }
        let axis = try normalize(axis: wanted, rank: x.shape.rank)
        let (isExclusive, isReversed) = (try attributes.flag("exclusive"), try attributes.flag("reverse"))
        let (length, inner) = (x.shape.dims[axis], saturatingProduct(x.shape.dims[(axis + 1)...]))
        func sums<Value: Number>(_ values: [Value]) -> [Value] {
            var results = values
            for line in 0..<(length > 0 && inner > 0 ? values.count / length : 0) {
                let origin = line / inner * length * inner + line % inner
                var sum = Value(wrapping: start)
                for step in 0..<length {
                    let place = origin + (isReversed ? length - 1 - step : step) * inner
                    if isExclusive { results[place] = sum }
                    sum = function.apply(sum, values[place])
                    if !isExclusive { results[place] = sum }
                }
            }
            return results
        }
        switch x.elementType.widened {
        case .float32?, .float64?:
            return [try cast(try make(x.shape.dims, sums(x.doubles())), to: x.elementType)]
        case nil: throw .unsupported("type \(x.elementType)")
        default:
            return [try cast(try make(x.shape.dims, sums(x.converted(to: Int64.self))), to: x.elementType)]
        }
    }
}

private func reduction(_ real: RealReduction, _ integer: IntegerReduction? = nil) -> OperatorFunction {
    { call throws(KernelError) in try call.reduce(real, integer) }
}

/// The square root of a non-negative sum, as an integer.
private func integerRoot(_ sum: Int64) -> Int64 { Double(sum).squareRoot().integer }

/// ONNX's reductions.
let reductionOperators: [String: OperatorFunction] = [
    "ReduceSum": reduction(.init(start: 0) { $0 + $1 }, .init(start: 0) { $0 &+ $1 }),
    "ReduceMean": reduction(
        .init(start: 0, step: { $0 + $1 }, finish: { $0 / Double($1) }),
        .init(start: 0, step: { $0 &+ $1 }, finish: { $1 == 0 ? 0 : $0 / Int64($1) })),
    "ReduceProd": reduction(.init(start: 1) { $0 * $1 }, .init(start: 1) { $0 &* $1 }),
    "ReduceMax": reduction(
        .init(start: -.infinity) { Double.larger($0, $1) },
        .init(start: .min, step: { Int64.larger($0, $1) }, isExtreme: true)),
    "ReduceMin": reduction(
        .init(start: .infinity) { Double.smaller($0, $1) },
        .init(start: .max, step: { Int64.smaller($0, $1) }, isExtreme: true)),
    "ReduceL1": reduction(
        .init(start: 0) { $0 + abs($1) }, .init(start: 0) { $0 &+ ($1 < 0 ? 0 &- $1 : $1) }),
    "ReduceL2": reduction(
        .init(start: 0, step: { $0 + $1 * $1 }, finish: { sum, _ in sum.squareRoot() }),
        .init(start: 0, step: { $0 &+ $1 &* $1 }, finish: { sum, _ in integerRoot(sum) })),
    "ReduceSumSquare": reduction(.init(start: 0) { $0 + $1 * $1 }, .init(start: 0) { $0 &+ $1 &* $1 }),
    "ReduceLogSum": reduction(.init(start: 0, step: { $0 + $1 }, finish: { sum, _ in log(sum) })),
    "ReduceLogSumExp": { call throws(KernelError) in try call.reduceLogSumExp() },
    "ArgMax": { call throws(KernelError) in try call.argument(isLargest: true) },
    "ArgMin": { call throws(KernelError) in try call.argument(isLargest: false) },
    "CumSum": { call throws(KernelError) in try call.cumulate(Addition(), from: 0) },
    "CumProd": { call throws(KernelError) in try call.cumulate(Multiplication(), from: 1) },
]
