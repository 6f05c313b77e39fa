import CKernels
import Testing

/// A convolution with its data, its reference result, and what the kernels are given.
struct Problem {
    let shape: ck_shape
    let activation: ck_activation
    let planarInput: [Float]
    let filter: [Float]
    let expected: [Float]
    let input: Floats
    let bias: Floats
    let residual: Floats?
    let output: Floats

    init(_ shape: ck_shape, activation: ck_activation, residual: Bool) {
        var shape = shape
        var noise = Noise(seed: Int(shape.in_channels * 131 + shape.out_width))
        self.activation = activation
        planarInput = noise.floats(shape.inputFloats)
        filter = noise.floats(shape.filterFloats)
        let biases = noise.floats(Int(shape.out_channels))
        let residuals = residual ? noise.floats(shape.outputFloats) : []
        var expected = [Float](repeating: 0, count: shape.outputFloats)
        ck_reference_convolution(
            &shape, planarInput, filter, biases, residual ? residuals : nil, activation, &expected)
        self.expected = expected
        self.shape = shape
        let (n, pixels) = (Int(shape.batch), shape.outputPixels)
        input = blocked(planarInput, images: n, channels: Int(shape.in_channels), pixels: shape.inputPixels)
        let padding = [Float](repeating: 0, count: (16 - biases.count % 16) % 16)
        bias = Floats(biases + padding)
        self.residual =
            residual ? blocked(residuals, images: n, channels: Int(shape.out_channels), pixels: pixels) : nil
        output = Floats(n * shape.outputImage)
    }

    func tensors(weights: Floats, planar: Floats? = nil) -> ck_tensors {
        ck_tensors(
            x: planar?.pointer ?? input.pointer, weights: weights.pointer, bias: bias.pointer,
            residual: residual?.pointer, y: output.pointer,
            x_image: planar == nil ? shape.inputImage : Int(shape.in_channels) * shape.inputPixels,
            y_image: shape.outputImage, residual_image: shape.outputImage, activation: activation, pooled: 0)
    }

    /// Relative error of what the kernel left in `output`.
    var error: Double {
        let actual = planar(
            output, images: Int(shape.batch), channels: Int(shape.out_channels), pixels: shape.outputPixels)
        return relativeError(actual, expected)
    }
}

let none = ck_activation(function: CK_NONE, a: 0, b: 0)
let relu = ck_activation(function: CK_CLIP, a: 0, b: .infinity)
let gelu = ck_activation(function: CK_GELU, a: 0, b: 0)

/// Widths around every tile edge of every instruction set, channel counts around the blocks of 16 and groups
/// of 32.
let directShapes: [ck_shape] =
    [1, 2, 3, 4, 5, 6, 7, 8, 13, 14, 15, 27, 29, 43].map {
        ck_shape(1, 17, 33, 5, $0, kernel: (3, 3), pad: (1, 1))
    }
    + [1, 15, 16, 17, 31, 32, 33, 48, 65].map { ck_shape(2, $0, 66 - $0, 6, 9, kernel: (3, 3), pad: (1, 1)) }
    + [1, 3, 7, 14, 29].map { ck_shape(2, 19, 40, $0, $0, kernel: (1, 1)) }
    + [7, 8, 15, 28].map { ck_shape(1, 20, 36, $0, $0, kernel: (1, 1), stride: (2, 2)) }
    + [
        ck_shape(1, 64, 64, 56, 56, kernel: (3, 3), pad: (1, 1)),
        ck_shape(3, 40, 24, 9, 9, kernel: (3, 3), stride: (2, 2), pad: (1, 1)),
        ck_shape(1, 8, 16, 12, 11, kernel: (5, 5), pad: (2, 2)),
        ck_shape(1, 8, 16, 12, 11, kernel: (3, 5), stride: (1, 2), pad: (0, 2)),
        ck_shape(1, 8, 16, 16, 17, kernel: (3, 3), pad: (2, 2), dilation: (2, 2)),
        ck_shape(1, 8, 16, 19, 17, kernel: (3, 3), stride: (3, 4), pad: (1, 1)),
        ck_shape(1, 18, 20, 8, 8, kernel: (4, 4), stride: (2, 2), pad: (1, 1), extra: (1, 1)),
        ck_shape(1, 8, 16, 3, 3, kernel: (3, 3), pad: (3, 3)),
        ck_shape(1, 16, 80, 5, 5, kernel: (5, 5)), ck_shape(1, 5, 7, 1, 20, kernel: (1, 3), pad: (0, 1)),
    ]
    // Rows that fit a tile, whose padding is left out: alone, in pairs, and cut into runs.
    + [1, 2, 3, 9, 40].flatMap { rows in
        [1, 3, 6, 12].map { ck_shape(2, 24, 48, rows, $0, kernel: (3, 3), pad: (1, 1)) }
    }
    + [ck_shape(1, 300, 40, 60, 12, kernel: (3, 3), pad: (1, 1))]
    // Weights beyond one run of input blocks, whose sums wait in the output.
    + [1, 2, 4, 7].map { ck_shape(1, 150, 40, $0, $0, kernel: (3, 3), pad: (1, 1)) }
    + [ck_shape(1, 2100, 33, 3, 5, kernel: (1, 1)), ck_shape(2, 2100, 24, 14, 3, kernel: (1, 1))]

@Test("The direct convolution is the reference's, on every instruction set", arguments: instructionSets)
func direct(isa: ck_isa) {
    for (index, shape) in directShapes.enumerated() {
        let problem = Problem(shape, activation: [none, relu, gelu][index % 3], residual: index % 2 == 1)
        var shape = shape
        let weights = Floats(ck_direct_weights_floats(&shape))
        ck_direct_pack(&shape, problem.filter, weights.pointer)
        let scratch = Floats(ck_direct_scratch_floats(&shape))
        var tensors = problem.tensors(weights: weights)
        var held = -1
        ck_direct(isa, &shape, &tensors, scratch.pointer, &held, 0, ck_direct_items(&shape))
        #expect(problem.error < 1e-6, "\(shape) \(index)")
    }
}

@Test("The sum may be left where the residual was, also after a second run of input blocks")
func residualInPlace() {
    let shape = ck_shape(1, 150, 40, 7, 7, kernel: (3, 3), pad: (1, 1))
    let problem = Problem(shape, activation: relu, residual: true)
    var copy = shape
    let weights = Floats(ck_direct_weights_floats(&copy))
    ck_direct_pack(&copy, problem.filter, weights.pointer)
    let scratch = Floats(ck_direct_scratch_floats(&copy))
    var tensors = problem.tensors(weights: weights)
    let sum = problem.output.pointer
    for (index, value) in (problem.residual?.values ?? []).enumerated() { sum[index] = value }
    tensors.residual = UnsafePointer(sum)
    var held = -1
    ck_direct(ck_isa_best(), &copy, &tensors, scratch.pointer, &held, 0, ck_direct_items(&copy))
    #expect(problem.error < 1e-6)
}

@Test("A first layer reads planar images of one to four channels", arguments: instructionSets)
func firstLayer(isa: ck_isa) {
    let shapes = [
        ck_shape(1, 3, 20, 32, 32, kernel: (3, 3), pad: (1, 1)),
        ck_shape(2, 3, 64, 45, 33, kernel: (7, 7), stride: (2, 2), pad: (3, 3)),
        ck_shape(1, 1, 16, 28, 28, kernel: (5, 5)),
        ck_shape(1, 4, 33, 19, 17, kernel: (3, 3), stride: (2, 2)),
        ck_shape(1, 3, 24, 31, 31, kernel: (2, 2)),
        ck_shape(1, 3, 48, 67, 67, kernel: (11, 11), stride: (4, 4), pad: (2, 2)),
        ck_shape(1, 2, 16, 9, 8, kernel: (3, 3), stride: (2, 2), pad: (0, 0), extra: (1, 1)),
        ck_shape(1, 3, 16, 9, 20, kernel: (3, 3), pad: (2, 2), dilation: (2, 2)),
        ck_shape(1, 3, 16, 2, 1, kernel: (3, 3), pad: (1, 1)),
        ck_shape(1, 3, 40, 17, 31, kernel: (2, 3), stride: (1, 2), pad: (1, 2), extra: (0, 2)),
    ]
    for shape in shapes {
        let problem = Problem(shape, activation: relu, residual: false)
        var shape = shape
        let weights = Floats(ck_direct_weights_floats(&shape))
        ck_direct_pack(&shape, problem.filter, weights.pointer)
        let scratch = Floats(ck_first_scratch_floats(&shape))
        let planar = Floats(problem.planarInput)
        var tensors = problem.tensors(weights: weights, planar: planar)
        var held = -1
        ck_first(isa, &shape, &tensors, scratch.pointer, &held, 0, ck_first_items(&shape))
        #expect(problem.error < 1e-6, "\(shape)")
    }
}

@Test("Depthwise convolution is the reference's", arguments: instructionSets)
func depthwise(isa: ck_isa) {
    for kernel in [1, 2, 3, 5, 7] {
        for stride in [1, 2, 3] {
            for size in [1, 2, 5, 7, 8, 14, 15, 30] where size + 2 * (kernel / 2) >= kernel {
                let shape = ck_shape(
                    2, 24, 24, size, size + 1, kernel: (kernel, kernel), stride: (stride, stride),
                    pad: (kernel / 2, kernel / 2), groups: 24)
                checkDepthwise(isa, shape, residual: size % 2 == 0)
            }
        }
    }
    checkDepthwise(
        isa, ck_shape(1, 17, 17, 20, 20, kernel: (3, 3), pad: (2, 2), dilation: (2, 2), groups: 17),
        residual: false)
    checkDepthwise(
        isa, ck_shape(1, 16, 16, 9, 9, kernel: (3, 5), stride: (2, 1), pad: (0, 2), groups: 16),
        residual: true)
}

private func checkDepthwise(_ isa: ck_isa, _ shape: ck_shape, residual: Bool) {
    let problem = Problem(shape, activation: residual ? gelu : relu, residual: residual)
    var shape = shape
    let weights = Floats(ck_depthwise_weights_floats(&shape))
    ck_depthwise_pack(&shape, problem.filter, weights.pointer)
    var tensors = problem.tensors(weights: weights)
    ck_depthwise(isa, &shape, &tensors, 0, ck_depthwise_items(&shape))
    #expect(problem.error < 1e-6, "\(shape)")
}

@Test("A layer of few outputs has items for several threads", arguments: [(3, 24, 31, 1), (16, 32, 32, 2)])
func itemsOfFewOutputs(inputs: Int, outputs: Int, size: Int, stride: Int) {
    var shape = ck_shape(
        1, inputs, outputs, size, size, kernel: (3, 3), stride: (stride, stride), pad: (1, 1))
    #expect((inputs < 16 ? ck_first_items(&shape) : ck_direct_items(&shape)) >= 2)
}

@Test("Any cut of the items over threads gives the same bits")
func cuts() {
    let shape = ck_shape(2, 33, 70, 18, 18, kernel: (3, 3), pad: (1, 1))
    var outputs: [[Float]] = []
    for step in [1, 3, 1000] {
        let problem = Problem(shape, activation: relu, residual: true)
        var shape = shape
        let weights = Floats(ck_direct_weights_floats(&shape))
        ck_direct_pack(&shape, problem.filter, weights.pointer)
        let scratch = Floats(ck_direct_scratch_floats(&shape))
        var tensors = problem.tensors(weights: weights)
        let items = ck_direct_items(&shape)
        var held = -1
        for begin in stride(from: 0, to: items, by: step).reversed() {
            ck_direct(
                ck_isa_best(), &shape, &tensors, scratch.pointer, &held, begin, min(items, begin + step))
        }
        #expect(problem.error < 1e-6)
        outputs.append(problem.output.values)
    }
    #expect(outputs[0] == outputs[1] && outputs[1] == outputs[2])
}

@Test("The product of packed weights is the reference's", arguments: instructionSets)
func product(isa: ck_isa) {
    for (rows, inputs, outputs) in [
        (1, 1, 1), (1, 64, 10), (2, 65, 10), (3, 17, 33), (8, 512, 100), (15, 40, 16), (29, 31, 47),
        (70, 33, 64),
    ] {
        var noise = Noise(seed: rows + inputs)
        let (x, w) = (Floats(noise.floats(rows * (inputs + 3))), noise.floats(inputs * outputs))
        let (biases, residual) = (noise.floats(outputs), Floats(noise.floats(rows * outputs)))
        let bias = Floats(biases + [Float](repeating: 0, count: (16 - outputs % 16) % 16))
        var expected: [Float] = []
        for row in 0..<rows {
            for output in 0..<outputs {
                var sum = Double(biases[output]) + Double(residual.pointer[row * outputs + output])
                for k in 0..<inputs {
                    sum += Double(x.pointer[row * (inputs + 3) + k]) * Double(w[output * inputs + k])
                }
                expected.append(Float(ck_reference_activation(gelu, sum)))
            }
        }
        var shape = ck_product_shape(
            rows: Int32(rows), inputs: Int32(inputs), outputs: Int32(outputs), x_row: inputs + 3,
            y_row: outputs,
            residual_row: outputs)
        let packed = Floats(ck_product_weights_floats(&shape))
        ck_product_pack(&shape, w, packed.pointer)
        let (scratch, y) = (Floats(ck_product_scratch_floats(&shape)), Floats(rows * outputs))
        var tensors = ck_tensors(
            x: x.pointer, weights: packed.pointer, bias: bias.pointer, residual: residual.pointer,
            y: y.pointer,
            x_image: 0, y_image: 0, residual_image: 0, activation: gelu, pooled: 0)
        ck_product(isa, &shape, &tensors, scratch.pointer, 0, ck_product_items(&shape))
        #expect(relativeError(y.values, expected) < 1e-6, "\(rows) \(inputs) \(outputs)")
    }
}
