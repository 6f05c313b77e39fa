import CKernels
import Glibc
import Testing

private let activations: [ck_activation] = [
    none, relu, gelu, ck_activation(function: CK_CLIP, a: 0, b: 6),
    ck_activation(function: CK_LEAKY, a: 0.1, b: 0),
    ck_activation(function: CK_GELU_TANH, a: 0, b: 0), ck_activation(function: CK_SILU, a: 0, b: 0),
    ck_activation(function: CK_HARDSWISH, a: 0, b: 0),
    ck_activation(function: CK_HARDSIGMOID, a: 0.2, b: 0.5),
    ck_activation(function: CK_SIGMOID, a: 0, b: 0), ck_activation(function: CK_TANH, a: 0, b: 0),
    ck_activation(function: CK_ELU, a: 1, b: 0),
]

@Test("Activations are within 1e-6 of the exact functions from -30 to 30", arguments: instructionSets)
func activate(isa: ck_isa) {
    let x = Floats((0..<60_003).map { Float($0 - 30_000) * 1e-3 })
    let y = Floats(x.count)
    for activation in activations {
        ck_activate(isa, activation, x.pointer, y.pointer, x.count)
        var worst = 0.0
        for index in 0..<x.count {
            let exact = ck_reference_activation(activation, Double(x.pointer[index]))
            worst = max(worst, abs(Double(y.pointer[index]) - exact) / max(1, abs(exact)))
        }
        #expect(worst < 1e-6, "\(activation.function) \(worst)")
    }
}

@Test("Activations at extremes are their limits and keep NaN", arguments: instructionSets)
func extremes(isa: ck_isa) {
    let x = Floats([-.infinity, -1e30, -200, 200, 1e30, .infinity])
    let y = Floats(x.count)
    for (function, limits) in [
        (CK_SIGMOID, (0, 1)), (CK_TANH, (-1, 1)), (CK_ELU, (-1, Float.infinity)),
        (CK_CLIP, (0, Float.infinity)),
    ] as [(ck_function, (Float, Float))] {
        let activation = ck_activation(function: function, a: function == CK_ELU ? 1 : 0, b: .infinity)
        ck_activate(isa, activation, x.pointer, y.pointer, x.count)
        #expect(abs(y.pointer[0] - limits.0) < 1e-6 && abs(y.pointer[1] - limits.0) < 1e-6)
        #expect(y.pointer[5] == limits.1)
    }
    let nan = Floats([.nan])
    for activation in activations {
        let result = Floats([0])
        ck_activate(isa, activation, nan.pointer, result.pointer, 1)
        #expect(result.pointer[0].isNaN, "\(activation.function)")
    }
}

@Test("Sums, products, scales and softmax are the plain ones", arguments: instructionSets)
func elementwise(isa: ck_isa) {
    var noise = Noise(seed: 5)
    for count in [1, 15, 16, 17, 2048, 2049, 5000] {
        let (a, b, y) = (Floats(noise.floats(count)), Floats(noise.floats(count)), Floats(count))
        ck_add(isa, relu, a.pointer, b.pointer, y.pointer, count)
        #expect(y.values == zip(a.values, b.values).map { max($0 + $1, 0) })
        ck_multiply(isa, a.pointer, b.pointer, y.pointer, count)
        #expect(y.values == zip(a.values, b.values).map { $0 * $1 })
        let rows = Floats(noise.floats(3 * count).map { $0 * 40 })
        let soft = Floats(3 * count)
        ck_softmax(isa, rows.pointer, soft.pointer, 3, count)
        #expect(
            relativeError(
                soft.values, (0..<3).flatMap { softmax(Array(rows.values[$0 * count..<($0 + 1) * count])) })
                < 1e-6)
    }
    let (x, scale, shift) = (
        Floats(noise.floats(3 * 200 * 16)), Floats(noise.floats(48)), Floats(noise.floats(48))
    )
    let y = Floats(x.count)
    ck_scale_shift(isa, relu, x.pointer, scale.pointer, shift.pointer, y.pointer, 3, 200)
    let expected = (0..<x.count).map { index in
        let lane = index / 3200 * 16 + index % 16
        return max(x.pointer[index] * scale.pointer[lane] + shift.pointer[lane], 0)
    }
    #expect(relativeError(y.values, expected) < 1e-6)
}

private func softmax(_ row: [Float]) -> [Float] {
    let top = row.max() ?? 0
    let powers = row.map { exp(Double($0) - Double(top)) }
    let sum = powers.reduce(0, +)
    return powers.map { Float($0 / sum) }
}

@Test("Blocking and unblocking a layout gives back the image", arguments: instructionSets)
func layouts(isa: ck_isa) {
    var noise = Noise(seed: 9)
    for (channels, pixels) in [(1, 1), (3, 49), (16, 17), (17, 16), (40, 33)] {
        let image = noise.floats(channels * pixels)
        let result = Floats((channels + 15) / 16 * 16 * pixels)
        ck_block(isa, image, result.pointer, channels, pixels)
        #expect(planar(result, images: 1, channels: channels, pixels: pixels) == image)
        let back = Floats(channels * pixels)
        ck_unblock(isa, result.pointer, back.pointer, channels, pixels)
        #expect(back.values == image)
        let wide = Floats((channels + 47) / 16 * 16 * pixels, value: 0)
        for offset in [0, 5, 16] {
            ck_copy_channels(result.pointer, 0, wide.pointer, offset, channels, pixels)
            let all = planar(wide, images: 1, channels: channels + offset, pixels: pixels)
            #expect(Array(all[(offset * pixels)...]) == image)
        }
    }
}

@Test("Pooling is the reference's, windows over the edge included", arguments: instructionSets)
func pooling(isa: ck_isa) {
    let shapes = [
        ck_shape(2, 20, 20, 8, 9, kernel: (2, 2), stride: (2, 2)),
        ck_shape(1, 16, 16, 15, 15, kernel: (3, 3), stride: (2, 2), pad: (1, 1)),
        ck_shape(1, 5, 5, 7, 7, kernel: (3, 3), stride: (2, 2), extra: (1, 1)),
        ck_shape(1, 33, 33, 6, 5, kernel: (3, 2), stride: (1, 1), pad: (1, 0), dilation: (1, 2)),
    ]
    for shape in shapes {
        for kind in [CK_POOL_MAX, CK_POOL_AVERAGE, CK_POOL_AVERAGE_WITH_PADDING] {
            var shape = shape
            var noise = Noise(seed: 3)
            let (n, channels) = (Int(shape.batch), Int(shape.in_channels))
            let image = noise.floats(shape.inputFloats)
            var expected = [Float](repeating: 0, count: shape.outputFloats)
            ck_reference_pool(&shape, kind, shape.pad_top, shape.pad_left, image, &expected)
            let x = blocked(image, images: n, channels: channels, pixels: shape.inputPixels)
            let y = Floats(n * shape.outputImage)
            var tensors = ck_tensors(
                x: x.pointer, weights: nil, bias: nil, residual: nil, y: y.pointer, x_image: shape.inputImage,
                y_image: shape.outputImage, residual_image: 0, activation: none, pooled: 0)
            ck_pool(isa, &shape, kind, shape.pad_top, shape.pad_left, &tensors, 0, ck_pool_items(&shape))
            let actual = planar(y, images: n, channels: channels, pixels: shape.outputPixels)
            #expect(relativeError(actual, expected) < 1e-6)
        }
    }
}

@Test("Global pooling is the mean and the maximum of each channel", arguments: instructionSets)
func globalPooling(isa: ck_isa) {
    var noise = Noise(seed: 11)
    for pixels in [1, 2, 49, 64] {
        let x = Floats(noise.floats(2 * pixels * 16))
        let y = Floats(32)
        for kind in [CK_POOL_AVERAGE, CK_POOL_MAX] {
            ck_global_pool(isa, kind, x.pointer, y.pointer, 2, pixels)
            for lane in 0..<32 {
                let values = (0..<pixels).map { x.pointer[(lane / 16 * pixels + $0) * 16 + lane % 16] }
                let expected = kind == CK_POOL_MAX ? values.max() : values.reduce(0, +) / Float(pixels)
                #expect(abs(y.pointer[lane] - (expected ?? .nan)) < 1e-6)
            }
        }
    }
}
