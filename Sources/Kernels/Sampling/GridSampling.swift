import Tensors

extension Invocation {
    /// `GridSample` (opset 16 to 22): input `[N, C, spatial...]` at coordinates `[N, out..., r]` from -1 to
    /// 1, the last axis of the input first.
    func gridSample() throws(KernelError) -> [Tensor] {
        let (x, grid) = (try input(0), try input(1))
        let rank = x.shape.rank - 2
        guard (1...3).contains(rank), grid.shape.rank == rank + 2, grid.shape[0] == x.shape[0],
            grid.shape[rank + 1] == rank, x.elementType.isFloatingPoint, grid.elementType.isFloatingPoint
        else { throw .invalid("grid \(grid.shape) does not fit \(x.shape)") }
        let sampler = try GridSampler(self, sizes: Array(x.shape.dims[2...]))
        let dims = [x.shape[0], x.shape[1]] + grid.shape.dims[1...rank]
        let (values, places) = (x.doubles(), grid.doubles())
        let points = saturatingProduct(grid.shape.dims[1...rank])
        let plane = saturatingProduct(x.shape.dims[2...])
        let result = try make(.float64, dims)
        guard plane > 0 || result.count == 0 else { throw .invalid("nothing to sample in \(x.shape)") }
        try workspace.charge(saturatingMultiply(result.count, 16 * rank))
        let target = result.mutableElements(as: Double.self)
        for image in 0..<x.shape[0] {
            for point in 0..<points {
                let first = (image * points + point) * rank
                let taps = sampler.taps(Array(places[first..<(first + rank)].reversed()))
                for channel in 0..<x.shape[1] {
                    let start = (image * x.shape[1] + channel) * plane
                    target[(image * x.shape[1] + channel) * points + point] = taps.reduce(0) {
                        $0 + $1.weight * values[start + $1.offset]
                    }
                }
            }
        }
        return [try cast(result, to: x.elementType)]
    }
}

/// Where a sample takes its elements from.
private struct GridSampler {
    private enum Mode { case nearest, linear, cubic }
    private enum Padding { case zeros, border, reflection }

    private let mode: Mode
    private let padding: Padding
    private let alignsCorners: Bool
    private let sizes: [Int]

    init(_ call: Invocation, sizes: [Int]) throws(KernelError) {
        self.sizes = sizes
        alignsCorners = try call.attributes.flag("align_corners")
        switch try call.attributes.text("mode", default: "linear") {
        case "nearest": mode = .nearest
        case "linear", "bilinear": mode = .linear
        case "cubic", "bicubic": mode = .cubic
        default: throw .unsupported("attribute mode")
        }
        switch try call.attributes.text("padding_mode", default: "zeros") {
        case "zeros": padding = .zeros
        case "border": padding = .border
        case "reflection": padding = .reflection
        default: throw .unsupported("attribute padding_mode")
        }
    }

    /// Offsets and weights for a point whose coordinates follow the axes; those in the zero padding are left
    /// out.
    func taps(_ point: [Double]) -> [(offset: Int, weight: Double)] {
        var taps: [(offset: Int, weight: Double)] = [(0, 1)]
        for (axis, coordinate) in point.enumerated() {
            let size = sizes[axis]
            let along = axisTaps(coordinate, size)
            taps = taps.flatMap { tap in
                along.map { (offset: tap.offset * size + $0.offset, weight: tap.weight * $0.weight) }
            }
        }
        return taps
    }

    private func axisTaps(_ coordinate: Double, _ size: Int) -> [(offset: Int, weight: Double)] {
        var x =
            alignsCorners
            ? (coordinate + 1) / 2 * Double(size - 1) : ((coordinate + 1) * Double(size) - 1) / 2
        guard x.isFinite, abs(x) < 1e15 else { return [] }
        if padding != .zeros, mode != .cubic { x = folded(x, size) }
        switch mode {
        case .nearest: return place(Int(x.rounded(.toNearestOrEven)), size).map { [($0, 1)] } ?? []
        case .linear:
            let low = Int(x.rounded(.down))
            let share = x - Double(low)
            return [(low, 1 - share), (low + 1, share)].compactMap { index, weight in
                weight == 0 ? nil : place(index, size).map { ($0, weight) }
            }
        case .cubic:
            let low = Int(x.rounded(.down))
            return (-1...2).compactMap { step in
                place(low + step, size).map { ($0, cubic(x - Double(low + step))) }
            }
        }
    }

    /// The place of index `index` under the padding, nil for zero.
    private func place(_ index: Int, _ size: Int) -> Int? {
        if index >= 0, index < size { return index }
        switch padding {
        case .zeros: return nil
        case .border: return min(max(index, 0), size - 1)
        case .reflection:
            return min(max(Int(folded(Double(index), size).rounded(.toNearestOrEven)), 0), size - 1)
        }
    }

    /// `x` clamped to, or mirrored at, the ends of the axis.
    private func folded(_ x: Double, _ size: Int) -> Double {
        if padding == .border { return min(max(x, 0), Double(size - 1)) }
        let (low, high) = alignsCorners ? (0.0, Double(size - 1)) : (-0.5, Double(size) - 0.5)
        let span = high - low
        guard span > 0 else { return 0 }
        let offset = abs(x - low)
        let rest = offset.truncatingRemainder(dividingBy: span)
        let isOdd = (offset / span).rounded(.down).truncatingRemainder(dividingBy: 2) == 1
        let mirrored = isOdd ? high - rest : low + rest
        return min(max(mirrored, 0), Double(size - 1))
    }

    private func cubic(_ offset: Double) -> Double {
        let (x, a) = (abs(offset), -0.75)
        if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
        return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0
    }
}
