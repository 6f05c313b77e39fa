import Glibc
import ONNX
import Tensors
import Testing

/// A convolution, batch normalisation and ReLU over `[N, 2, 3, 3]`.
private func convolutionModel() -> [UInt8] {
    model(
        graph(
            nodes: [
                node("Conv", ["x", "w"], ["c"], attributes: [integersAttribute("pads", [1, 1, 1, 1])]),
                node("BatchNormalization", ["c", "s", "t", "m", "v"], ["b"]), node("Relu", ["b"], ["y"]),
            ],
            initializers: [
                floatTensor("w", [1, 2, 3, 3], (0..<18).map { Float($0) / 10 - 0.8 }),
                floatTensor("s", [1], [1.5]),
                floatTensor("t", [1], [0.25]), floatTensor("m", [1], [0.5]), floatTensor("v", [1], [2]),
            ], inputs: [port("x", [-1, 2, 3, 3])], outputs: [port("y", [-1, 1, 3, 3])]))
}

private func ramp(_ batch: Int) throws -> Tensor {
    try Tensor(shape: [batch, 2, 3, 3], floats: (0..<(batch * 18)).map { Float($0 % 7) - 2 })
}

@Test func `A file that is not there is refused with its path`() {
    #expect(throws: ONNXError.self) { try Network.load(path: "/nowhere/model.onnx") }
}

@Test func `The optimised graph gives what the file's own nodes give`() throws {
    var plain = NetworkOptions()
    (plain.optimises, plain.arithmetic) = (false, .reference)
    let reference = try Network.load(bytes: convolutionModel(), options: plain)
    let network = try Network.load(bytes: convolutionModel())
    #expect(network.optimised.graph.nodes.map(\.operatorName) == ["Conv", "Relu"])
    let expected = try reference.run(["x": ramp(2)])[0].value.tensor?.floats() ?? []
    let actual = try network.run(["x": ramp(2)])[0].value.tensor?.floats() ?? []
    #expect(expected.count == 18 && actual.count == 18)
    for (a, e) in zip(actual, expected) { #expect(abs(a - e) < 1e-5) }
}

@Test func `A batch gives what its images give one by one`() throws {
    let network = try Network.load(bytes: convolutionModel())
    #expect(network.isBatchable)
    let whole = try network.run(["x": ramp(3)])[0].value.tensor?.floats() ?? []
    for image in 0..<3 {
        let part = Array(try ramp(3).floats()[(image * 18)..<((image + 1) * 18)])
        let single = try network.run(["x": Tensor(shape: [1, 2, 3, 3], floats: part)])[0].value.tensor?
            .floats()
        #expect(single == Array(whole[(image * 9)..<((image + 1) * 9)]))
    }
}

@Test func `Threads that run one network at once get the same answers`() throws {
    let network = try Network.load(bytes: convolutionModel())
    let input = try ramp(2)
    let expected = try network.run(["x": input])[0].value.tensor?.floats()
    let work = Work(network: network, input: input, expected: expected)
    var threads = [pthread_t](repeating: 0, count: 4)
    for index in threads.indices {
        pthread_create(
            &threads[index], nil,
            { context in
                guard let context else { return nil }
                let work = Unmanaged<Work>.fromOpaque(context).takeUnretainedValue()
                for _ in 0..<50 { work.check() }
                return nil
            }, Unmanaged.passUnretained(work).toOpaque())
    }
    for thread in threads { pthread_join(thread, nil) }
    #expect(work.network.outputs.count == 1)
}

private final class Work: Sendable {
    let network: Network
    let input: Tensor
    let expected: [Float]?

    init(network: Network, input: Tensor, expected: [Float]?) {
        (self.network, self.input, self.expected) = (network, input, expected)
    }

    func check() {
        #expect((try? network.run(["x": input]))?[0].value.tensor?.floats() == expected)
    }
}

@Test func `A network outlives its file`() throws {
    let path = "/tmp/augur-network-test-\(getpid()).onnx"
    let file = try #require(fopen(path, "wb"))
    let bytes = convolutionModel()
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
    let network = try Network.load(path: path)
    unlink(path)
    #expect(try network.run(["x": ramp(1)]).count == 1)
}

@Test(arguments: [
    ("z", [2, 2, 3, 3], "the model has no such input"),
    ("x", [2, 2, 3, 4], "shape [2, 2, 3, 4] given, [N, 2, 3, 3] expected"),
    ("x", [2, 18], "shape [2, 18] given, [N, 2, 3, 3] expected"),
])
func `An input of another name or shape is refused`(name: String, dims: [Int], reason: String) throws {
    let network = try Network.load(bytes: convolutionModel())
    let tensor = try Tensor(uninitialized: .float32, shape: Shape(dims))
    #expect(throws: ONNXError.wrongInput(name: name, reason: reason)) { try network.run([name: tensor]) }
}

@Test func `A model-local function is put in the place of its call`() throws {
    let function = ModelWriter.message { writer in
        writer.text(1, "Twice")
        writer.text(4, "a")
        writer.text(5, "b")
        writer.data(7, node("Add", ["a", "a"], ["b"]))
        writer.text(10, "local")
    }
    let bytes = model(
        graph(
            nodes: [
                node("Twice", ["x"], ["h"], domain: "local"), node("Twice", ["h"], ["y"], domain: "local"),
            ],
            inputs: [port("x", [2])], outputs: [port("y", [2])]), functions: [function])
    let network = try Network.load(bytes: bytes)
    let result = try network.run(["x": Tensor(shape: [2], floats: [1, -3])])[0].value.tensor
    #expect(result?.floats() == [4, -12])
}

@Test func `A loop carries its state and stacks what each turn makes`() throws {
    let body = graph(
        nodes: [
            node("Add", ["state", "step"], ["next"]), node("Identity", ["condition"], ["goes"]),
            node("Identity", ["next"], ["made"]),
        ],
        inputs: [port("turn", []), port("condition", []), port("state", [1])],
        outputs: [port("goes", []), port("next", [1]), port("made", [1])])
    let count = ModelWriter.message { writer in
        writer.integer(2, 7)
        writer.integer(7, 3)
        writer.text(8, "count")
    }
    let bytes = model(
        graph(
            nodes: [
                node(
                    "Loop", ["count", "", "x"], ["last", "all"], attributes: [graphAttribute("body", body)])
            ],
            initializers: [count, floatTensor("step", [1], [2])], inputs: [port("x", [1])],
            outputs: [port("last", [1]), port("all", [3, 1])]))
    let network = try Network.load(bytes: bytes)
    let results = try network.run(["x": Tensor(shape: [1], floats: [1])])
    #expect(results[0].value.tensor?.floats() == [7])
    #expect(results[1].value.tensor?.floats() == [3, 5, 7])
}
