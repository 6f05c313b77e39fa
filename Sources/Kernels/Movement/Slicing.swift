import Tensors

/// An attribute of `Slice` that no file needs: the slice stands for an element of a sequence of parts, which
/// is not there where the slice would be empty.
package let sequencePartAttribute = "of_sequence"

extension Invocation {
    /// `Slice` (opset 1 to 13): bounds are attributes up to opset 9.
    func slice() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        guard let starts = try integers(1, orAttribute: "starts"),
            let ends = try integers(2, orAttribute: "ends")
        else { throw .invalid("no bounds") }
        let named = try integers(3, orAttribute: "axes") ?? Array(starts.indices)
        let steps = try integers(4) ?? [Int](repeating: 1, count: starts.count)
        guard starts.count == ends.count, starts.count == named.count, starts.count == steps.count else {
            throw .invalid("bounds of different lengths")
        }
        var view = StridedView(dims: x.shape.dims, strides: x.shape.strides)
        var seen: Set<Int> = []
        for (index, name) in named.enumerated() {
            let axis = try normalize(axis: name, rank: x.shape.rank)
            guard seen.insert(axis).inserted else { throw .invalid("axis \(axis) is named twice") }
            let (size, step) = (x.shape.dims[axis], steps[index])
            guard step != 0 else { throw .invalid("a step of 0") }
            // Bounds count from the end when negative, then are cut to the axis.
            let start = starts[index] < 0 ? saturatingAdd(starts[index], size) : starts[index]
            let end = ends[index] < 0 ? saturatingAdd(ends[index], size) : ends[index]
            let first: Int
            let count: Int
            if step > 0 {
                first = min(max(start, 0), size)
                let span = min(max(end, 0), size) - first
                count = span <= 0 ? 0 : (span - 1) / step + 1
            } else {
                first = min(max(start, -1), size - 1)
                let span = first - min(max(end, -1), size - 1)
                count = span <= 0 ? 0 : (span - 1) / (step == .min ? .max : -step) + 1
            }
            if count == 0, attributes.values[sequencePartAttribute] != nil {
                throw .invalid("a position past the end of a sequence")
            }
            if count > 0 { view.start &+= first &* view.strides[axis] }
            view.strides[axis] = saturatingMultiply(view.strides[axis], step)
            view.dims[axis] = count
        }
        return [try copy(view, of: x)]
    }

    /// `Split` (opset 2 to 18): by sizes, or into equal parts.
    func split() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        let axis = try normalize(axis: try attributes.integer("axis", default: 0), rank: x.shape.rank)
        let size = x.shape.dims[axis]
        let parts: [Int]
        if let given = try integers(1, orAttribute: "split") {
            parts = given
        } else {
            let count = try attributes.integer("num_outputs", default: outputCount)
            guard (1...(1 << 16)).contains(count) else { throw .invalid("\(count) parts") }
            let part = (size + count - 1) / count
            parts = (0..<count).map { min(part, max(0, size - $0 * part)) }
        }
        guard parts.allSatisfy({ $0 >= 0 && $0 <= size }), parts.reduce(0, saturatingAdd) == size else {
            throw .invalid("parts \(parts) do not make \(size)")
        }
        var first = 0
        return try parts.map { (count) throws(KernelError) in
            var dims = x.shape.dims
            dims[axis] = count
            let start = count == 0 ? 0 : first &* x.shape.strides[axis]
            first += count
            return try copy(StridedView(dims: dims, strides: x.shape.strides, start: start), of: x)
        }
    }

    /// `Pad` (opset 2 to 25): modes constant, reflect, edge and wrap; negative padding crops.
    func pad() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        guard let given = try integers(1, orAttribute: opset < 2 ? "paddings" : "pads") else {
            throw .invalid("no pads")
        }
        let rank = x.shape.rank
        let axes = try (try integers(3) ?? Array(0..<rank)).map { (axis) throws(KernelError) in
            try normalize(axis: axis, rank: rank)
        }
        guard given.count == 2 * axes.count, given.allSatisfy({ abs(max($0, -Int.max)) <= 1 << 40 }) else {
            throw .invalid("pads \(given) do not fit \(x.shape)")
        }
        let mode = try attributes.text("mode", default: "constant")
        var result = x
        for (index, axis) in axes.enumerated() {
            let (before, after) = (given[index], given[index + axes.count])
            if before == 0, after == 0 { continue }
            let places = try padPlaces(size: result.shape.dims[axis], before, after, mode: mode)
            result = try gatherPadded(result, axis: axis, places)
        }
        return [result]
    }

    /// For each place of the padded axis, the place in the input, or -1 for the constant.
    private func padPlaces(size: Int, _ before: Int, _ after: Int, mode: String) throws(KernelError) -> [Int]
    {
        let count = size + before + after
        guard count >= 0 else { throw .invalid("padding crops more than there is") }
        try workspace.reserve(count)
        let period = mode == "reflect" ? max(2 * (size - 1), 1) : max(size, 1)
        return try (0..<count).map { (place) throws(KernelError) in
            let source = place - before
            if source >= 0, source < size { return source }
            guard size > 0 || mode == "constant" else { throw .invalid("nothing to repeat") }
            let folded = ((source % period) + period) % period
            switch mode {
            case "constant": return -1
            case "edge": return source < 0 ? 0 : size - 1
            case "reflect": return size == 1 ? 0 : folded < size ? folded : period - folded
            case "wrap": return folded
            default: throw .unsupported("attribute mode = \(mode)")
            }
        }
    }

    /// `tensor` with its axis `axis` made of `places`, the constant of input 2 (or attribute `value`) at -1.
    private func gatherPadded(_ tensor: Tensor, axis: Int, _ places: [Int]) throws(KernelError) -> Tensor {
        var dims = tensor.shape.dims
        let size = dims[axis]
        dims[axis] = places.count
        var source = tensor
        var fill = 0
        if places.contains(-1) {
            // The constant lies behind the elements; its place is their count.
            var constant = try cast(
                try make([1], [try attributes.float("value", default: 0)]), to: tensor.elementType)
            if let given = optional(2), given.count == 1 { constant = try given.shaped([1]) }
            guard constant.elementType == tensor.elementType else {
                throw .invalid("a constant of another type")
            }
            fill = tensor.count
            source = try concatenate([try tensor.shaped([tensor.count]), constant], axis: 0)
        }
        let inner = saturatingProduct(dims[(axis + 1)...])
        let outer = saturatingProduct(dims[..<axis])
        try workspace.reserve(saturatingProduct(dims))
        var indices: [Int] = []
        indices.reserveCapacity(saturatingProduct(dims))
        for block in 0..<(saturatingProduct(dims) > 0 ? outer : 0) {
            for place in places {
                for offset in 0..<inner {
                    indices.append(place < 0 ? fill : (block * size + place) * inner + offset)
                }
            }
        }
        return try pick(indices, of: source, dims: dims)
    }
}

/// ONNX's operators that cut and pad.
let slicingOperators: [String: OperatorFunction] = [
    "Slice": { call throws(KernelError) in try call.slice() },
    "Split": { call throws(KernelError) in try call.split() },
    "Pad": { call throws(KernelError) in try call.pad() },
]
