import Tensors

/// Tensors of one type and equal shapes but for the first axis, joined along it; `nil` if they cannot be.
func concatenated(_ tensors: [Tensor]) -> Tensor? {
    guard let first = tensors.first, first.shape.rank > 0 else { return nil }
    let length = tensors.reduce(0) { $0 + ($1.shape.dims.first ?? 0) }
    let shape = Shape([length] + first.shape.dims.dropFirst())
    guard tensors.reduce(0, { $0 + $1.count }) == shape.elementCount else { return nil }
    if first.elementType == .string { return try? Tensor(shape: shape, strings: tensors.flatMap(\.strings)) }
    guard let result = try? Tensor(uninitialized: first.elementType, shape: shape) else { return nil }
    var offset = 0
    for tensor in tensors {
        copy(tensor, from: 0, count: tensor.count, to: result, at: offset)
        offset += tensor.count
    }
    return result
}

/// A tensor cut along its first axis into pieces of the given lengths; `nil` when they do not add up to it.
func slices(of tensor: Tensor, _ lengths: [Int]) -> [Tensor]? {
    guard let length = tensor.shape.dims.first, lengths.reduce(0, +) == length, length > 0 else { return nil }
    let stride = tensor.count / length
    var start = 0
    var pieces: [Tensor] = []
    for length in lengths {
        let shape = Shape([length] + tensor.shape.dims.dropFirst())
        guard let piece = slice(of: tensor, from: start, shape) else { return nil }
        pieces.append(piece)
        start += length * stride
    }
    return pieces
}

private func slice(of tensor: Tensor, from start: Int, _ shape: Shape) -> Tensor? {
    if tensor.elementType == .string {
        return try? Tensor(shape: shape, strings: Array(tensor.strings[start..<start + shape.elementCount]))
    }
    guard let result = try? Tensor(uninitialized: tensor.elementType, shape: shape) else { return nil }
    copy(tensor, from: start, count: shape.elementCount, to: result, at: 0)
    return result
}

/// Moves elements of equal types by their width alone.
private func copy(_ source: Tensor, from start: Int, count: Int, to target: Tensor, at offset: Int) {
    func move<Value: TensorElement>(as width: Value.Type) {
        let elements = source.elements(as: width)
        target.mutableElements(as: width).copy(elements, from: start, count: count, to: offset)
    }
    switch source.elementType {
    case .int8, .uint8, .bool: move(as: UInt8.self)
    case .float16, .bfloat16, .int16, .uint16: move(as: UInt16.self)
    case .float32, .int32, .uint32: move(as: UInt32.self)
    case .float64, .int64, .uint64: move(as: UInt64.self)
    case .string: break
    }
}
