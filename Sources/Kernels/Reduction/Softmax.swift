import Tensors

/// Which of the softmax family.
enum SoftmaxForm { case plain, logarithm, hard }

extension Invocation {
    /// `Softmax`, `LogSoftmax` and `Hardmax`: along one axis from opset 13, over all axes from `axis` on before.
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
        if wide == .float64 {
            softmaxRows(source, result, row: row, form, as: Double.self)
        } else {
            softmaxRows(source, result, row: row, form, as: Float.self)
        }
        if !flattens, axis != last { result = try transpose(result, order) }
        return [try cast(result, to: x.elementType)]
    }
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
