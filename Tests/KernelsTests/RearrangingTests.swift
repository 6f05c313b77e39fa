import Kernels
import Tensors
import Testing

private func numbers(_ tensor: Tensor) -> [Int64] { tensor.converted(to: Int64.self) }

@Test(
    arguments: [
        (true, [1, 2, 3, 4], [1, 0, 3, 4], [1, 0, 0, 2, 3, 2], [2, 1, 2, 1]),
        (false, [2, 1, 3, 4], [0, 1, 3, 4], [0, 1, 1, 2, 3, 2], [1, 2, 2, 1]),
    ] as [(Bool, [Float], [Int64], [Int64], [Int64])])
func `Each different element comes once, sorted or as it came first`(
    isSorted: Bool, values: [Float], firsts: [Int64], classes: [Int64], counts: [Int64]
) throws {
    let results = try evaluate(
        "Unique", [floats([6], [2, 1, 1, 3, 4, 3])], ["sorted": .integer(isSorted ? 1 : 0)])
    #expect(results[0].floats() == values)
    #expect(results.dropFirst().map(numbers) == [firsts, classes, counts])
}

@Test func `Slices along an axis are compared as wholes, and strings by their code points`() throws {
    let x = try floats([3, 2], [3, 1, 0, 5, 3, 1])
    let rows = try evaluate("Unique", [x], ["axis": .integer(0)])
    #expect(rows[0].shape == [2, 2])
    #expect(rows[0].floats() == [0, 5, 3, 1])
    #expect(numbers(rows[2]) == [1, 0, 1])
    let columns = try evaluate("Unique", [x], ["axis": .integer(-1)])
    #expect(columns[0].floats() == [1, 3, 5, 0, 1, 3])
    let words = try Tensor(shape: [4], strings: ["b", "a", "Z", "b"])
    #expect(try evaluate("Unique", [words])[0].strings == ["Z", "a", "b"])
}

@Test func `NaNs are one class, which comes last, and nothing has no classes`() throws {
    let results = try evaluate("Unique", [floats([4], [.nan, 1, .nan, -1])])
    #expect(results[0].floats().dropLast() == [-1, 1])
    #expect(numbers(results[3]) == [1, 1, 2])
    #expect(try evaluate("Unique", [floats([0], [])])[0].count == 0)
}

@Test(
    arguments: [
        (5, [0.0, 1, 2, 3, 0]), (6, [0.0, 1, 2, 3, 0, 0]), (3, [1.0, 2, 3]), (2, [1.0, 2]), (1, [2.0]),
        (0, []),
    ] as [(Int64, [Float])])
func `An axis is cut or filled about its middle`(size: Int64, expected: [Float]) throws {
    let y = try evaluate("CenterCropPad", [floats([3], [1, 2, 3]), integers([size])])[0]
    #expect(y.floats() == expected)
}

@Test(arguments: [[Int64(-1)], [1 << 50], [.min], [1, 1]]) func `A centre of no size is refused`(
    sizes: [Int64]
) {
    #expect(throws: KernelError.self) {
        try evaluate("CenterCropPad", [floats([3], [1, 2, 3]), integers(sizes)])
    }
}

@Test func `The first steps of each sequence are turned round`() throws {
    let x = try floats([3, 2], [0, 1, 2, 3, 4, 5])
    let byColumn = try evaluate("ReverseSequence", [x, integers([3, 2])])[0]
    #expect(byColumn.floats() == [4, 3, 2, 1, 0, 5])
    let byRow = try evaluate(
        "ReverseSequence", [x, integers([2, 1, 0])], ["time_axis": .integer(1), "batch_axis": .integer(0)])[0]
    #expect(byRow.floats() == [1, 0, 2, 3, 4, 5])
    for lengths: [Int64] in [[4, 1], [-1, 1], [1]] {
        #expect(throws: KernelError.self) { try evaluate("ReverseSequence", [x, integers(lengths)]) }
    }
}

@Test func `A cache takes new steps at its place, or round its end`() throws {
    let cache = try floats([2, 3, 1], [0, 0, 0, 0, 0, 0])
    let update = try floats([2, 2, 1], [1, 2, 3, 4])
    let linear = try evaluate("TensorScatter", [cache, update, integers([0, 1])])[0]
    #expect(linear.floats() == [1, 2, 0, 0, 3, 4])
    let circular = try evaluate(
        "TensorScatter", [cache, update, integers([2, 4])], ["mode": .text("circular")])[0]
    #expect(circular.floats() == [2, 0, 1, 0, 3, 4])
    for starts: [Int64] in [[0, 2], [-1, 0], [.max, 0], [0]] {
        #expect(throws: KernelError.self) {
            try evaluate("TensorScatter", [cache, update, integers(starts)])
        }
    }
}

@Test func `Bits are read as another type of their width`() throws {
    #expect(
        try numbers(evaluate("BitCast", [floats([2], [1, -0.0])], ["to": .integer(6)])[0]) == [
            0x3F80_0000, -1 << 31,
        ])
    #expect(throws: KernelError.self) { try evaluate("BitCast", [floats([1], [1])], ["to": .integer(7)]) }
    #expect(throws: KernelError.self) { try evaluate("BitCast", [floats([1], [1])]) }
}

@Test func `What was pooled goes back to where it was found`() throws {
    let x = try floats([1, 1, 2, 2], [5, 6, 7, 8])
    let places = try Tensor(shape: [1, 1, 2, 2], elements: [Int64]([5, 7, 13, 15]))
    let attributes: [String: AttributeValue] = [
        "kernel_shape": .integers([2, 2]), "strides": .integers([2, 2]),
    ]
    var expected = [Float](repeating: 0, count: 16)
    (expected[5], expected[7], expected[13], expected[15]) = (5, 6, 7, 8)
    let y = try evaluate("MaxUnpool", [x, places], attributes)[0]
    #expect(y.shape == [1, 1, 4, 4])
    #expect(y.floats() == expected)
    let wider = try evaluate("MaxUnpool", [x, places, integers([1, 1, 4, 5])], attributes)[0]
    #expect(wider.floats()[6] == 5)
    for index in [16, -1, Int64.max] {
        let bad = try Tensor(shape: [1, 1, 2, 2], elements: [index, 7, 13, 15])
        #expect(throws: KernelError.self) { try evaluate("MaxUnpool", [x, bad], attributes) }
    }
    #expect(throws: KernelError.self) {
        try evaluate("MaxUnpool", [x, places, integers([1, 1, 3, 4])], attributes)
    }
    #expect(throws: KernelError.self) {
        try evaluate("MaxUnpool", [x, places], ["kernel_shape": .integers([1 << 40, 1])])
    }
}

@Test func `Columns laid back over an image add up where they overlap`() throws {
    // Two by two blocks of ones over three by three places: how many blocks cover each.
    let ones = try floats([1, 4, 4], [Float](repeating: 1, count: 16))
    let y = try evaluate("Col2Im", [ones, integers([3, 3]), integers([2, 2])])[0]
    #expect(y.floats() == [1, 2, 1, 2, 4, 2, 1, 2, 1])
    for (image, block): ([Int64], [Int64]) in [
        ([4, 3], [2, 2]), ([3, 3], [3, 3]), ([-3, 3], [2, 2]), ([1 << 50, 3], [2, 2]),
    ] {
        #expect(throws: KernelError.self) {
            try evaluate("Col2Im", [ones, integers(image), integers(block)])
        }
    }
}

@Test func `A deformed convolution without offsets is a plain one, and a moved tap reads its neighbour`()
    throws
{
    let (x, w) = try (floats([1, 2, 5, 5], scattered(50)), floats([3, 2, 3, 3], scattered(54, seed: 5)))
    let none = try floats([1, 18, 5, 5], [Float](repeating: 0, count: 450))
    let attributes: [String: AttributeValue] = ["pads": .integers([1, 1, 1, 1])]
    let plain = try evaluate("Conv", [x, w], attributes)[0].floats()
    let deformed = try evaluate("DeformConv", [x, w, none], attributes)[0].floats()
    expectClose(deformed, plain)
    // One tap, moved half a place to the right: the mean of two neighbours, and zero outside.
    let line = try floats([1, 1, 1, 3], [1, 3, 5])
    let half = try floats([1, 2, 1, 3], [0, 0, 0, 0.5, 0.5, 0.5])
    let moved = try evaluate("DeformConv", [line, floats([1, 1, 1, 1], [2]), half])[0]
    #expect(moved.floats() == [4, 8, 5])
    let far = try floats([1, 2, 1, 3], [.nan, .infinity, 0, 0, 1e30, -1e30])
    #expect(try evaluate("DeformConv", [line, floats([1, 1, 1, 1], [2]), far])[0].floats() == [0, 0, 0])
    #expect(throws: KernelError.self) { try evaluate("DeformConv", [x, w, half]) }
    #expect(throws: KernelError.self) {
        try evaluate("DeformConv", [x, w, none], ["offset_group": .integer(.max)])
    }
}

@Test func `A determinant is the product of the pivots`() throws {
    let y = try evaluate("Det", [floats([3, 2, 2], [1, 2, 3, 4, 0, 1, 1, 0, 1, 2, 2, 4])])[0]
    #expect(y.shape == [3])
    expectClose(y.floats(), [-2, -1, 0], 1e-6)
    #expect(throws: KernelError.self) { try evaluate("Det", [floats([2, 3], scattered(6))]) }
}

@Test func `Running products go either way, with or without the element itself`() throws {
    func products(_ attributes: [String: AttributeValue]) throws -> [Float] {
        try evaluate("CumProd", [floats([3], [2, 3, 4]), integers([0])], attributes)[0].floats()
    }
    #expect(try products([:]) == [2, 6, 24])
    #expect(try products(["exclusive": .integer(1)]) == [1, 2, 6])
    #expect(try products(["reverse": .integer(1)]) == [24, 12, 4])
}

@Test func `An affine grid of the identity spans from edge to edge`() throws {
    let identity = try floats([1, 2, 3], [1, 0, 0, 0, 1, 0])
    let size = try integers([1, 1, 2, 2])
    let corners = try evaluate("AffineGrid", [identity, size], ["align_corners": .integer(1)])[0]
    #expect(corners.floats() == [-1, -1, 1, -1, -1, 1, 1, 1])
    let middles = try evaluate("AffineGrid", [identity, size])[0]
    #expect(middles.floats() == [-0.5, -0.5, 0.5, -0.5, -0.5, 0.5, 0.5, 0.5])
    for bad: [Int64] in [[1, 1, -2, 2], [1, 1, 1 << 40, 1 << 40], [2, 1, 2, 2], [1, 2]] {
        #expect(throws: KernelError.self) { try evaluate("AffineGrid", [identity, integers(bad)]) }
    }
}

@Test func `A gate is the swish of one input times the other`() throws {
    let y = try evaluate("SwiGLU", [floats([2], [0, 100]), floats([2], [5, 3])])[0]
    #expect(y.floats() == [0, 300])
    #expect(throws: KernelError.self) { try evaluate("SwiGLU", [floats([2], [0, 1]), floats([1], [5])]) }
}

@Test func `Signed integers shift their sign in, and too far leaves only it`() throws {
    let values = try Tensor(shape: [4], elements: [Int8](arrayLiteral: -8, 64, -8, 64))
    let amounts = try Tensor(shape: [4], elements: [Int8](arrayLiteral: 1, 2, 9, -1))
    func shifted(_ direction: String) throws -> [Int64] {
        try numbers(evaluate("BitShift", [values, amounts], ["direction": .text(direction)])[0])
    }
    #expect(try shifted("RIGHT") == [-4, 16, -1, 0])
    #expect(try shifted("LEFT") == [-16, 0, 0, 0])
}

@Test func `The largest of no elements is the least of their type`() throws {
    let none = try Tensor(shape: [0], elements: [Int8]())
    #expect(try numbers(evaluate("ReduceMax", [none])[0]) == [-128])
    #expect(try numbers(evaluate("ReduceMin", [none])[0]) == [127])
    let flags = try Tensor(shape: [0], elements: [BoolByte]())
    #expect(try numbers(evaluate("ReduceMax", [flags])[0]) == [0])
    #expect(try numbers(evaluate("ReduceMin", [flags])[0]) == [1])
}

@Test func `Blocks of space become channels in either order`() throws {
    // Two channels of one block: 0 1 / 2 3 and 4 5 / 6 7.
    let x = try floats([1, 2, 2, 2], (0..<8).map { Float($0) })
    func channels(_ mode: String) throws -> [Float] {
        try evaluate("SpaceToDepth", [x], ["blocksize": .integer(2), "mode": .text(mode)])[0].floats()
    }
    #expect(try channels("DCR") == [0, 4, 1, 5, 2, 6, 3, 7])
    #expect(try channels("CRD") == [0, 1, 2, 3, 4, 5, 6, 7])
}

@Test func `An antialiased resize repeats the edge beyond it`() throws {
    // Halving 1 2 3 4: a tent of four places about 0.5 and 2.5, its weights 1/8, 3/8, 3/8, 1/8.
    let y = try evaluate(
        "Resize", [floats([1, 1, 1, 4], [1, 2, 3, 4]), nil, floats([4], [1, 1, 1, 0.5])],
        ["mode": .text("linear"), "antialias": .integer(1)])[0].floats()
    expectClose(y, [1.625, 3.375], 1e-6)
}

@Test(arguments: ["RandomUniformLike", "RandomNormalLike", "Bernoulli"])
func `Lots drawn with a seed are the same again and fit their shape`(name: String) throws {
    let x = try floats([1000], [Float](repeating: 0.5, count: 1000))
    let first = try evaluate(name, [x], ["seed": .float(3)])[0].floats()
    #expect(try evaluate(name, [x], ["seed": .float(3)])[0].floats() == first)
    #expect(try evaluate(name, [x])[0].floats() != evaluate(name, [x])[0].floats())
    let mean = first.reduce(0, +) / 1000
    #expect(abs(mean - (name == "RandomNormalLike" ? 0 : 0.5)) < 0.15)
    #expect(throws: KernelError.self) {
        try evaluate("RandomUniform", [], ["shape": .integers([1 << 40, 1 << 20])])
    }
}

@Test func `A class that is certain is always drawn`() throws {
    let y = try evaluate(
        "Multinomial", [floats([2, 3], [-100, 0, -100, 0, -100, -100])], ["sample_size": .integer(5)])[0]
    #expect(y.elementType == .int32)
    #expect(numbers(y) == [1, 1, 1, 1, 1, 0, 0, 0, 0, 0])
}

@Test func `A remainder of zero takes the sign of the divisor`() throws {
    let y = try evaluate("Mod", [floats([2], [4, -4]), floats([2], [-2, 2])])[0].floats()
    #expect(y.map(\.sign) == [.minus, .plus])
}
