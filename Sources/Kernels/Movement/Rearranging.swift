import Tensors

extension Invocation {
    /// `CenterCropPad` (opset 18): each named axis cut or filled with zeros about its middle.
    func centre() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        let rank = x.shape.rank
        let named = try attributes.integers("axes") ?? Array(0..<rank)
        let axes = try named.map { (axis) throws(KernelError) in try normalize(axis: axis, rank: rank) }
        guard let sizes = try integers(1), sizes.count == axes.count, Set(axes).count == axes.count,
            sizes.allSatisfy({ (0...(1 << 40)).contains($0) }), x.shape.dims.allSatisfy({ $0 <= 1 << 40 })
        else { throw .invalid("sizes of \(x.shape)") }
        var pads = [Int64](repeating: 0, count: 2 * rank)
        for (axis, size) in zip(axes, sizes) {
            let missing = size - x.shape[axis]
            // The odd place is cut from, or added to, the end.
            pads[axis] = Int64(missing / 2)
            pads[axis + rank] = Int64(missing - missing / 2)
        }
        let call = Invocation(
            inputs: [x, try make([pads.count], pads)], attributes: Attributes(), opset: 13, outputCount: 1,
            workspace: workspace)
        return try call.pad()
    }

    /// `ReverseSequence` (opset 10): the first `sequence_lens` steps of each sequence turned round.
    func reverseSequences() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        let (time, batch) = (
            try attributes.integer("time_axis", default: 0), try attributes.integer("batch_axis", default: 1)
        )
        guard x.shape.rank >= 2, (0...1).contains(time), (0...1).contains(batch), time != batch,
            let lengths = try integers(1), lengths.count == x.shape[batch],
            lengths.allSatisfy({ (0...x.shape[time]).contains($0) })
        else { throw .invalid("lengths do not fit \(x.shape) along axis \(time)") }
        let inner = saturatingProduct(x.shape.dims[2...])
        let strides = x.shape.strides
        try workspace.charge(saturatingMultiply(x.count, inner > 0 ? 4 : 1))
        try workspace.reserve(x.count, elementBytes: 8)
        let places = (0..<x.count).map { place in
            let step = place / strides[time] % x.shape[time]
            let length = lengths[place / strides[batch] % x.shape[batch]]
            return step < length ? place + (length - 1 - 2 * step) * strides[time] : place
        }
        return [try pick(places, of: x, dims: x.shape.dims)]
    }

    /// `TensorScatter` (opset 24): a copy of a cache with `update` written from the given step of each
    /// sequence on, past the end or (`circular`) round it.
    func scatterSteps() throws(KernelError) -> [Tensor] {
        let (cache, update) = (try input(0), try input(1))
        let axis = try normalize(axis: try attributes.integer("axis", default: -2), rank: cache.shape.rank)
        let given = try integers(2)
        var dims = cache.shape.dims
        dims[axis] = try update.size(axis)
        guard axis > 0, update.shape.dims == dims,
            given.map({ $0.count == cache.shape[0] }) ?? true, dims[axis] <= cache.shape[axis],
            (given ?? []).allSatisfy({ $0 >= 0 })
        else { throw .invalid("an update \(update.shape) of \(cache.shape)") }
        let isCircular = try attributes.text("mode", default: "linear") == "circular"
        let (size, steps) = (cache.shape[axis], dims[axis])
        guard isCircular || (given ?? []).allSatisfy({ $0 <= size - steps }) else {
            throw .invalid("an update of \(steps) steps past the end of \(size)")
        }
        let inner = saturatingProduct(cache.shape.dims[(axis + 1)...])
        let perSequence = max(saturatingProduct(dims[1...axis]), 1)
        try workspace.reserve(saturatingAdd(cache.count, update.count), elementBytes: 8)
        var places = Array(0..<cache.count)
        for row in 0..<(inner > 0 ? update.count / inner : 0) {
            let (block, step) = (row / steps, row % steps)
            let start = (given?[row / perSequence] ?? 0) % max(size, 1)
            let target = (block * size + (start + step) % size) * inner
            for offset in 0..<inner { places[target + offset] = cache.count + row * inner + offset }
        }
        let both = try concatenate(
            [try cache.shaped([cache.count]), try update.shaped([update.count])], axis: 0)
        return [try pick(places, of: both, dims: cache.shape.dims)]
    }

    /// `BitCast` (opset 26): the same bytes under another type of the same width.
    func castBits() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        guard let type = try targetType("to"), case .memory(let memory) = x.storage,
            type.byteCount == x.elementType.byteCount
        else { throw .invalid("a type of another width than \(x.elementType)") }
        do {
            return [try Tensor(type, shape: x.shape, memory: memory)]
        } catch {
            throw KernelError(error)
        }
    }
}

/// ONNX's operators that rearrange what they are given.
let rearrangingOperators: [String: OperatorFunction] = [
    "Unique": { call throws(KernelError) in try call.distinct() },
    "CenterCropPad": { call throws(KernelError) in try call.centre() },
    "ReverseSequence": { call throws(KernelError) in try call.reverseSequences() },
    "TensorScatter": { call throws(KernelError) in try call.scatterSteps() },
    "BitCast": { call throws(KernelError) in try call.castBits() },
    "MaxUnpool": { call throws(KernelError) in try call.unpool() },
    "Col2Im": { call throws(KernelError) in try call.columnsToImage() },
]
