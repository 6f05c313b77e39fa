import Tensors

extension Invocation {
    /// `MaxUnpool` (opset 9 to 22): each element back at the place that `MaxPool` found it in, zeros
    /// elsewhere.
    ///
    /// The places count through the whole tensor of the size that the window's attributes imply; a larger
    /// `output_shape` (input 2) adds zeros behind it.
    func unpool() throws(KernelError) -> [Tensor] {
        let (x, indices) = (try input(0), try input(1))
        let rank = x.shape.rank - 2
        let kernel = try attributes.integers("kernel_shape") ?? []
        let window = try WindowAttributes(attributes, rank: rank)
        guard kernel.count == rank, kernel.allSatisfy({ (1...(1 << 24)).contains($0) }),
            indices.shape == x.shape, indices.elementType == .int64,
            x.shape.dims.allSatisfy({ $0 < 1 << 32 })
        else { throw .invalid("indices \(indices.shape) do not fit \(x.shape)") }
        var dims = Array(x.shape.dims[..<2])
        for axis in 0..<rank {
            let reach = saturatingMultiply(x.shape[axis + 2] - 1, window.strides[axis])
            dims.append(reach + kernel[axis] - window.pads[axis] - window.pads[axis + rank])
        }
        let target = try integers(2) ?? dims
        guard dims.allSatisfy({ $0 >= 0 }), target.count == dims.count,
            zip(target, dims).allSatisfy({ $0 >= $1 })
        else { throw .invalid("an output of \(target), smaller than \(dims)") }
        let count = saturatingProduct(dims)
        try workspace.reserve(count)
        var places = [Int](repeating: x.count, count: count)
        for (source, index) in indices.converted(to: Int64.self).enumerated() {
            guard index >= 0, index < Int64(count) else { throw .invalid("index \(index) of \(count)") }
            places[Int(index)] = source
        }
        let zero = try cast(try make([1], [Float(0)]), to: x.elementType)
        let both = try concatenate([try x.shaped([x.count]), zero], axis: 0)
        let y = try pick(places, of: both, dims: dims)
        if target == dims { return [y] }
        let pads = dims.map { _ in Int64(0) } + zip(target, dims).map { Int64($0 - $1) }
        let call = Invocation(
            inputs: [y, try make([pads.count], pads)], attributes: Attributes(), opset: 13, outputCount: 1,
            workspace: workspace)
        return try call.pad()
    }

    /// `Col2Im` (opset 18): columns `[N, C * block, L]` laid back where the windows of an image took them
    /// from, and summed where windows overlap.
    func columnsToImage() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        guard let image = try integers(1), let block = try integers(2), x.shape.rank == 3,
            let wide = x.elementType.widenedReal
        else { throw .invalid("columns \(x.shape)") }
        let window = try WindowAttributes(attributes, rank: image.count).window(input: image, kernel: block)
        let taps = window.kernelCount
        guard x.shape[2] == window.outputCount, x.shape[1] % taps == 0 else {
            throw .invalid("columns \(x.shape) for an image of \(image) in blocks of \(block)")
        }
        let dims = [x.shape[0], x.shape[1] / taps] + image
        try workspace.charge(x.count)
        try workspace.reserve(saturatingProduct(dims))
        let values = try cast(x, to: wide).doubles()
        var results = [Double](repeating: 0, count: saturatingProduct(dims))
        for row in 0..<(x.shape[0] * x.shape[1]) {
            let kernel = window.position(ofTap: row % taps)
            let plane = row / taps * window.inputCount
            for place in 0..<window.outputCount {
                guard let offset = window.inputPlace(output: place, kernel: kernel) else { continue }
                results[plane + offset] += values[row * window.outputCount + place]
            }
        }
        return [try cast(try make(dims, results), to: x.elementType)]
    }
}

extension Window {
    /// The input element that lies under kernel coordinates `kernel` at output number `output`, nil in the
    /// padding.
    func inputPlace(output number: Int, kernel: [Int]) -> Int? {
        guard let line = inputLine(row: number / output[2], kernel: kernel) else { return nil }
        let column = number % output[2] * stride[2] + shift(axis: 2, tap: kernel[2])
        return column >= 0 && column < input[2] ? line + column : nil
    }
}
