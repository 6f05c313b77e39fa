import Kernels
import Tensors
import Testing

/// A convolution by its definition, in double.
private func convolve(_ x: [Double], _ w: [Double], _ form: Form) -> [Double] {
    let height = (form.size + 2 * form.pad - (form.kernel - 1) * form.dilation - 1) / form.stride + 1
    var y: [Double] = []
    let (inner, outer) = (form.channels / form.groups, form.filters / form.groups)
    for image in 0..<form.batch {
        for filter in 0..<form.filters {
            for position in 0..<(height * height) {
                var sum = 0.0
                for tap in 0..<(inner * form.kernel * form.kernel) {
                    let (channel, dy, dx) = (
                        tap / (form.kernel * form.kernel), tap / form.kernel % form.kernel, tap % form.kernel
                    )
                    let row = position / height * form.stride + dy * form.dilation - form.pad
                    let column = position % height * form.stride + dx * form.dilation - form.pad
                    guard row >= 0, row < form.size, column >= 0, column < form.size else { continue }
                    let source = image * form.channels + filter / outer * inner + channel
                    sum +=
                        x[(source * form.size + row) * form.size + column]
                        * w[filter * inner * form.kernel * form.kernel + tap]
                }
                y.append(sum)
            }
        }
    }
    return y
}

private struct Form: Sendable, CustomTestStringConvertible {
    var batch = 1
    var channels = 3
    var filters = 4
    var size = 7
    var kernel = 3
    var stride = 1
    var pad = 1
    var dilation = 1
    var groups = 1
    var testDescription: String { "\(self)" }
}

@Test(arguments: [
    Form(), Form(batch: 3, channels: 5, filters: 7, size: 9), Form(stride: 2), Form(kernel: 1, pad: 0),
    Form(kernel: 1, stride: 2, pad: 0), Form(kernel: 5, pad: 2), Form(pad: 2, dilation: 2), Form(pad: 3),
    Form(channels: 6, filters: 6, groups: 6), Form(channels: 6, filters: 12, size: 5, groups: 6),
    Form(channels: 8, filters: 4, groups: 2),
    Form(channels: 6, filters: 6, stride: 2, dilation: 2, groups: 6),
    Form(size: 3, pad: 0), Form(batch: 3, channels: 2, filters: 1, size: 3),
    Form(batch: 2, filters: 2, size: 3), Form(size: 64, kernel: 7, stride: 4, pad: 3),
])
private func `A convolution agrees with its definition`(form: Form) throws {
    let x = scattered(form.batch * form.channels * form.size * form.size)
    let w = scattered(form.filters * form.channels / form.groups * form.kernel * form.kernel, seed: 7)
    let attributes: [String: AttributeValue] = [
        "pads": .integers([Int64](repeating: Int64(form.pad), count: 4)),
        "strides": .integers([Int64](repeating: Int64(form.stride), count: 2)),
        "dilations": .integers([Int64](repeating: Int64(form.dilation), count: 2)),
        "group": .integer(Int64(form.groups)),
    ]
    let result = try evaluate(
        "Conv",
        [
            floats([form.batch, form.channels, form.size, form.size], x),
            floats([form.filters, form.channels / form.groups, form.kernel, form.kernel], w),
        ], attributes)[0].floats()
    let expected = convolve(x.map(Double.init), w.map(Double.init), form)
    #expect(result.count == expected.count)
    for (a, e) in zip(result, expected) { #expect(abs(Double(a) - e) < 1e-4) }
}

@Test func `A transposed convolution undoes the strides of a convolution`() throws {
    let y = try evaluate(
        "ConvTranspose", [floats([1, 1, 2, 2], [1, 2, 3, 4]), floats([1, 1, 2, 2], [1, 1, 1, 1])],
        ["strides": .integers([2, 2])])[0]
    #expect(y.shape == [1, 1, 4, 4])
    #expect(y.floats() == [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4])
}

@Test(arguments: [
    ("SAME_UPPER", [4.0, 6, 6, 10, 12, 12, 10, 12, 12]), ("VALID", [4.0, 6, 10, 12]),
])
func `Padding is chosen as auto_pad says`(autoPad: String, expected: [Float]) throws {
    let values: [Float] = [0, 1, 3, 1, 4, 6, 8, 10, 12]
    let y = try evaluate(
        "MaxPool", [floats([1, 1, 3, 3], values)],
        ["kernel_shape": .integers([2, 2]), "auto_pad": .text(autoPad)])[0]
    #expect(y.floats() == expected)
}

@Test func `An average leaves padding out unless told otherwise`() throws {
    let x = try floats([1, 1, 2, 2], [4, 4, 4, 4])
    let attributes: [String: AttributeValue] = [
        "kernel_shape": .integers([2, 2]), "pads": .integers([1, 1, 1, 1]),
    ]
    #expect(try evaluate("AveragePool", [x], attributes)[0].floats().allSatisfy { $0 == 4 })
    let counted = attributes.merging(["count_include_pad": .integer(1)]) { $1 }
    #expect(try evaluate("AveragePool", [x], counted)[0].floats() == [1, 2, 1, 2, 4, 2, 1, 2, 1])
}

@Test(arguments: [[0, 1], [-1, 1], [1 << 40, 1]])
func `A stride out of range is refused`(strides: [Int64]) throws {
    #expect(throws: KernelError.self) {
        try evaluate(
            "Conv", [floats([1, 1, 2, 2], [1, 2, 3, 4]), floats([1, 1, 1, 1], [1])],
            ["strides": .integers(strides)])
    }
}
