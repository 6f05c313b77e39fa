import Tensors

/// A view over a tensor's elements: output element `i` is at `start + sum(i[axis] * strides[axis])` of the
/// input. Transposes, slices, broadcasts and tiles are all such views.
struct StridedView {
    /// Size of each output axis.
    var dims: [Int]
    /// Input elements between neighbours of each output axis; may be negative or 0.
    var strides: [Int]
    /// Input element of output element 0.
    var start = 0

    /// The same view with unit axes dropped and axes merged wherever the inner one continues the outer.
    var merged: StridedView {
        var result = StridedView(dims: [], strides: [], start: start)
        for (dim, stride) in zip(dims, strides) where dim != 1 {
            if let last = result.dims.indices.last, result.strides[last] == stride &* dim {
                result.dims[last] *= dim
                result.strides[last] = stride
            } else {
                result.dims.append(dim)
                result.strides.append(stride)
            }
        }
        return result
    }
}

extension Invocation {
    /// A new contiguous tensor holding `view` of `tensor`.
    /// - Throws: `KernelError.invalid` if the view leaves the tensor.
    func copy(_ view: StridedView, of tensor: Tensor) throws(KernelError) -> Tensor {
        let count = saturatingProduct(view.dims)
        if count > 0 {
            var (low, high) = (view.start, view.start)
            for (dim, stride) in zip(view.dims, view.strides) {
                let reach = saturatingMultiply(dim - 1, stride)
                if reach < 0 { low = saturatingAdd(low, reach) } else { high = saturatingAdd(high, reach) }
            }
            guard low >= 0, high < tensor.count else { throw .invalid("a view leaves its tensor") }
        }
        if tensor.elementType == .string { return try copyStrings(view, of: tensor) }
        let result = try make(tensor.elementType, view.dims)
        guard count > 0 else { return result }
        switch tensor.elementType.byteCount {
        case 1: copyElements(view.merged, of: tensor, to: result, as: UInt8.self)
        case 2: copyElements(view.merged, of: tensor, to: result, as: UInt16.self)
        case 4: copyElements(view.merged, of: tensor, to: result, as: UInt32.self)
        default: copyElements(view.merged, of: tensor, to: result, as: UInt64.self)
        }
        return result
    }

    private func copyStrings(_ view: StridedView, of tensor: Tensor) throws(KernelError) -> Tensor {
        try workspace.reserve(saturatingProduct(view.dims))
        let source = tensor.strings
        var strings: [String] = []
        strings.reserveCapacity(saturatingProduct(view.dims))
        forEachRow(view) { start, length, stride in
            for step in 0..<length { strings.append(source[start + step * stride]) }
        }
        return try self.strings(view.dims, strings)
    }
}

private func copyElements<Value: TensorElement>(
    _ view: StridedView, of tensor: Tensor, to result: Tensor, as type: Value.Type
) {
    let source = tensor.elements(as: type)
    let target = result.mutableElements(as: type)
    var offset = 0
    forEachRow(view) { start, length, stride in
        if stride == 1 {
            target.copy(source, from: start, count: length, to: offset)
        } else {
            for step in 0..<length { target[offset + step] = source[start + step * stride] }
        }
        offset += length
    }
}

/// Calls `body(start, length, stride)` for each innermost row of `view`, in output order.
@inline(__always)
func forEachRow(_ view: StridedView, _ body: (_ start: Int, _ length: Int, _ stride: Int) -> Void) {
    guard saturatingProduct(view.dims) > 0 else { return }
    let inner = view.dims.count - 1
    guard inner >= 0 else { return body(view.start, 1, 1) }
    var index = [Int](repeating: 0, count: inner)
    var start = view.start
    while true {
        body(start, view.dims[inner], view.strides[inner])
        var axis = inner - 1
        while axis >= 0 {
            index[axis] += 1
            start += view.strides[axis]
            if index[axis] < view.dims[axis] { break }
            start -= index[axis] * view.strides[axis]
            index[axis] = 0
            axis -= 1
        }
        if axis < 0 { return }
    }
}

extension Invocation {
    /// `tensor` with its axes in the order `permutation`.
    func transpose(_ tensor: Tensor, _ permutation: [Int]) throws(KernelError) -> Tensor {
        let dims = permutation.map { tensor.shape.dims[$0] }
        // A permutation that only moves unit axes keeps the memory as it is.
        let moving = permutation.filter { tensor.shape.dims[$0] != 1 }
        if moving == moving.sorted() { return try tensor.shaped(dims) }
        let strides = tensor.shape.strides
        return try copy(StridedView(dims: dims, strides: permutation.map { strides[$0] }), of: tensor)
    }

    /// `tensor` repeated along its unit (or missing leading) axes to `dims`.
    func expand(_ tensor: Tensor, to dims: [Int]) throws(KernelError) -> Tensor {
        if tensor.shape.dims == dims { return tensor }
        return try copy(
            StridedView(dims: dims, strides: broadcastStrides(tensor.shape, to: dims)), of: tensor)
    }
}

/// Strides that read a tensor of `shape` as if it had `dims` (numpy's broadcasting; the caller checked that
/// it may).
func broadcastStrides(_ shape: Shape, to dims: [Int]) -> [Int] {
    let lead = dims.count - shape.rank
    let strides = shape.strides
    return dims.indices.map { axis in
        axis < lead || shape.dims[axis - lead] == 1 ? 0 : strides[axis - lead]
    }
}

/// The shape that `shapes` broadcast to, by numpy's rules.
/// - Throws: `KernelError.invalid` when two sizes differ and neither is 1.
func broadcastDims(_ shapes: [Shape]) throws(KernelError) -> [Int] {
    let rank = shapes.map(\.rank).max() ?? 0
    var dims = [Int](repeating: 1, count: rank)
    for shape in shapes {
        let lead = rank - shape.rank
        for (axis, size) in shape.dims.enumerated() where size != 1 {
            guard dims[lead + axis] == 1 || dims[lead + axis] == size else {
                throw .invalid(
                    "shapes \(shapes.map(\.description).joined(separator: " and ")) do not broadcast")
            }
            dims[lead + axis] = size
        }
    }
    return dims
}
