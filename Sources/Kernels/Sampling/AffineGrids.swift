import Tensors

extension Invocation {
    /// `AffineGrid` (opset 20): where each place of a picture of `size` lies under the affine map `theta`,
    /// in coordinates from -1 to 1: `[N, (D,) H, W, axes]`, the last axis of the picture first.
    func affineGrid() throws(KernelError) -> [Tensor] {
        let theta = try input(0)
        guard let size = try integers(1), (4...5).contains(size.count), size.allSatisfy({ $0 >= 0 }),
            theta.shape.dims == [size[0], size.count - 2, size.count - 1], theta.elementType.isFloatingPoint
        else { throw .invalid("maps \(theta.shape)") }
        let spatial = Array(size[2...])
        let axes = spatial.count
        let points = saturatingProduct(spatial)
        let alignsCorners = try attributes.flag("align_corners")
        let dims = [size[0]] + spatial + [axes]
        try workspace.reserve(saturatingProduct(dims))
        let maps = theta.doubles()
        let strides = Shape(spatial).strides
        var results: [Double] = []
        results.reserveCapacity(saturatingProduct(dims))
        for image in 0..<(points > 0 ? size[0] : 0) {
            for point in 0..<points {
                // The last axis comes first.
                let place = (0..<axes).reversed().map { axis in
                    coordinate(point / strides[axis] % spatial[axis], spatial[axis], alignsCorners)
                }
                for row in 0..<axes {
                    let start = (image * axes + row) * (axes + 1)
                    results.append(
                        (0..<axes).reduce(maps[start + axes]) { $0 + maps[start + $1] * place[$1] })
                }
            }
        }
        return [try cast(try make(dims, results), to: theta.elementType)]
    }

    /// Place `index` of an axis of `size` between -1 and 1, the ends its outer places' middles or edges.
    private func coordinate(_ index: Int, _ size: Int, _ alignsCorners: Bool) -> Double {
        if alignsCorners { return size > 1 ? 2 * Double(index) / Double(size - 1) - 1 : 0 }
        return (2 * Double(index) + 1) / Double(size) - 1
    }
}
