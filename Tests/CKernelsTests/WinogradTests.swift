import CKernels
import Testing

/// Sizes around the tiles of 2 and 4 and the tile's pixels, channels around the blocks, more than one image.
private let shapes: [ck_shape] =
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 30].map {
        ck_shape(1, 17, 33, $0, $0 + 1, kernel: (3, 3), pad: (1, 1))
    }
    + [1, 15, 16, 32, 48, 80].map { ck_shape(3, $0, 96 - $0, 8, 8, kernel: (3, 3), pad: (1, 1)) }
    + [
        ck_shape(2, 20, 20, 9, 12, kernel: (3, 3)), ck_shape(1, 20, 20, 9, 12, kernel: (3, 3), pad: (2, 2)),
        ck_shape(5, 32, 64, 4, 4, kernel: (3, 3), pad: (1, 1)),
        ck_shape(1, 64, 64, 30, 30, kernel: (3, 3), pad: (1, 1)),
    ]

/// Runs one problem, the groups of outputs in `parts`; several are done in two calls, as by two threads.
private func winograd(
    _ isa: ck_isa, _ problem: Problem, side: Int32, block wanted: Int, parts: Int, isPooled: Bool = false
) {
    var shape = problem.shape
    let weights = Floats(ck_winograd_weights_floats(&shape, side))
    ck_winograd_pack(&shape, side, problem.filter, weights.pointer)
    let block = ck_winograd_block(&shape, side, wanted)
    let scratch = Floats(ck_winograd_scratch_floats(&shape, side, block))
    var tensors = problem.tensors(weights: weights)
    if isPooled {
        tensors.pooled = 1
        tensors.y_image = shape.pooled.outputImage
    }
    let items = ck_winograd_items(&shape, side, block, parts)
    var held = -1
    for range in parts > 1 ? [items / 2..<items, 0..<items / 2] : [0..<items] {
        ck_winograd(
            isa, &shape, side, block, parts, &tensors, scratch.pointer, &held, range.lowerBound,
            range.upperBound)
    }
}

@Test(
    "Winograd F(2x2), F(4x2) and F(4x4) agree with the reference in double", arguments: instructionSets,
    [Int32(2), 42, 4])
func winograd(isa: ck_isa, side: Int32) {
    for (index, shape) in shapes.enumerated() {
        let problem = Problem(shape, activation: [none, relu, gelu][index % 3], residual: index % 2 == 1)
        winograd(isa, problem, side: side, block: [0, 1, 5, 14, 29][index % 5], parts: 1 + index % 4)
        #expect(problem.error < (side == 2 ? 2e-6 : 2e-5), "\(shape) \(index) \(problem.error)")
    }
}

@Test("Winograd in parts of the outputs gives the bits of the whole", arguments: [Int32(2), 42, 4], 2...5)
func parts(side: Int32, parts: Int) {
    let shape = ck_shape(2, 40, 72, 14, 14, kernel: (3, 3), pad: (1, 1))
    let (whole, cut) = (
        Problem(shape, activation: relu, residual: true), Problem(shape, activation: relu, residual: true)
    )
    winograd(ck_isa_best(), whole, side: side, block: 0, parts: 1)
    winograd(ck_isa_best(), cut, side: side, block: 0, parts: parts)
    #expect(whole.output.values == cut.output.values)
}

extension ck_shape {
    /// The maximum pooling of the result that halves it.
    fileprivate var pooled: ck_shape {
        var pool = self
        (pool.in_channels, pool.in_height, pool.in_width) = (out_channels, out_height, out_width)
        (pool.out_height, pool.out_width) = (out_height / 2, out_width / 2)
        (pool.kernel_height, pool.kernel_width) = (2, 2)
        (pool.stride_height, pool.stride_width, pool.pad_top, pool.pad_left) = (2, 2, 0, 0)
        return pool
    }
}

@Test(
    "Winograd that pools gives the bits of Winograd and a maximum pooling", arguments: instructionSets,
    [Int32(2), 42, 4])
func pooledWinograd(isa: ck_isa, side: Int32) {
    for (index, shape) in shapes.enumerated() where shape.out_height > 1 && shape.out_width > 1 {
        let (whole, pooled) = (
            Problem(shape, activation: relu, residual: false),
            Problem(shape, activation: [relu, none, gelu][index % 3], residual: false)
        )
        let open = Problem(shape, activation: none, residual: false)
        winograd(isa, whole, side: side, block: 0, parts: 1)
        winograd(isa, open, side: side, block: 0, parts: 1)
        winograd(isa, pooled, side: side, block: [0, 3][index % 2], parts: 1 + index % 3, isPooled: true)
        var pool = shape.pooled
        let y = Floats(Int(pool.batch) * pool.outputImage)
        let source = index % 3 == 0 ? whole : open
        var tensors = ck_tensors(
            x: source.output.pointer, weights: nil, bias: nil, residual: nil, y: y.pointer,
            x_image: shape.outputImage, y_image: pool.outputImage, residual_image: 0, activation: none,
            pooled: 0)
        ck_pool(isa, &pool, CK_POOL_MAX, 0, 0, &tensors, 0, ck_pool_items(&pool))
        if index % 3 == 2 { ck_activate(isa, gelu, y.pointer, y.pointer, y.values.count) }
        #expect(Array(pooled.output.values.prefix(y.values.count)) == y.values, "\(shape)")
    }
}
