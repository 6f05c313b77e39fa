import ONNX
import Tensors
import Testing

/// A `TensorProto` of int64; no dimensions make a scalar.
private func integerTensor(_ name: String, _ dims: [Int64], _ values: [Int64]) -> [UInt8] {
    ModelWriter.message { writer in
        for dim in dims { writer.integer(1, dim) }
        writer.integer(2, 7)
        for value in values { writer.integer(7, value) }
        writer.text(8, name)
    }
}

/// An `AttributeProto` of one integer.
private func integerAttribute(_ name: String, _ value: Int64) -> [UInt8] {
    ModelWriter.message { writer in
        writer.text(1, name)
        writer.integer(3, value)
        writer.integer(20, 2)
    }
}

/// A model from `x [3, 2]` to `y`.
private func sequenceModel(_ nodes: [[UInt8]], _ integers: [(String, [Int64], [Int64])] = []) -> [UInt8] {
    model(
        graph(
            nodes: nodes, initializers: integers.map { integerTensor($0.0, $0.1, $0.2) },
            inputs: [port("x", [3, 2])], outputs: [port("y", [])]))
}

private func result(_ bytes: [UInt8], optimises: Bool = true) throws -> Tensor {
    var options = NetworkOptions()
    options.optimises = optimises
    let network = try Network.load(bytes: bytes, options: options)
    let x = try Tensor(shape: [3, 2], floats: [0, 1, 2, 3, 4, 5])
    return try #require(try network.run(["x": x])[0].value.tensor)
}

/// What PyTorch's exporter makes of lists, with what they come to.
private let chains:
    [(nodes: [[UInt8]], integers: [(String, [Int64], [Int64])], dims: [Int], values: [Float])] = [
        (
            [node("SplitToSequence", ["x", "sizes"], ["s"]), node("SequenceAt", ["s", "last"], ["y"])],
            [("sizes", [2], [1, 2]), ("last", [], [-1])], [2, 2], [2, 3, 4, 5]
        ),
        (
            [node("SplitToSequence", ["x", "size"], ["s"]), node("SequenceAt", ["s", "place"], ["y"])],
            [("size", [], [2]), ("place", [], [1])], [1, 2], [4, 5]
        ),
        (
            [
                node("SplitToSequence", ["x"], ["s"], attributes: [integerAttribute("keepdims", 0)]),
                node("SequenceAt", ["s", "place"], ["y"]),
            ], [("place", [], [-2])], [2], [2, 3]
        ),
        (
            [node("SplitToSequence", ["x"], ["s"]), node("SequenceAt", ["s", "place"], ["y"])],
            [("place", [], [0])], [1, 2], [0, 1]
        ),
        (
            [
                node("Neg", ["x"], ["n"]), node("SequenceConstruct", ["x", "n"], ["s"]),
                node("ConcatFromSequence", ["s"], ["y"], attributes: [integerAttribute("axis", 1)]),
            ], [], [3, 4], [0, 1, 0, -1, 2, 3, -2, -3, 4, 5, -4, -5]
        ),
        (
            [
                node("Neg", ["x"], ["n"]), node("SequenceConstruct", ["x", "n"], ["s"]),
                node(
                    "ConcatFromSequence", ["s"], ["y"],
                    attributes: [integerAttribute("axis", -1), integerAttribute("new_axis", 1)]),
            ], [], [3, 2, 2], [0, 0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5]
        ),
        (
            [
                node("SequenceConstruct", ["x", "x"], ["s"]), node("SequenceLength", ["s"], ["l"]),
                node("Cast", ["l"], ["y"], attributes: [integerAttribute("to", 1)]),
            ], [], [], [2]
        ),
    ]

@Test(arguments: chains.indices)
func `A list that is made and read in one graph becomes plain operators of the same result`(index: Int) throws
{
    let chain = chains[index]
    let bytes = sequenceModel(chain.nodes, chain.integers)
    for optimises in [false, true] {
        let y = try result(bytes, optimises: optimises)
        #expect(y.shape.dims == chain.dims)
        #expect(y.floats() == chain.values)
    }
    let names = try Network.load(bytes: bytes).optimised.graph.nodes.map(\.operatorName)
    #expect(!names.contains { $0.contains("Sequence") })
}

@Test(arguments: [Int64(2), 3, 1 << 30]) func `A part of one size past the end is an error, optimised or not`(
    place: Int64
) throws {
    let nodes = [node("SplitToSequence", ["x", "size"], ["s"]), node("SequenceAt", ["s", "place"], ["y"])]
    let bytes = sequenceModel(nodes, [("size", [], [2]), ("place", [], [place])])
    for optimises in [false, true] {
        #expect(throws: ONNXError.self) { try result(bytes, optimises: optimises) }
    }
}

@Test func `A sequence grows and shrinks at any place`() throws {
    let nodes = [
        node("Neg", ["x"], ["n"]), node("Abs", ["x"], ["a"]), node("SequenceEmpty", [], ["s0"]),
        node("SequenceInsert", ["s0", "x"], ["s1"]), node("SequenceInsert", ["s1", "n", "first"], ["s2"]),
        node("SequenceInsert", ["s2", "a", "last"], ["s3"]), node("SequenceErase", ["s3", "first"], ["s4"]),
        node("ConcatFromSequence", ["s4"], ["y"], attributes: [integerAttribute("axis", 0)]),
    ]
    // Inserted before the last: n, a, x; then without the first.
    let y = try result(sequenceModel(nodes, [("first", [], [0]), ("last", [], [-1])]))
    #expect(y.shape == [6, 2])
    #expect(y.floats() == [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5])
}

@Test(arguments: [Int64(2), -3, .max, .min]) func `A place outside a sequence is an error`(place: Int64)
    throws
{
    let nodes = [
        node("SequenceConstruct", ["x", "x"], ["s"]), node("SequenceAt", ["s", "place"], ["y"]),
    ]
    let bytes = sequenceModel(nodes, [("place", [], [place])])
    #expect(throws: ONNXError.self) { try result(bytes) }
}

@Test(arguments: [[Int64(1), 1], [-1, 4], [.max, .max], [4]])
func `Parts that do not make the whole are an error`(sizes: [Int64]) throws {
    let nodes = [
        node("SplitToSequence", ["x", "sizes"], ["s"]), node("SequenceAt", ["s", "place"], ["y"]),
    ]
    let bytes = sequenceModel(nodes, [("sizes", [Int64(sizes.count)], sizes), ("place", [], [0])])
    for optimises in [false, true] {
        #expect(throws: ONNXError.self) { try result(bytes, optimises: optimises) }
    }
}

/// Nodes that make `name` a sequence of `x`, `trips` times over.
private func repeating(_ name: String) -> [[UInt8]] {
    let body = graph(
        nodes: [node("Identity", ["goes"], ["goes_on"]), node("SequenceInsert", ["in", "x"], ["out"])],
        inputs: [port("i", []), port("goes", []), port("in", [])],
        outputs: [port("goes_on", []), port("out", [])])
    return [
        node("SequenceEmpty", [], ["empty"]),
        node("Loop", ["trips", "", "empty"], [name], attributes: [graphAttribute("body", body)]),
    ]
}

@Test func `A loop may carry a sequence`() throws {
    let nodes =
        repeating("s") + [
            node("ConcatFromSequence", ["s"], ["y"], attributes: [integerAttribute("axis", 0)])
        ]
    #expect(try result(sequenceModel(nodes, [("trips", [], [3])])).shape == [9, 2])
    #expect(throws: ONNXError.self) { try result(sequenceModel(nodes, [("trips", [], [0])])) }
}

@Test func `A body is run for each element of a sequence`() throws {
    let body = graph(
        nodes: [node("Mul", ["a", "b"], ["c"])], inputs: [port("a", []), port("b", [])],
        outputs: [port("c", [])])
    let nodes = [
        node("SplitToSequence", ["x"], ["s"]), node("ReduceMax", ["x"], ["m"]),
        node("SequenceMap", ["s", "m"], ["t"], attributes: [graphAttribute("body", body)]),
        node("ConcatFromSequence", ["t"], ["y"], attributes: [integerAttribute("axis", 0)]),
    ]
    #expect(try result(sequenceModel(nodes)).floats() == [0, 5, 10, 15, 20, 25])
}

@Test func `A sequence of sequences is not made`() throws {
    let body = graph(
        nodes: [node("Identity", ["all"], ["c"])], inputs: [port("a", [])], outputs: [port("c", [])])
    let nodes = [
        node("SplitToSequence", ["x"], ["all"]),
        node("SequenceMap", ["all"], ["t"], attributes: [graphAttribute("body", body)]),
        node("SequenceLength", ["t"], ["l"]),
        node("Cast", ["l"], ["y"], attributes: [integerAttribute("to", 1)]),
    ]
    #expect(throws: ONNXError.self) { try result(sequenceModel(nodes)) }
}

@Test func `One tensor many times over in a sequence counts as often in an answer`() throws {
    let bytes = sequenceModel(repeating("y"), [("trips", [], [100])])
    let x = try Tensor(shape: [3, 2], floats: [0, 1, 2, 3, 4, 5])
    var limits = NetworkLimits()
    for (most, fits) in [(701, true), (600, false), (1, false)] {
        limits.outputElementsMax = most
        let network = try Network.load(bytes: bytes, limits: limits)
        #expect(((try? network.run(["x": x])) != nil) == fits, "\(most)")
    }
}

@Test func `An empty tensor counts by its rows`() throws {
    let nodes = [node("ConstantOfShape", ["shape"], ["y"])]
    let x = try Tensor(shape: [3, 2], floats: [0, 1, 2, 3, 4, 5])
    for (shape, most, fits) in [
        ([3_000, 0], 3_001, true), ([3_000, 0], 3_000, false), ([1 << 39, 0], 1 << 28, false),
        ([60, 50, 0], 3_000, false), ([0, 3_000], 2, true),
    ] as [([Int64], Int, Bool)] {
        let bytes = sequenceModel(nodes, [("shape", [Int64(shape.count)], shape)])
        var limits = NetworkLimits()
        limits.outputElementsMax = most
        #expect(((try? Network.load(bytes: bytes, limits: limits).run(["x": x])) != nil) == fits, "\(shape)")
    }
}

@Test func `An optional tells whether it is empty, and an empty one has no element`() throws {
    func has(_ inputs: [String]) -> [[UInt8]] {
        [
            node("Optional", inputs, ["o"]), node("OptionalHasElement", ["o"], ["h"]),
            node("Cast", ["h"], ["y"], attributes: [integerAttribute("to", 1)]),
        ]
    }
    #expect(try result(sequenceModel(has(["x"]))).floats() == [1])
    #expect(try result(sequenceModel(has([]))).floats() == [0])
    let full = [node("Optional", ["x"], ["o"]), node("OptionalGetElement", ["o"], ["y"])]
    #expect(try result(sequenceModel(full)).count == 6)
    let empty = [node("Optional", [], ["o"]), node("OptionalGetElement", ["o"], ["y"])]
    #expect(throws: ONNXError.self) { try result(sequenceModel(empty)) }
}

/// A `ValueInfoProto` whose type is `field` of `TypeProto` (4 a sequence, 9 an optional) around a tensor.
private func wrappedPort(_ name: String, field: Int, depth: Int = 1) -> [UInt8] {
    var type = ModelWriter.message { writer in
        writer.data(1, ModelWriter.message { $0.integer(1, 1) })
    }
    for _ in 0..<depth {
        let inner = type
        type = ModelWriter.message { writer in
            writer.data(field, ModelWriter.message { $0.data(1, inner) })
        }
    }
    return ModelWriter.message { writer in
        writer.text(1, name)
        writer.data(2, type)
    }
}

@Test(arguments: [4, 9]) func `A graph that wants a sequence or an optional value is refused`(field: Int)
    throws
{
    let bytes = model(
        graph(
            nodes: [node("OptionalHasElement", ["s"], ["y"])], inputs: [wrappedPort("s", field: field)],
            outputs: [port("y", [])]))
    #expect {
        try Network.load(bytes: bytes)
    } throws: { error in
        guard case .unsupported(_, let feature)? = error as? ONNXError else { return false }
        return feature.contains(field == 4 ? "sequence" : "optional")
    }
}

@Test(arguments: [4, 9]) func `A type wrapped without end is refused`(field: Int) throws {
    let bytes = model(
        graph(
            nodes: [node("Identity", ["s"], ["y"])], inputs: [wrappedPort("s", field: field, depth: 1000)],
            outputs: [port("y", [])]))
    #expect(throws: ONNXError.self) { try Network.load(bytes: bytes) }
}

@Test func `Only a graph that draws lots is called random`() throws {
    let bytes = sequenceModel([node("RandomNormalLike", ["x"], ["r"]), node("Add", ["r", "x"], ["y"])])
    #expect(try Network.load(bytes: bytes).isRandom)
    #expect(try result(bytes).floats() != result(bytes).floats())
    #expect(try !Network.load(bytes: sequenceModel([node("Neg", ["x"], ["y"])])).isRandom)
    let drawing = graph(nodes: [node("RandomNormalLike", ["x"], ["r"])], inputs: [], outputs: [port("r", [])])
    let branches = ["then_branch", "else_branch"].map { graphAttribute($0, drawing) }
    let nodes = [
        node("ReduceMax", ["x"], ["m"], attributes: [integerAttribute("keepdims", 0)]),
        node("If", ["m"], ["y"], attributes: branches),
    ]
    #expect(try Network.load(bytes: sequenceModel(nodes)).isRandom)
}
