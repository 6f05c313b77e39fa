import Tensors

extension Invocation {
    /// `Reshape` (opset 1 to 25): 0 keeps a size, -1 is the rest.
    func reshape() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        let wanted = try integers(1, orAttribute: "shape") ?? []
        let allowsZero = try attributes.flag("allowzero")
        var dims = wanted
        for (axis, size) in wanted.enumerated() where size == 0 && !allowsZero {
            dims[axis] = try x.size(axis)
        }
        let rest = dims.indices.filter { dims[$0] == -1 }
        guard rest.count <= 1, dims.allSatisfy({ $0 >= -1 }) else { throw .invalid("shape \(wanted)") }
        if let axis = rest.first {
            dims[axis] = 1
            let known = saturatingProduct(dims)
            guard known > 0, x.count % known == 0 else {
                throw .invalid("cannot reshape \(x.shape) to \(wanted)")
            }
            dims[axis] = x.count / known
        }
        return [try x.shaped(dims)]
    }

    /// `Flatten` (opset 1 to 25): two axes, parted at `axis`.
    func flatten() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        let axis = try normalize(
            axis: try attributes.integer("axis", default: 1), rank: x.shape.rank, inclusive: true)
        let dims = x.shape.dims
        return [try x.shaped([saturatingProduct(dims[..<axis]), saturatingProduct(dims[axis...])])]
    }

    /// `Squeeze` (opset 1 to 25): axes as attribute before opset 13.
    func squeeze() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        var dims = x.shape.dims
        guard let named = try integers(1, orAttribute: "axes") else {
            return [try x.shaped(dims.filter { $0 != 1 })]
        }
        for axis in try normalize(axes: named, rank: dims.count).reversed() {
            guard dims[axis] == 1 else { throw .invalid("axis \(axis) of \(x.shape) is not 1") }
            dims.remove(at: axis)
        }
        return [try x.shaped(dims)]
    }

    /// `Unsqueeze` (opset 1 to 25): axes of the result, as attribute before opset 13.
    func unsqueeze() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        guard let named = try integers(1, orAttribute: "axes") else { throw .invalid("no axes") }
        guard named.count <= 64 else { throw .invalid("\(named.count) new axes") }
        var dims = x.shape.dims
        for axis in try normalize(axes: named, rank: dims.count + named.count) { dims.insert(1, at: axis) }
        return [try x.shaped(dims)]
    }

    /// `Shape` (opset 1 to 25), from `start` to `end`.
    func shape() throws(KernelError) -> [Tensor] {
        let part = try shapePart(try input(0).shape.dims, attributes)
        return [try make([part.count], part.map { Int64($0) })]
    }

    /// `Transpose` (opset 1 to 25); without `perm` the axes are reversed.
    func transpose() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        let order = try attributes.integers("perm") ?? x.shape.dims.indices.reversed()
        guard order.sorted() == Array(x.shape.dims.indices) else {
            throw .invalid("perm \(order) does not fit rank \(x.shape.rank)")
        }
        return [try transpose(x, order)]
    }

    /// `Concat` (opset 1 to 13).
    func concat() throws(KernelError) -> [Tensor] {
        var tensors: [Tensor] = []
        for index in inputs.indices { tensors.append(try input(index)) }
        return [try concatenate(tensors, axis: try attributes.integer("axis", default: 1))]
    }

    /// `Expand` (opset 8 to 13): broadcasts both ways.
    func expand() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        let wanted = try integers(1) ?? []
        guard wanted.allSatisfy({ $0 >= 0 }) else { throw .invalid("shape \(wanted)") }
        return [try expand(x, to: try broadcastDims([x.shape, Shape(wanted)]))]
    }

    /// `Tile` (opset 6 to 13).
    func tile() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        let repeats = try integers(1) ?? []
        guard repeats.count == x.shape.rank, repeats.allSatisfy({ $0 >= 0 }) else {
            throw .invalid("repeats \(repeats) do not fit \(x.shape)")
        }
        let dims = zip(repeats, x.shape.dims).flatMap { [$0, $1] }
        let strides = x.shape.strides.flatMap { [0, $0] }
        let tiled = try copy(StridedView(dims: dims, strides: strides), of: x)
        return [try tiled.shaped(zip(repeats, x.shape.dims).map { saturatingMultiply($0, $1) })]
    }

    /// `DepthToSpace` (opset 1 to 13), modes DCR and CRD, of `[N, C, H, W]`.
    func depthToSpace() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        let block = try attributes.integer("blocksize", default: 0)
        guard x.shape.rank == 4, (1...(1 << 16)).contains(block), x.shape[1] % (block * block) == 0 else {
            throw .invalid("blocksize \(block) does not fit \(x.shape)")
        }
        let (n, c, h, w) = (x.shape[0], x.shape[1] / (block * block), x.shape[2], x.shape[3])
        let isColumnFirst = try attributes.text("mode", default: "DCR") == "CRD"
        let split = try x.shaped(isColumnFirst ? [n, c, block, block, h, w] : [n, block, block, c, h, w])
        let moved = try transpose(split, isColumnFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2])
        return [try moved.shaped([n, c, saturatingMultiply(h, block), saturatingMultiply(w, block)])]
    }

    /// `SpaceToDepth` (opset 1 to 28), modes DCR and CRD, of `[N, C, H, W]`.
    func spaceToDepth() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        let block = try attributes.integer("blocksize", default: 0)
        guard x.shape.rank == 4, (1...(1 << 16)).contains(block), x.shape[2] % block == 0,
            x.shape[3] % block == 0
        else { throw .invalid("blocksize \(block) does not fit \(x.shape)") }
        let (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2] / block, x.shape[3] / block)
        let isColumnFirst = try attributes.text("mode", default: "DCR") == "CRD"
        let moved = try transpose(
            try x.shaped([n, c, h, block, w, block]),
            isColumnFirst ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4])
        return [try moved.shaped([n, saturatingMultiply(c, block * block), h, w])]
    }

    /// `Dropout` at inference: the input, and a mask of trues when wanted. `training_mode` with a ratio of 0
    /// is the same; with any other it is random, which a server has no use for.
    fileprivate func dropout() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        if let training = optional(2), training.firstNumber == 1, optional(1)?.firstNumber ?? 0.5 != 0 {
            throw .unsupported("random dropout (training_mode)")
        }
        guard outputCount > 1 else { return [x] }
        let mask = [BoolByte](repeating: BoolByte(true), count: x.count)
        let flags = try make(x.shape.dims, mask)
        return [x, opset < 10 ? try cast(flags, to: x.elementType) : flags]
    }
}

/// What `Shape` gives for `dims`: those from the attribute `start` up to `end` (opset 15), cut to what there
/// is.
package func shapePart(_ dims: [Int], _ attributes: Attributes) throws(KernelError) -> [Int] {
    let bounds = [
        try attributes.integer("start", default: 0), try attributes.integer("end", default: dims.count),
    ].map { min(max($0 < 0 ? $0 + dims.count : $0, 0), dims.count) }
    return bounds[0] < bounds[1] ? Array(dims[bounds[0]..<bounds[1]]) : []
}

/// ONNX's operators on shapes.
let shapingOperators: [String: OperatorFunction] = [
    "Reshape": { call throws(KernelError) in try call.reshape() },
    "Flatten": { call throws(KernelError) in try call.flatten() },
    "Squeeze": { call throws(KernelError) in try call.squeeze() },
    "Unsqueeze": { call throws(KernelError) in try call.unsqueeze() },
    "Shape": { call throws(KernelError) in try call.shape() },
    "Size": { call throws(KernelError) in [try call.make([], [Int64(try call.input(0).count)])] },
    "Transpose": { call throws(KernelError) in try call.transpose() },
    "Concat": { call throws(KernelError) in try call.concat() },
    "Expand": { call throws(KernelError) in try call.expand() },
    "Tile": { call throws(KernelError) in try call.tile() },
    "DepthToSpace": { call throws(KernelError) in try call.depthToSpace() },
    "SpaceToDepth": { call throws(KernelError) in try call.spaceToDepth() },
    "Identity": { call throws(KernelError) in [try call.input(0)] },
    "Dropout": { call throws(KernelError) in try call.dropout() },
]
