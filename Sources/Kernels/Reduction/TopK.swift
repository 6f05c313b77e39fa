import Tensors

extension Invocation {
    /// `TopK` (opset 1 to 24): the k largest or smallest along an axis, with their places; of equal ones the
    /// lower place comes first.
    func topK() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        guard let wide = x.elementType.widened, x.elementType != .bool else {
            throw .unsupported("type \(x.elementType)")
        }
        let count = try opset < 10 ? attributes.integer("k") : integers(1)?.first
        let axis = try normalize(axis: try attributes.integer("axis", default: -1), rank: x.shape.rank)
        let length = x.shape.dims[axis]
        guard let count, count >= 0, count <= length else {
            throw .invalid("\(count ?? -1) of \(length) elements")
        }
        let isLargest = try attributes.flag("largest", default: true)
        var order = Array(x.shape.dims.indices)
        order.swapAt(axis, order.count - 1)
        let moved = try transpose(x, order)
        let rows = length > 0 ? x.count / length : 0
        try workspace.charge(saturatingMultiply(x.count, 20))
        try workspace.reserve(x.count)
        let places: [Int] =
            switch wide {
            case .uint64: ranks(moved.converted(to: UInt64.self), rows, length, count, isLargest)
            case .int64: ranks(moved.converted(to: Int64.self), rows, length, count, isLargest)
            default: ranks(moved.doubles(), rows, length, count, isLargest)
            }
        var dims = moved.shape.dims
        dims[dims.count - 1] = count
        let values = try pick(places, of: moved, dims: dims)
        let indices = try make(dims, places.map { Int64($0 % max(length, 1)) })
        return [try transpose(values, order), try transpose(indices, order)]
    }

    /// Places of the `count` best of each row, best first.
    private func ranks<Value: Comparable>(
        _ values: [Value], _ rows: Int, _ length: Int, _ count: Int, _ isLargest: Bool
    ) -> [Int] {
        (0..<rows).flatMap { row in
            let places = (row * length)..<((row + 1) * length)
            let sorted = places.sorted { a, b in
                if values[a] == values[b] { return a < b }
                return isLargest ? values[a] > values[b] : values[a] < values[b]
            }
            return sorted.prefix(count)
        }
    }
}
