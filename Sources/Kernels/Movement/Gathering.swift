import Tensors

extension Invocation {
    /// Indices of input `number` into an axis of `size`, negative ones counted from the end.
    private func places(_ number: Int, size: Int) throws(KernelError) -> [Int] {
        let tensor = try input(number)
        guard !tensor.elementType.isFloatingPoint, tensor.elementType != .string else {
            throw .invalid("indices of type \(tensor.elementType)")
        }
        try workspace.reserve(tensor.count)
        return try tensor.converted(to: Int64.self).map { (index) throws(KernelError) in
            let place = Int(index) < 0 ? saturatingAdd(Int(index), size) : Int(index)
            guard place >= 0, place < size else {
                throw .invalid("index \(index) is out of range for \(size)")
            }
            return place
        }
    }

    /// `Gather` (opset 1 to 13).
    func gather() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        let axis = try normalize(axis: try attributes.integer("axis", default: 0), rank: x.shape.rank)
        let places = try places(1, size: x.shape.dims[axis])
        let inner = saturatingProduct(x.shape.dims[(axis + 1)...])
        let outer = saturatingProduct(x.shape.dims[..<axis])
        let dims = Array(x.shape.dims[..<axis]) + (try input(1)).shape.dims + x.shape.dims[(axis + 1)...]
        var indices: [Int] = []
        try workspace.reserve(saturatingProduct(dims))
        indices.reserveCapacity(saturatingProduct(dims))
        for block in 0..<(saturatingProduct(dims) > 0 ? outer : 0) {
            for place in places {
                let start = (block * x.shape.dims[axis] + place) * inner
                for offset in 0..<inner { indices.append(start + offset) }
            }
        }
        return [try pick(indices, of: x, dims: dims)]
    }

    /// For each element of `shape`, the place in `x` that has the same coordinates but `places` along `axis`.
    private func elementPlaces(_ shape: Shape, _ places: [Int], axis: Int, in x: Tensor) throws(KernelError)
        -> [Int]
    {
        guard shape.rank == x.shape.rank,
            shape.dims.indices.allSatisfy({ $0 == axis || shape.dims[$0] <= x.shape.dims[$0] })
        else { throw .invalid("indices \(shape) do not fit \(x.shape)") }
        let strides = x.shape.strides
        var others = strides
        others[axis] = 0
        try workspace.reserve(places.count, elementBytes: 8)
        var targets: [Int] = []
        targets.reserveCapacity(places.count)
        // The strides may reach past `x` along no axis, since each size was just compared.
        forEachRow(StridedView(dims: shape.dims, strides: others)) { start, length, stride in
            for step in 0..<length {
                targets.append(start + step * stride + places[targets.count] * strides[axis])
            }
        }
        return targets
    }

    /// `GatherElements` (opset 11 to 13).
    func gatherElements() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        let axis = try normalize(axis: try attributes.integer("axis", default: 0), rank: x.shape.rank)
        let shape = try input(1).shape
        let targets = try elementPlaces(shape, try places(1, size: x.shape.dims[axis]), axis: axis, in: x)
        return [try pick(targets, of: x, dims: shape.dims)]
    }

    /// `ScatterElements` and `Scatter` (opset 9 to 18), with its reductions.
    func scatterElements() throws(KernelError) -> [Tensor] {
        let (x, updates) = (try input(0), try input(2))
        let axis = try normalize(axis: try attributes.integer("axis", default: 0), rank: x.shape.rank)
        let shape = try input(1).shape
        guard updates.shape == shape, updates.elementType == x.elementType else {
            throw .invalid("updates \(updates.shape) do not fit indices \(shape)")
        }
        let targets = try elementPlaces(shape, try places(1, size: x.shape.dims[axis]), axis: axis, in: x)
        return [try scatter(updates, to: targets, of: x)]
    }

    /// `x` with the elements of `updates` written to (or by `reduction` joined with those at) `targets`.
    private func scatter(_ updates: Tensor, to targets: [Int], of x: Tensor) throws(KernelError) -> Tensor {
        let reduction = try attributes.text("reduction", default: "none")
        guard targets.count == updates.count, targets.allSatisfy({ $0 >= 0 && $0 < x.count }) else {
            throw .invalid("an index is out of range")
        }
        if reduction == "none" {
            // Elements of `updates` lie behind those of `x`.
            try workspace.reserve(x.count, elementBytes: 8)
            var places = Array(0..<x.count)
            for (index, target) in targets.enumerated() { places[target] = x.count + index }
            let both = try concatenate(
                [try x.shaped([x.count]), try updates.shaped([updates.count])], axis: 0)
            return try pick(places, of: both, dims: x.shape.dims)
        }
        func joined<Value: Number>(_ values: [Value], _ changes: [Value]) throws(KernelError) -> [Value] {
            var values = values
            for (target, change) in zip(targets, changes) {
                switch reduction {
                case "add": values[target] = Value.sum(values[target], change)
                case "mul": values[target] = Value.product(values[target], change)
                case "max": values[target] = Value.larger(values[target], change)
                case "min": values[target] = Value.smaller(values[target], change)
                default: throw .unsupported("attribute reduction = \(reduction)")
                }
            }
            return values
        }
        guard x.elementType.widened != nil, x.elementType != .uint64 else {
            throw .unsupported("type \(x.elementType)")
        }
        if x.elementType.isFloatingPoint {
            return try cast(
                try make(x.shape.dims, try joined(x.doubles(), updates.doubles())), to: x.elementType)
        }
        let integers = try joined(x.converted(to: Int64.self), updates.converted(to: Int64.self))
        return try cast(try make(x.shape.dims, integers), to: x.elementType)
    }

    /// The first element of each slice of `x` that a row of the indices in input 1 names, after `batchCount`
    /// shared axes; and the elements of a slice.
    private func slicePlaces(_ x: Tensor, batchCount: Int) throws(KernelError) -> (
        starts: [Int], slice: [Int]
    ) {
        let indices = try input(1)
        let rank = x.shape.rank
        guard let depth = indices.shape.dims.last, depth >= 0, batchCount >= 0, batchCount + depth <= rank,
            batchCount < indices.shape.rank, indices.shape.dims[..<batchCount] == x.shape.dims[..<batchCount],
            !indices.elementType.isFloatingPoint, indices.elementType != .string
        else { throw .invalid("indices \(indices.shape) do not fit \(x.shape)") }
        let values = indices.converted(to: Int64.self)
        let strides = x.shape.strides
        let count = saturatingProduct(indices.shape.dims.dropLast())
        try workspace.reserve(count)
        try workspace.reserve(indices.count, elementBytes: 8)
        let perBatch = max(saturatingProduct(indices.shape.dims[batchCount...].dropLast()), 1)
        let batchStride = saturatingProduct(x.shape.dims[batchCount...])
        let starts = try (0..<count).map { (row) throws(KernelError) in
            var start = row / perBatch * batchStride
            for level in 0..<depth {
                let size = x.shape.dims[batchCount + level]
                let index = Int(values[row * depth + level])
                let place = index < 0 ? saturatingAdd(index, size) : index
                guard place >= 0, place < size else {
                    throw .invalid("index \(index) is out of range for \(size)")
                }
                start += place * strides[batchCount + level]
            }
            return start
        }
        return (starts, Array(x.shape.dims[(batchCount + depth)...]))
    }

    /// `GatherND` (opset 11 to 13).
    func gatherND() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        let (starts, slice) = try slicePlaces(x, batchCount: try attributes.integer("batch_dims", default: 0))
        let dims = Array(try input(1).shape.dims.dropLast()) + slice
        let length = saturatingProduct(slice)
        try workspace.reserve(saturatingProduct(dims))
        return [try pick(starts.flatMap { Array($0..<($0 + length)) }, of: x, dims: dims)]
    }

    /// `ScatterND` (opset 11 to 18), with its reductions.
    func scatterND() throws(KernelError) -> [Tensor] {
        let (x, updates) = (try input(0), try input(2))
        let (starts, slice) = try slicePlaces(x, batchCount: 0)
        let dims = Array(try input(1).shape.dims.dropLast()) + slice
        guard updates.shape.dims == dims, updates.elementType == x.elementType else {
            throw .invalid("updates \(updates.shape) must be \(Shape(dims))")
        }
        let length = saturatingProduct(slice)
        try workspace.reserve(updates.count)
        return [try scatter(updates, to: starts.flatMap { Array($0..<($0 + length)) }, of: x)]
    }

    /// `OneHot` (opset 9 to 11).
    func oneHot() throws(KernelError) -> [Tensor] {
        let (indices, values) = (try input(0), try input(2))
        guard let depth = try input(1).firstInteger.map(Int.init),
            (0...(1 << 30)).contains(depth),
            values.count == 2, indices.elementType != .string
        else { throw .invalid("depth or values") }
        let rank = indices.shape.rank
        let axis = try normalize(axis: try attributes.integer("axis", default: -1), rank: rank + 1)
        var dims = indices.shape.dims
        dims.insert(depth, at: axis)
        let inner = saturatingProduct(indices.shape.dims[axis...])
        try workspace.reserve(saturatingProduct(dims))
        var places = [Int](repeating: 0, count: saturatingProduct(dims))
        for (position, value) in indices.converted(to: Int64.self).enumerated() {
            let index = value < 0 ? saturatingAdd(Int(value), depth) : Int(value)
            guard index >= 0, index < depth else { continue }
            places[(position / inner * depth + index) * inner + position % inner] = 1
        }
        return [try pick(places, of: try values.shaped([2]), dims: dims)]
    }

    /// `NonZero` (opset 9 to 13): coordinates of elements that are not zero, one column each.
    func nonZero() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        guard x.elementType != .string else { throw .unsupported("strings") }
        try workspace.reserve(x.count, elementBytes: 8)
        let found = x.doubles().enumerated().filter { $0.element != 0 }.map(\.offset)
        try workspace.reserve(saturatingMultiply(found.count, x.shape.rank), elementBytes: 8)
        let strides = x.shape.strides
        let rows = x.shape.dims.indices.flatMap { axis in
            found.map { Int64($0 / strides[axis] % x.shape.dims[axis]) }
        }
        return [try make([x.shape.rank, found.count], rows)]
    }

    /// `Compress` (opset 9 to 11): the slices (or elements) where the condition holds.
    func compress() throws(KernelError) -> [Tensor] {
        var x = try input(0)
        let flags = try input(1).elements(as: BoolByte.self).array
        var axis = 0
        if let named = try attributes.integer("axis") {
            axis = try normalize(axis: named, rank: x.shape.rank)
        } else {
            x = try x.shaped([x.count])
        }
        guard flags.count <= x.shape.dims[axis], try input(1).elementType == .bool else {
            throw .invalid("a condition of \(flags.count) for \(x.shape)")
        }
        let kept = flags.indices.filter { flags[$0].isTrue }.map { Int64($0) }
        let call = Invocation(
            inputs: [x, try make([kept.count], kept)],
            attributes: Attributes(["axis": .integer(Int64(axis))]),
            opset: opset, outputCount: 1, workspace: workspace)
        return try call.gather()
    }

    /// `Trilu` (opset 14): the upper or lower triangle of the last two axes.
    func triangle() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        guard x.shape.rank >= 2, x.elementType != .string else {
            throw .unsupported("\(x.elementType) \(x.shape)")
        }
        let offset = try integers(1)?.first ?? 0
        let isUpper = try attributes.flag("upper", default: true)
        let (rows, columns) = (x.shape.dims[x.shape.rank - 2], x.shape.dims[x.shape.rank - 1])
        try workspace.reserve(x.count, elementBytes: 8)
        let zero = try cast(try make([1], [Int64(0)]), to: x.elementType)
        let both = try concatenate([try x.shaped([x.count]), zero], axis: 0)
        let places = (0..<x.count).map { place in
            let (row, column) = (place / columns % rows, place % columns)
            let edge = saturatingAdd(row, offset)
            return (isUpper ? column >= edge : column <= edge) ? place : x.count
        }
        return [try pick(places, of: both, dims: x.shape.dims)]
    }
}

/// ONNX's indexing operators.
let gatheringOperators: [String: OperatorFunction] = [
    "Gather": { call throws(KernelError) in try call.gather() },
    "GatherElements": { call throws(KernelError) in try call.gatherElements() },
    "GatherND": { call throws(KernelError) in try call.gatherND() },
    "Scatter": { call throws(KernelError) in try call.scatterElements() },
    "ScatterElements": { call throws(KernelError) in try call.scatterElements() },
    "ScatterND": { call throws(KernelError) in try call.scatterND() },
    "OneHot": { call throws(KernelError) in try call.oneHot() },
    "NonZero": { call throws(KernelError) in try call.nonZero() },
    "Compress": { call throws(KernelError) in try call.compress() },
    "Trilu": { call throws(KernelError) in try call.triangle() },
    "TopK": { call throws(KernelError) in try call.topK() },
]
