import Tensors

extension Invocation {
    /// `MatMul` (opset 1 to 13): numpy's matrix product with broadcast batch axes.
    func matMul() throws(KernelError) -> [Tensor] {
        let (a, b) = (try input(0), try input(1))
        guard a.elementType == b.elementType else {
            throw .invalid("types \(a.elementType) and \(b.elementType) differ")
        }
        return [try matMul(a, b)]
    }

    /// The product of `a` and `b`, of one type.
    func matMul(_ a: Tensor, _ b: Tensor) throws(KernelError) -> Tensor {
        guard a.shape.rank > 0, b.shape.rank > 0, let wide = a.elementType.widened, a.elementType != .bool
        else {
            throw .invalid("cannot multiply \(a.elementType) \(a.shape) by \(b.shape)")
        }
        let x = try cast(a.shape.rank == 1 ? try a.shaped([1, a.count]) : a, to: wide)
        let y = try cast(b.shape.rank == 1 ? try b.shaped([b.count, 1]) : b, to: wide)
        let product = try BatchedProduct(x.shape, y.shape)
        let result = try make(wide, product.outputDims)
        try charge(product, times: product.batches.count)
        if result.count > 0 {
            switch wide {
            case .float32: multiply(product, x, y, result, as: Float.self)
            case .float64: multiply(product, x, y, result, as: Double.self)
            case .uint64: multiplyNumbers(product, x, y, result, as: UInt64.self)
            default: multiplyNumbers(product, x, y, result, as: Int64.self)
            }
        }
        var dims = product.outputDims
        if a.shape.rank == 1 { dims.remove(at: dims.count - 2) }
        if b.shape.rank == 1 { dims.removeLast() }
        return try cast(try result.shaped(dims), to: a.elementType)
    }

    private func charge(_ product: BatchedProduct, times: Int) throws(KernelError) {
        let work = saturatingMultiply(saturatingMultiply(product.m, product.n), product.k)
        try workspace.charge(saturatingMultiply(work, times) / 8)
    }

    /// `Gemm` (opset 1 to 13): `alpha * A' * B' + beta * C`.
    func gemm() throws(KernelError) -> [Tensor] {
        let (a, b) = (try input(0), try input(1))
        guard a.shape.rank == 2, b.shape.rank == 2, a.elementType == b.elementType else {
            throw .invalid("cannot multiply \(a.shape) by \(b.shape)")
        }
        let x = try attributes.flag("transA") ? try transpose(a, [1, 0]) : a
        guard let wide = a.elementType.widened else { throw .unsupported("type \(a.elementType)") }
        let transposesB = try attributes.flag("transB")
        let wx = try cast(x, to: wide)
        let wy = try cast(b, to: wide)
        var product: Tensor
        if wide == .float32, wx.count > 0, wy.count > 0 {
            product = try gemmFloat(wx, wy, transposesB: transposesB)
        } else {
            product = try matMul(wx, transposesB ? try transpose(wy, [1, 0]) : wy)
        }
        let alpha = try attributes.float("alpha", default: 1)
        if alpha != 1 { product = try scale(product, by: alpha) }
        if let c = optional(2) {
            let beta = try attributes.float("beta", default: 1)
            let wc = try cast(c, to: wide)
            let addend = beta == 1 ? wc : try scale(wc, by: beta)
            let sum = try combine(Addition(), product, addend)
            guard sum.shape == product.shape else {
                throw .invalid("C \(c.shape) does not fit \(product.shape)")
            }
            product = sum
        }
        return [try cast(product, to: a.elementType)]
    }

    private func gemmFloat(_ a: Tensor, _ b: Tensor, transposesB: Bool) throws(KernelError) -> Tensor {
        let (m, k) = (a.shape[0], a.shape[1])
        let n = b.shape[transposesB ? 0 : 1]
        guard b.shape[transposesB ? 1 : 0] == k else {
            throw .invalid("cannot multiply \(a.shape) by \(b.shape)")
        }
        let shape = MatrixShape(m: m, n: n, k: k, transposesB: transposesB)
        try charge(shape)
        let result = try make(.float32, [m, n])
        let (x, y) = (a.elements(as: Float.self), b.elements(as: Float.self))
        Float.multiply(shape, x.pointer, y.pointer, result.mutableElements(as: Float.self).pointer)
        return result
    }

    /// `tensor * factor`.
    func scale(_ tensor: Tensor, by factor: Float) throws(KernelError) -> Tensor {
        let values = tensor.doubles().map { $0 * Double(factor) }
        return try cast(try make(tensor.shape.dims, values), to: tensor.elementType)
    }
}

/// Which matrices a broadcast product multiplies.
struct BatchedProduct {
    let m: Int
    let n: Int
    let k: Int
    let outputDims: [Int]
    /// For each result matrix, the number of its left and right matrix.
    let batches: [(left: Int, right: Int)]

    init(_ a: Shape, _ b: Shape) throws(KernelError) {
        (m, k, n) = (a[a.rank - 2], a[a.rank - 1], b[b.rank - 1])
        guard b[b.rank - 2] == k else { throw .invalid("cannot multiply \(a) by \(b)") }
        let (left, right) = (Shape(Array(a.dims.dropLast(2))), Shape(Array(b.dims.dropLast(2))))
        let dims = try broadcastDims([left, right])
        outputDims = dims + [m, n]
        guard saturatingProduct(dims) <= 1 << 24 else { throw .tooLarge("\(dims) matrix products") }
        let rows = PairRows(
            dims: dims, first: broadcastStrides(left, to: dims), second: broadcastStrides(right, to: dims))
        var batches: [(left: Int, right: Int)] = []
        rows.forEach { startX, startY in
            for step in 0..<rows.length {
                batches.append((startX + step * rows.stepX, startY + step * rows.stepY))
            }
        }
        self.batches = batches
    }
}

private func multiply<Value: MatrixElement>(
    _ product: BatchedProduct, _ a: Tensor, _ b: Tensor, _ c: Tensor, as type: Value.Type
) {
    let (x, y) = (a.elements(as: Value.self), b.elements(as: Value.self))
    let z = c.mutableElements(as: Value.self)
    var shape = MatrixShape(m: product.m, n: product.n, k: product.k)
    guard shape.fits else { return multiplyNumbers(product, a, b, c, as: type) }
    let sharesRight = product.batches.enumerated().allSatisfy { $0.element == (left: $0.offset, right: 0) }
    if sharesRight,
        product.m.multipliedReportingOverflow(by: product.batches.count).partialValue <= Int(Int32.max)
    {
        shape.m *= product.batches.count
        return Value.multiply(shape, x.pointer, y.pointer, z.pointer)
    }
    for (number, pair) in product.batches.enumerated() {
        // SAFETY: the numbers are those of whole matrices inside tensors of these shapes.
        Value.multiply(
            shape, x.pointer + pair.left * product.m * product.k,
            y.pointer + pair.right * product.k * product.n,
            z.pointer + number * product.m * product.n)
    }
}

private func multiplyNumbers<Value: Number>(
    _ product: BatchedProduct, _ a: Tensor, _ b: Tensor, _ c: Tensor, as type: Value.Type
) {
    let (x, y) = (a.elements(as: Value.self), b.elements(as: Value.self))
    let z = c.mutableElements(as: Value.self)
    for (number, pair) in product.batches.enumerated() {
        for row in 0..<product.m {
            for column in 0..<product.n {
                var sum = Value.zero
                for inner in 0..<product.k {
                    let left = x[(pair.left * product.m + row) * product.k + inner]
                    let right = y[(pair.right * product.k + inner) * product.n + column]
                    sum = Value.sum(sum, Value.product(left, right))
                }
                z[(number * product.m + row) * product.n + column] = sum
            }
        }
    }
}
