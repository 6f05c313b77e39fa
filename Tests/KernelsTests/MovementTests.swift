import Kernels
import Tensors
import Testing

private func ramp(_ dims: [Int]) throws -> Tensor {
    try floats(dims, (0..<dims.reduce(1, *)).map { Float($0) })
}

@Test func `A transpose moves every element`() throws {
    let y = try evaluate("Transpose", [ramp([2, 3, 2])], ["perm": .integers([2, 0, 1])])[0]
    #expect(y.shape == [2, 2, 3])
    #expect(y.floats() == [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11])
}

@Test(arguments: [
    ([1], [3], [1], [1.0, 2]), ([-2], [Int64.max], [1], [3.0, 4]),
    ([Int64.max], [Int64.min], [-2], [4.0, 2, 0]),
    ([4], [1], [1], []), ([-100], [2], [1], [0.0, 1]),
])
func `A slice takes bounds from either end and any step`(
    start: [Int64], end: [Int64], step: [Int64], expected: [Float]
) throws {
    let y = try evaluate(
        "Slice", [ramp([5]), integers(start), integers(end), integers([0]), integers(step)])[0]
    #expect(y.floats() == expected)
}

@Test(arguments: [
    ("constant", [9.0, 0, 1, 2, 9, 9]), ("edge", [0.0, 0, 1, 2, 2, 2]), ("reflect", [1.0, 0, 1, 2, 1, 0]),
    ("wrap", [2.0, 0, 1, 2, 0, 1]),
])
func `Padding repeats, mirrors or fills`(mode: String, expected: [Float]) throws {
    let y = try evaluate("Pad", [ramp([3]), integers([1, 2]), floats([], [9])], ["mode": .text(mode)])[0]
    #expect(y.floats() == expected)
}

@Test func `Parts of a split laid together are the whole`() throws {
    let parts = try evaluate("Split", [ramp([2, 5]), integers([2, 3])], ["axis": .integer(1)])
    let whole = try evaluate("Concat", parts, ["axis": .integer(1)])[0]
    #expect(whole.floats() == (0..<10).map { Float($0) })
}

@Test func `What is gathered and scattered back is where it was`() throws {
    let indices = try Tensor(shape: [2, 2], elements: [Int64](arrayLiteral: 2, 0, 1, -1))
    let x = try ramp([2, 3])
    let gathered = try evaluate("GatherElements", [x, indices], ["axis": .integer(1)])[0]
    #expect(gathered.floats() == [2, 0, 4, 5])
    #expect(
        try evaluate("ScatterElements", [x, indices, gathered], ["axis": .integer(1)])[0].floats()
            == x.floats())
}

@Test(arguments: ["Gather", "GatherElements", "GatherND"])
func `An index out of range is refused`(name: String) throws {
    let index = try Tensor(shape: [1], elements: [Int64(7)])
    #expect(throws: KernelError.self) { try evaluate(name, [ramp([3]), index]) }
}

@Test(arguments: [[-1, -1], [7], [-2, 3]])
func `A reshape to another number of elements is refused`(dims: [Int64]) throws {
    #expect(throws: KernelError.self) { try evaluate("Reshape", [ramp([2, 3]), integers(dims)]) }
}

@Test func `Top elements come in order with the lower place first among equals`() throws {
    let results = try evaluate("TopK", [floats([5], [1, 5, 3, 5, 2]), integers([3])])
    #expect(results[0].floats() == [5, 5, 3])
    #expect(results[1].converted(to: Int64.self) == [1, 3, 2])
}

@Test func `A huge tile is refused before anything is allocated`() throws {
    #expect(throws: KernelError.self) { try evaluate("Tile", [ramp([3]), integers([1 << 60])]) }
    #expect(throws: KernelError.self) { try evaluate("ConstantOfShape", [integers([1 << 40, 1 << 40])]) }
}
