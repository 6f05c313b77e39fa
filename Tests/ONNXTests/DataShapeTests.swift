import CKernels
import Kernels
import Tensors
import Testing

@testable import ONNX

private let pool = TensorPool(bytesMax: 1 << 30)

private func plans(_ graph: Graph) throws -> FastPlans {
    try #require(FastPlans(graph, isBatchable: false, pool: pool, operationsMax: 1 << 40))
}

private func reference(_ graph: Graph, _ inputs: [Tensor]) throws -> [Tensor?] {
    let workspace = Workspace(pool: pool, operationsMax: 1 << 40)
    return try Executor(graph, limits: NetworkLimits()).run(inputs.map { .tensor($0) }, workspace)
        .map { $0?.tensor }
}

/// What the plan of the part that can be planned and the reference behind it give.
private func answer(_ graph: Graph, _ inputs: [Tensor]) throws -> [Tensor?] {
    let cut = GraphCut(graph)
    let made = try #require(try plans(cut.front).run(inputs))
    guard let back = cut.back else { return made }
    let workspace = Workspace(pool: pool, operationsMax: 1 << 40)
    return try Executor(back, limits: NetworkLimits())
        .run(cut.boundary(inputs, made).map { $0.map { .tensor($0) } }, workspace).map { $0?.tensor }
}

@Test func `A reshape to a shape that is an input takes that shape`() throws {
    var sketch = GraphSketch()
    let (x, shape) = (sketch.input(), sketch.input())
    let product = sketch.one("Gemm", [x, try sketch.constant([3, 4])])
    sketch.graph.outputs = [sketch.one("Reshape", [product, shape])]
    let inputs = [try sketch.tensor([1, 3]), try Tensor(shape: [2], elements: [Int64(2), 2])]
    let expected = try #require(try reference(sketch.graph, inputs)[0])
    #expect(expected.shape == [2, 2])
    let actual = try #require(try answer(sketch.graph, inputs)[0])
    #expect(actual.shape == expected.shape)
    #expect(relativeError(actual.floats(), expected.floats()) < 1e-5)
    // The planner by itself does not guess either: its run finds out, or it has no plan.
    if let planned = try plans(sketch.graph).run(inputs) { #expect(planned[0].shape == expected.shape) }
}

@Test(arguments: [(0, 1), (-4, 1), (0, -3)]) func `A part of a shape is known before a run`(
    start: Int64, end: Int64
) throws {
    var sketch = GraphSketch()
    let x = sketch.input()
    let image = try sketch.convolution(x, 3, 64)
    let part = sketch.one("Shape", [image], ["start": .integer(start), "end": .integer(end)])
    let rest = try sketch.integers([8, 64, 8])
    let dims = sketch.one("Concat", [part, rest], ["axis": .integer(0)])
    let turned = sketch.one("Reshape", [image, dims])
    sketch.graph.outputs = [sketch.one("Relu", [turned])]
    let input = try sketch.tensor([2, 3, 8, 8])
    let actual = try #require(try plans(sketch.graph).run([input]))[0]
    let expected = try #require(try reference(sketch.graph, [input])[0])
    #expect(actual.shape == [2, 8, 64, 8])
    #expect(relativeError(actual.floats(), expected.floats()) < 1e-5)
    #expect(GraphCut(sketch.graph).back == nil)
}

/// A detector in small: convolutions, and behind them as many results as there are.
private func detector(_ sketch: inout GraphSketch) throws {
    let x = sketch.input()
    let image = sketch.one("Relu", [try sketch.convolution(x, 3, 4)])
    let boxes = sketch.one("Reshape", [image, try sketch.integers([1, -1, 4])])
    let scores = sketch.one("Reshape", [image, try sketch.integers([1, 4, -1])])
    let few = sketch.one(
        "Slice", [scores, try sketch.integers([0]), try sketch.integers([36]), try sketch.integers([2])])
    let most = try sketch.integers([5])
    let kept = sketch.one("NonMaxSuppression", [boxes, few, most])
    let places = sketch.one(
        "Slice", [kept, try sketch.integers([2]), try sketch.integers([3]), try sketch.integers([1])])
    let chosen = sketch.one("Gather", [boxes, places], ["axis": .integer(1)])
    sketch.graph.outputs = [chosen, image, kept, x]
}

@Test func `What waits for data runs behind a planned front`() throws {
    var sketch = GraphSketch()
    try detector(&sketch)
    let cut = GraphCut(sketch.graph)
    #expect(cut.front.nodes.map(\.operatorName) == ["Conv", "Relu", "Reshape", "Reshape", "Slice"])
    #expect(cut.back?.nodes.map(\.operatorName) == ["NonMaxSuppression", "Slice", "Gather"])
    for size in [6, 6, 6] {
        let input = try sketch.tensor([1, 3, size, size])
        let (actual, expected) = (try answer(sketch.graph, [input]), try reference(sketch.graph, [input]))
        #expect(actual.count == 4)
        for (a, e) in zip(actual, expected) {
            #expect(a?.shape == e?.shape)
            #expect(relativeError(a?.floats() ?? [], e?.floats() ?? []) < 1e-5)
        }
    }
}

@Test func `A graph whose branches wait for data is planned up to them`() throws {
    let body = graph(
        nodes: [node("Mul", ["c", "two"], ["b"])], initializers: [floatTensor("two", [], [2])], inputs: [],
        outputs: [port("b", [])])
    let other = graph(nodes: [node("Neg", ["c"], ["b"])], inputs: [], outputs: [port("b", [])])
    let bytes = model(
        graph(
            nodes: [
                node("Conv", ["x", "w"], ["c"]), node("ReduceMax", ["c"], ["m"], attributes: []),
                node("Cast", ["m"], ["p"], attributes: [integerAttribute("to", 9)]),
                node("Squeeze", ["p"], ["q"]),
                node(
                    "If", ["q"], ["y"],
                    attributes: [graphAttribute("then_branch", body), graphAttribute("else_branch", other)]),
            ], initializers: [floatTensor("w", [1, 1, 1, 1], [3])], inputs: [port("x", [1, 1, 2, 2])],
            outputs: [port("y", [])]))
    let network = try Network.load(bytes: bytes)
    #expect(network.plans != nil && network.cut.back?.nodes.map(\.operatorName) == ["If"])
    for (x, y): ([Float], [Float]) in [([1, 2, 3, 4], [6, 12, 18, 24]), ([0, 0, 0, 0], [0, 0, 0, 0])] {
        let input = try Tensor(shape: [1, 1, 2, 2], floats: x)
        #expect(try network.run(["x": input])[0].value.tensor?.floats() == y)
    }
    #expect(network.describePlan().contains("then by the reference operators"))
}

private func integerAttribute(_ name: String, _ value: Int64) -> [UInt8] {
    ModelWriter.message { writer in
        writer.text(1, name)
        writer.integer(3, value)
        writer.integer(20, 2)
    }
}

@Test func `One run of another shape than planned does not end the plan, and eight do`() throws {
    var sketch = GraphSketch()
    let x = sketch.input()
    let image = sketch.one("Relu", [try sketch.convolution(x, 3, 4)])
    sketch.graph.outputs = [sketch.one("NonZero", [image])]
    let plans = try plans(sketch.graph)
    // On zeros, as the plan is made, nothing is found; in an image of zeros neither.
    let input = try sketch.tensor([1, 3, 6, 6])
    for _ in 0..<7 {
        #expect(try plans.run([input], threads: 1) == nil)
        #expect(plans.plan([input], threads: 1) != nil)
    }
    #expect(try plans.run([input], threads: 1) == nil)
    for threads in [1, 2] { #expect(plans.plan([input], threads: threads) == nil) }
}

@Test func `Weights are packed within the memory that the model may take`() throws {
    var sketch = GraphSketch()
    let x = sketch.input()
    sketch.graph.outputs = [try sketch.convolution(x, 3, 1)]
    let input = try sketch.tensor([1, 3, 6, 6])
    let small = TensorPool(bytesMax: 1 << 10)
    let plans = try #require(FastPlans(sketch.graph, isBatchable: false, pool: small, operationsMax: 1 << 40))
    // 27 weights, padded to 16 outputs, are more than a kibibyte.
    #expect(plans.plan([input], threads: 1) == nil)
    #expect(plans.weights.byteCount == 0)
    let ample = try #require(FastPlans(sketch.graph, isBatchable: false, pool: pool, operationsMax: 1 << 40))
    #expect(ample.plan([input], threads: 1) != nil)
}

@Test func `A network of which one run takes longer than the time for measuring is not measured`() throws {
    var sketch = GraphSketch()
    let x = sketch.input()
    var y = try sketch.convolution(x, 3, 64)
    for _ in 0..<2 { y = sketch.one("Relu", [try sketch.convolution(y, 64, 64)]) }
    sketch.graph.outputs = [y]
    let plans = try plans(sketch.graph)
    _ = try plans.run([try sketch.tensor([1, 3, 4, 4])])
    plans.measure(seconds: 1e-9)
    #expect(plans.forms.isEmpty)
}
