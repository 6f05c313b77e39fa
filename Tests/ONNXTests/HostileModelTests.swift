import ONNX
import Tensors
import Testing

private let x = port("x", [1, 4])
private let y = port("y", [1, 4])

/// A model file that must be refused, by what is wrong with it.
private let hostileModels: [(String, [UInt8])] = [
    ("nothing at all", []), ("text", Array("<html>not a model</html>".utf8)),
    (
        "a cut file",
        Array(model(graph(nodes: [node("Relu", ["x"], ["y"])], inputs: [x], outputs: [y])).dropLast(25))
    ),
    (
        "a cycle",
        model(
            graph(nodes: [node("Relu", ["b"], ["a"]), node("Relu", ["a"], ["b"])], inputs: [x], outputs: [y]))
    ), ("a missing input", model(graph(nodes: [node("Relu", ["z"], ["y"])], inputs: [x], outputs: [y]))),
    ("an output nobody makes", model(graph(nodes: [node("Relu", ["x"], ["z"])], inputs: [x], outputs: [y]))),
    (
        "a value made twice",
        model(
            graph(nodes: [node("Relu", ["x"], ["y"]), node("Abs", ["x"], ["y"])], inputs: [x], outputs: [y]))
    ),
    (
        "an unknown operator",
        model(graph(nodes: [node("Frobnicate", ["x"], ["y"])], inputs: [x], outputs: [y]))
    ),
    (
        "a tensor of negative size",
        model(
            graph(
                nodes: [node("Add", ["x", "w"], ["y"])],
                initializers: [floatTensor("w", [-1, 4], [1, 2, 3, 4])],
                inputs: [x], outputs: [y]))
    ),
    (
        "a tensor of huge size",
        model(
            graph(
                nodes: [node("Add", ["x", "w"], ["y"])],
                initializers: [floatTensor("w", [1 << 40, 1 << 40], [1, 2, 3, 4])], inputs: [x], outputs: [y])
        )
    ),
    (
        "a tensor with too few elements",
        model(
            graph(
                nodes: [node("Add", ["x", "w"], ["y"])],
                initializers: [floatTensor("w", [2, 4], [1, 2, 3, 4])],
                inputs: [x], outputs: [y]))
    ),
    (
        "a tensor with too many elements",
        model(
            graph(
                nodes: [node("Add", ["x", "w"], ["y"])], initializers: [floatTensor("w", [1], [1, 2, 3, 4])],
                inputs: [x], outputs: [y]))
    ), ("a name that is not UTF-8", model(graph(nodes: [badName()], inputs: [x], outputs: [y]))),
    (
        "external data outside the folder",
        model(
            graph(
                nodes: [node("Add", ["x", "w"], ["y"])], initializers: [outsideTensor()], inputs: [x],
                outputs: [y]))
    ),
    ("graphs nested too deep", model(nested(40))),
    ("no operator set", ModelWriter.message { $0.data(7, graph(nodes: [], inputs: [x], outputs: [x])) }),
]

private func badName() -> [UInt8] {
    ModelWriter.message { writer in
        writer.text(1, "x")
        writer.text(2, "y")
        writer.data(3, [0xC3, 0x28, 0xFF])
        writer.text(4, "Relu")
    }
}

private func outsideTensor() -> [UInt8] {
    ModelWriter.message { writer in
        writer.integer(1, 4)
        writer.integer(2, 1)
        writer.text(8, "w")
        writer.data(
            13,
            ModelWriter.message { entry in
                entry.text(1, "location")
                entry.text(2, "../../etc/passwd")
            })
        writer.integer(14, 1)
    }
}

private func nested(_ depth: Int) -> [UInt8] {
    var inner = graph(nodes: [node("Relu", ["x"], ["y"])], inputs: [], outputs: [y])
    for _ in 0..<depth {
        let branches = [graphAttribute("then_branch", inner), graphAttribute("else_branch", inner)]
        inner = graph(
            nodes: [node("If", ["x"], ["y"], attributes: Array(branches.prefix(1)))], inputs: [], outputs: [y]
        )
    }
    return graph(
        nodes: [node("If", ["x"], ["y"], attributes: [graphAttribute("then_branch", inner)])], inputs: [x],
        outputs: [y])
}

@Test(arguments: hostileModels.indices)
func `A hostile model is refused`(index: Int) {
    let (name, bytes) = hostileModels[index]
    #expect(throws: ONNXError.self, "\(name)") { try Network.load(bytes: bytes) }
}

@Test func `Every cut of a model is refused or runs, and never ends the process`() throws {
    let whole = model(
        graph(
            nodes: [node("Add", ["x", "w"], ["h"]), node("Relu", ["h"], ["y"])],
            initializers: [floatTensor("w", [1, 4], [1, 2, 3, 4])], inputs: [x], outputs: [y]))
    var refused = 0
    for length in whole.indices {
        do {
            let network = try Network.load(bytes: Array(whole[..<length]))
            _ = try? network.run(["x": Tensor(shape: [1, 4], floats: [1, 2, 3, 4])])
        } catch {
            refused += 1
        }
    }
    #expect(refused > whole.count / 2)
}

@Test func `A fault is told with its node`() {
    let bytes = model(graph(nodes: [node("Relu", ["z"], ["y"])], inputs: [x], outputs: [y]))
    #expect(throws: ONNXError.invalid(node: "Relu -> y", reason: "input 'z' is missing")) {
        try Network.load(bytes: bytes)
    }
}

@Test func `A stride of zero fails with its node and does not hang`() throws {
    let bytes = model(
        graph(
            nodes: [node("Conv", ["x", "w"], ["y"], attributes: [integersAttribute("strides", [0, 0])])],
            initializers: [floatTensor("w", [1, 1, 1, 1], [1])], inputs: [port("x", [1, 1, 4, 4])],
            outputs: [port("y", [1, 1, 4, 4])]))
    let network = try Network.load(bytes: bytes)
    #expect(throws: ONNXError.self) {
        try network.run(["x": Tensor(shape: [1, 1, 4, 4], floats: [Float](repeating: 1, count: 16))])
    }
}

@Test func `A run past the operation limit ends with an error`() throws {
    let body = graph(
        nodes: [node("Add", ["state", "state"], ["next"]), node("Identity", ["condition"], ["goes"])],
        inputs: [port("turn", []), port("condition", []), port("state", [1])],
        outputs: [port("goes", []), port("next", [1])])
    let bytes = model(
        graph(
            nodes: [node("Loop", ["", "", "x"], ["y"], attributes: [graphAttribute("body", body)])],
            inputs: [port("x", [1])], outputs: [port("y", [1])]))
    var limits = NetworkLimits()
    limits.operationsMax = 1000
    let network = try Network.load(bytes: bytes, limits: limits)
    #expect(throws: ONNXError.self) { try network.run(["x": Tensor(shape: [1], floats: [1])]) }
}

@Test func `A body of many values costs them in each of its turns`() throws {
    let constants = (0..<2000).map { floatTensor("c\($0)", [1], [1]) }
    let sums = (0..<2000).map { node("Sum", ["c\($0)"], ["s\($0)"]) }
    func network(_ nodes: [[UInt8]], _ initializers: [[UInt8]]) throws -> Network {
        let body = graph(
            nodes: [node("Identity", ["condition"], ["goes"]), node("Identity", ["state"], ["next"])] + nodes,
            initializers: initializers,
            inputs: [port("turn", []), port("condition", []), port("state", [1])],
            outputs: [port("goes", []), port("next", [1])])
        var limits = NetworkLimits()
        limits.operationsMax = 1 << 20
        limits.iterationsMax = 1000
        let bytes = model(
            graph(
                nodes: [
                    node("Cast", ["trips"], ["n"], attributes: [integerAttribute("to", 7)]),
                    node("Loop", ["n", "", "x"], ["y"], attributes: [graphAttribute("body", body)]),
                ], initializers: [floatTensor("trips", [], [900])], inputs: [port("x", [1])],
                outputs: [port("y", [1])]))
        return try Network.load(bytes: bytes, limits: limits)
    }
    let x = try Tensor(shape: [1], floats: [1])
    #expect(try network([], []).run(["x": x])[0].value.tensor?.floats() == [1])
    #expect(throws: ONNXError.self) { try network(Array(sums.prefix(1)), constants).run(["x": x]) }
}

private func integerAttribute(_ name: String, _ value: Int64) -> [UInt8] {
    ModelWriter.message { writer in
        writer.text(1, name)
        writer.integer(3, value)
        writer.integer(20, 2)
    }
}
