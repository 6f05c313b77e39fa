import Kernels
import ONNX
import Tensors
import Testing

/// A model of these nodes from `x [1]` to `y`.
private func small(_ nodes: [[UInt8]], _ integers: [(String, Int64)] = []) -> [UInt8] {
    model(
        graph(
            nodes: nodes,
            initializers: integers.map { name, value in
                ModelWriter.message { writer in
                    writer.integer(2, 7)
                    writer.integer(7, value)
                    writer.text(8, name)
                }
            }, inputs: [port("x", [1])], outputs: [port("y", [])]))
}

@Test(arguments: ["SplitToSequence", "SequenceConstruct"])
func `A sequence made of nothing is refused`(maker: String) {
    let nodes = [node(maker, [], ["s"]), node("SequenceAt", ["s", "place"], ["y"])]
    #expect(throws: ONNXError.self) { try Network.load(bytes: small(nodes, [("place", 0)])) }
}

@Test func `A node that names fewer inputs than its operator needs is refused when it is loaded`() throws {
    let free: Set = [
        "Constant", "Optional", "OptionalHasElement", "RandomNormal", "RandomUniform", "SequenceEmpty",
    ]
    for (domain, names) in referenceOperatorNames {
        for name in names where !free.contains(name) {
            #expect(throws: ONNXError.self, "\(name)") {
                try Network.load(bytes: small([node(name, [], ["y"], domain: domain)]))
            }
        }
    }
    for name in ["Conv", "MatMul", "Add", "Where", "BatchNormalization", "SequenceAt", "SequenceInsert"] {
        #expect(throws: ONNXError.self, "\(name)") {
            try Network.load(bytes: small([node(name, ["x"], ["y"])]))
        }
    }
}

@Test func `A node without its optional inputs loads, and one whose inputs are left out never traps`() throws
{
    let clip = try Network.load(bytes: small([node("Clip", ["x"], ["y"])]))
    let y = try clip.run(["x": Tensor(shape: [1], floats: [3])])[0].value.tensor
    #expect(y?.floats() == [3])
    for (domain, names) in referenceOperatorNames {
        for name in names {
            let bytes = small([node(name, Array(repeating: "", count: 8), ["y"], domain: domain)])
            guard let network = try? Network.load(bytes: bytes) else { continue }
            _ = try? network.run(["x": Tensor(shape: [1], floats: [1])])
        }
    }
}

@Test func `An empty tensor of a huge axis is not split into a part for each place`() throws {
    let nodes = [
        node("ConstantOfShape", ["dims"], ["e"]), node("SplitToSequence", ["e"], ["s"]),
        node("SplitToSequence", ["e", "one"], ["t"]), node("SequenceLength", ["s"], ["l"]),
        node("SequenceLength", ["t"], ["m"]), node("Add", ["l", "m"], ["y"]),
    ]
    let dims = ModelWriter.message { writer in
        writer.integer(1, 2)
        writer.integer(2, 7)
        writer.integer(7, 1 << 40)
        writer.integer(7, 0)
        writer.text(8, "dims")
    }
    let one = ModelWriter.message { writer in
        writer.integer(2, 7)
        writer.integer(7, 1)
        writer.text(8, "one")
    }
    let bytes = model(
        graph(nodes: nodes, initializers: [dims, one], inputs: [port("x", [1])], outputs: [port("y", [])]))
    let network = try Network.load(bytes: bytes)
    #expect(throws: ONNXError.self) { try network.run(["x": Tensor(shape: [1], floats: [1])]) }
}
