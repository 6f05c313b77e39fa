import Tensors

/// Which of the softmax family.
enum SoftmaxForm { case plain, logarithm, hard }

extension Invocation {
    /// `Softmax`, `LogSoftmax` and `Hardmax`: along one axis from opset 13, over all axes from `axis` on
    /// before.
    func softmax(_ form: SoftmaxForm) throws(KernelError) -> [Tensor] {
        let x = try input(0)
        guard let wide = x.elementType.widenedReal else { throw .unsupported("type \(x.elementType)") }
        let flattens = opset < 13
        let axis = try normalize(
            axis: try attributes.integer("axis", default: flattens ? 1 : -1), rank: x.shape.rank,
            inclusive: flattens)
        var source = try cast(x, to: wide)
        let last = x.shape.rank - 1
        var order = Array(x.shape.dims.indices)
        if !flattens, axis != last {
            order.swapAt(axis, last)
            source = try transpose(source, order)
        }
        let row = flattens ? saturatingProduct(x.shape.dims[axis...]) : x.shape[axis]
        var result = try make(wide, source.shape.dims)
        try workspace.charge(saturatingMultiply(source.count, 10))
        if x.elementType != wide, form == .plain {
            // Each step is rounded to the half type, as the operator's definition by others has it.
            result = try make(source.shape.dims, halfSoftmax(source.floats(), row: row, type: x.elementType))
        } else if wide == .float64 {
            softmaxRows(source, result, row: row, form, as: Double.self)
        } else {
            softmaxRows(source, result, row: row, form, as: Float.self)
        }
        if !flattens, axis != last { result = try transpose(result, order) }
        return [try cast(result, to: x.elementType)]
    }
}

/// The softmax of each row, every intermediate result rounded to `type` (float16 or bfloat16).
private func halfSoftmax(_ x: [Float], row: Int, type: ElementType) -> [Float] {
    func rounded(_ value: Float) -> Float { type == .float16 ? Float(Float16(value)) : BFloat16(value).float }
    var results = x
    for start in stride(from: 0, to: row > 0 ? x.count : 0, by: max(row, 1)) {
        let range = start..<(start + row)
        let peak = x[range].reduce(-.infinity) { Float.larger($0, $1) }
        for index in range { results[index] = rounded(Float.exponential(rounded(x[index] - peak))) }
        let sum = rounded(results[range].reduce(0, +))
        for index in range { results[index] = rounded(results[index] / sum) }
    }
    return results
}

/// The row maximum is subtracted first, so a logit of 1000 gives 1, not `inf / inf`.
private func softmaxRows<Value: Real>(
    _ x: Tensor, _ y: Tensor, row: Int, _ form: SoftmaxForm, as type: Value.Type
) {
    let (source, target) = (x.elements(as: Value.self), y.mutableElements(as: Value.self))
    guard row > 0 else { return }
    for start in stride(from: 0, to: source.count, by: row) {
        var top = start
        for index in start..<(start + row) where source[index] > source[top] { top = index }
        if form == .hard {
            for index in start..<(start + row) { target[index] = index == top ? 1 : 0 }
            continue
        }
        let peak = source[top]
        var sum: Value = 0
        for index in start..<(start + row) {
            let grown = Value.exponential(source[index] - peak)
            target[index] = grown
            sum += grown
        }
        if form == .plain {
            for index in start..<(start + row) { target[index] /= sum }
        } else {
            let logSum = Value.logarithm(sum)
            for index in start..<(start + row) { target[index] = source[index] - peak - logSum }
        }
    }
}
