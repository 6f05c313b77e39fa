import Tensors

/// Tensors of one type and equal shapes but for the first axis, joined along it; `nil` if they cannot be.
func concatenated(_ tensors: [Tensor]) -> Tensor? {
    guard let first = tensors.first, first.shape.rank > 0 else { return nil }
    let length = tensors.reduce(0) { $0 + ($1.shape.dims.first ?? 0) }
    let shape = Shape([length] + first.shape.dims.dropFirst())
    guard let kind = first.elementType.elementKind else {
        return try? Tensor(shape: shape, strings: tensors.flatMap(\.strings))
    }
    return joined(tensors, shape, as: kind)
}

private func joined<Value: ConvertibleElement>(_ tensors: [Tensor], _ shape: Shape, as kind: Value.Type)
    -> Tensor?
{
    guard tensors.reduce(0, { $0 + $1.count }) == shape.elementCount,
        let result = try? Tensor(uninitialized: Value.elementType, shape: shape)
    else { return nil }
    let target = result.mutableElements(as: Value.self)
    var offset = 0
    for tensor in tensors {
        let source = tensor.elements(as: Value.self)
        target.copy(source, from: 0, count: source.count, to: offset)
        offset += source.count
    }
    return result
}

/// A tensor cut along its first axis into pieces of the given lengths; `nil` when they do not add up to it.
func slices(of tensor: Tensor, _ lengths: [Int]) -> [Tensor]? {
    guard let length = tensor.shape.dims.first, lengths.reduce(0, +) == length, length > 0 else { return nil }
    let stride = tensor.count / length
    var offset = 0
    var pieces: [Tensor] = []
    for length in lengths {
        let shape = Shape([length] + tensor.shape.dims.dropFirst())
        guard let piece = slice(of: tensor, from: offset * stride, shape) else { return nil }
        pieces.append(piece)
        offset += length
    }
    return pieces
}

private func slice(of tensor: Tensor, from start: Int, _ shape: Shape) -> Tensor? {
    guard let kind = tensor.elementType.elementKind else {
        return try? Tensor(shape: shape, strings: Array(tensor.strings[start..<start + shape.elementCount]))
    }
    func copied<Value: ConvertibleElement>(_ kind: Value.Type) -> Tensor? {
        guard let result = try? Tensor(uninitialized: Value.elementType, shape: shape) else { return nil }
        let source = tensor.elements(as: Value.self)
        result.mutableElements(as: Value.self).copy(source, from: start, count: shape.elementCount, to: 0)
        return result
    }
    return copied(kind)
}
