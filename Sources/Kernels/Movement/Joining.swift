import Tensors

extension Invocation {
    /// `tensors` laid one after another along `axis`; all other sizes must agree.
    func concatenate(_ tensors: [Tensor], axis: Int) throws(KernelError) -> Tensor {
        guard let first = tensors.first else { throw .invalid("nothing to join") }
        var dims = first.shape.dims
        let axis = try normalize(axis: axis, rank: dims.count)
        dims[axis] = 0
        for tensor in tensors {
            guard tensor.elementType == first.elementType, tensor.shape.rank == dims.count,
                dims.indices.allSatisfy({ $0 == axis || tensor.shape.dims[$0] == dims[$0] })
            else { throw .invalid("cannot join \(first.shape) and \(tensor.shape) along axis \(axis)") }
            dims[axis] = saturatingAdd(dims[axis], tensor.shape.dims[axis])
        }
        if first.elementType == .string { return try concatenateStrings(tensors, dims: dims, axis: axis) }
        let result = try make(first.elementType, dims)
        switch first.elementType.byteCount {
        case 1: concatenateElements(tensors, to: result, axis: axis, as: UInt8.self)
        case 2: concatenateElements(tensors, to: result, axis: axis, as: UInt16.self)
        case 4: concatenateElements(tensors, to: result, axis: axis, as: UInt32.self)
        default: concatenateElements(tensors, to: result, axis: axis, as: UInt64.self)
        }
        return result
    }

    private func concatenateStrings(_ tensors: [Tensor], dims: [Int], axis: Int) throws(KernelError) -> Tensor
    {
        try workspace.reserve(saturatingProduct(dims))
        var strings: [String] = []
        for outer in 0..<(saturatingProduct(dims) > 0 ? saturatingProduct(dims[..<axis]) : 0) {
            for tensor in tensors {
                let row = saturatingProduct(tensor.shape.dims[axis...])
                strings += tensor.strings[(outer * row)..<((outer + 1) * row)]
            }
        }
        return try self.strings(dims, strings)
    }

    /// The elements of `tensor` at `places`, in that order.
    /// - Throws: `KernelError.invalid` when a place is outside.
    func pick(_ places: [Int], of tensor: Tensor, dims: [Int]) throws(KernelError) -> Tensor {
        guard places.allSatisfy({ $0 >= 0 && $0 < tensor.count }) else {
            throw .invalid("an index is out of range")
        }
        if tensor.elementType == .string {
            let strings = tensor.strings
            return try self.strings(dims, places.map { strings[$0] })
        }
        let result = try make(tensor.elementType, dims)
        guard result.count == places.count else {
            throw .invalid("\(places.count) places for \(result.shape)")
        }
        switch tensor.elementType.byteCount {
        case 1: pickElements(places, of: tensor, to: result, as: UInt8.self)
        case 2: pickElements(places, of: tensor, to: result, as: UInt16.self)
        case 4: pickElements(places, of: tensor, to: result, as: UInt32.self)
        default: pickElements(places, of: tensor, to: result, as: UInt64.self)
        }
        return result
    }
}

private func concatenateElements<Value: TensorElement>(
    _ tensors: [Tensor], to result: Tensor, axis: Int, as type: Value.Type
) {
    guard result.count > 0 else { return }
    let target = result.mutableElements(as: type)
    let outerCount = saturatingProduct(result.shape.dims[..<axis])
    let resultRow = saturatingProduct(result.shape.dims[axis...])
    var lead = 0
    for tensor in tensors {
        let source = tensor.elements(as: type)
        let row = saturatingProduct(tensor.shape.dims[axis...])
        for outer in 0..<outerCount where row > 0 {
            target.copy(source, from: outer * row, count: row, to: outer * resultRow + lead)
        }
        lead += row
    }
}

private func pickElements<Value: TensorElement>(
    _ places: [Int], of tensor: Tensor, to result: Tensor, as type: Value.Type
) {
    let source = tensor.elements(as: type)
    let target = result.mutableElements(as: type)
    for (offset, place) in places.enumerated() { target[offset] = source[place] }
}
