/// Models of each family of layers that the planner knows, and of the operators that steer a graph.
let seedModels: [[UInt8]] = [
    convolutions, residual, products, steered, attention, recurrent, listed, texts, detector,
    // The smallest that loads.
    model(graph(nodes: [node("Relu", ["x"], ["y"])], inputs: [port("x", [4])], outputs: [port("y", [4])])),
    [],
]

private func weights(_ count: Int) -> [Float] { (0..<count).map { Float($0 % 7) / 4 - 0.75 } }
private func tensor(_ name: String, _ dims: [Int64]) -> [UInt8] {
    floatTensor(name, dims, weights(Int(dims.reduce(1, *))))
}

private let convolutions = model(
    graph(
        nodes: [
            node("Conv", ["x", "w", "b"], ["c"], attributes: [integersAttribute("pads", [1, 1, 1, 1])]),
            node("BatchNormalization", ["c", "s", "b", "b", "s"], ["n"]), node("Relu", ["n"], ["r"]),
            node(
                "MaxPool", ["r"], ["p"],
                attributes: [
                    integersAttribute("kernel_shape", [2, 2]), integersAttribute("strides", [2, 2]),
                ]),
            node("Conv", ["p", "w1", "b"], ["d"]), node("Clip", ["d"], ["e"]),
            node("GlobalAveragePool", ["e"], ["g"]), node("Flatten", ["g"], ["f"]),
            node("Gemm", ["f", "m", "v"], ["z"]), node("Softmax", ["z"], ["y"]),
        ],
        initializers: [
            tensor("w", [4, 3, 3, 3]), tensor("w1", [4, 4, 1, 1]), tensor("b", [4]),
            floatTensor("s", [4], [1, 2, 1, 2]), tensor("m", [4, 5]), tensor("v", [5]),
        ], inputs: [port("x", [-1, 3, 8, 8])], outputs: [port("y", [-1, 5])]))

private let residual = model(
    graph(
        nodes: [
            node("Conv", ["x", "w"], ["c"], attributes: [integersAttribute("pads", [1, 1, 1, 1])]),
            node("Add", ["c", "x"], ["a"]), node("Sigmoid", ["a"], ["i"]), node("Mul", ["a", "i"], ["m"]),
            node("Transpose", ["m"], ["t"], attributes: [integersAttribute("perm", [0, 2, 3, 1])]),
            node("Concat", ["t", "t"], ["k"], attributes: [integerAttribute("axis", 3)]),
            node("AveragePool", ["a"], ["v"], attributes: [integersAttribute("kernel_shape", [2, 2])]),
            node("Upsample", ["v", "scales"], ["u"]), node("ReduceMean", ["k"], ["y"]),
        ],
        initializers: [tensor("w", [4, 4, 3, 3]), floatTensor("scales", [4], [1, 1, 2, 2])],
        inputs: [port("x", [1, 4, 5, 5])], outputs: [port("y", []), port("u", [])]), opset: 9)

private let products = model(
    graph(
        nodes: [
            node("MatMul", ["x", "w"], ["h"]), node("Add", ["h", "b"], ["a"]), node("Tanh", ["a"], ["t"]),
            node("Split", ["t"], ["l", "r"], attributes: [integerAttribute("axis", 1)]),
            node("Sub", ["l", "r"], ["d"]), node("Pow", ["d", "two"], ["q"]), node("Sqrt", ["q"], ["s"]),
            node("ArgMax", ["s"], ["y"]), node("LogSoftmax", ["s"], ["z"]),
        ], initializers: [tensor("w", [3, 6]), tensor("b", [6]), floatTensor("two", [], [2])],
        inputs: [port("x", [-1, 3])], outputs: [port("y", [-1, 1]), port("z", [-1, 3])]), opset: 13)

private let steered: [UInt8] = {
    let body = graph(
        nodes: [
            node("Add", ["state", "step"], ["next"]), node("Identity", ["condition"], ["goes"]),
            node("Identity", ["next"], ["made"]),
        ], inputs: [port("turn", []), port("condition", []), port("state", [1])],
        outputs: [port("goes", []), port("next", [1]), port("made", [1])])
    let count = ModelWriter.message { writer in
        writer.integer(2, 7)
        writer.integer(7, 3)
        writer.text(8, "count")
    }
    let positive = graph(nodes: [node("Neg", ["x"], ["p"])], inputs: [], outputs: [port("p", [1])])
    return model(
        graph(
            nodes: [
                node("Loop", ["count", "", "x"], ["l", "m"], attributes: [graphAttribute("body", body)]),
                node("Greater", ["l", "step"], ["g"]), node("Squeeze", ["g"], ["c"]),
                node(
                    "If", ["c"], ["i"],
                    attributes: [
                        graphAttribute("then_branch", positive), graphAttribute("else_branch", positive),
                    ]),
                node("Where", ["g", "i", "x"], ["y"]),
            ], initializers: [count, floatTensor("step", [1], [2])], inputs: [port("x", [1])],
            outputs: [port("y", [1]), port("m", [3, 1])]))
}()

private let attention = model(
    graph(
        nodes: [
            node("LayerNormalization", ["x", "s"], ["n"]), node("MatMul", ["n", "w"], ["q"]),
            node("Transpose", ["q"], ["k"], attributes: [integersAttribute("perm", [0, 2, 1])]),
            node("MatMul", ["q", "k"], ["a"]), node("Softmax", ["a"], ["p"]),
            node("MatMul", ["p", "q"], ["o"]),
            node("Erf", ["o"], ["e"]), node("Shape", ["x"], ["d"]), node("Gather", ["d", "zero"], ["b"]),
            node("Unsqueeze", ["b", "axes"], ["bs"]),
            node(
                "Concat", ["bs", "rest"], ["t"],
                attributes: [
                    integerAttribute("axis", 0)
                ]), node("Reshape", ["e", "t"], ["y"]),
        ],
        initializers: [
            floatTensor("s", [4], [1, 1, 1, 1]), tensor("w", [4, 4]), integerTensor("zero", [], [0]),
            integerTensor("axes", [1], [0]), integerTensor("rest", [1], [-1]),
        ], inputs: [port("x", [-1, 3, 4])], outputs: [port("y", [-1, 12])]))

private let recurrent = model(
    graph(
        nodes: [
            node(
                "LSTM", ["x", "w", "r"], ["o", "h", "c"], attributes: [integerAttribute("hidden_size", 2)]),
            node("Slice", ["o", "zero", "one", "zero"], ["s"]), node("Squeeze", ["s"], ["q"]),
            node("TopK", ["q", "one"], ["y", "i"]),
            node("QuantizeLinear", ["h", "scale"], ["u"]), node("DequantizeLinear", ["u", "scale"], ["z"]),
        ],
        initializers: [
            tensor("w", [1, 8, 3]), tensor("r", [1, 8, 2]), integerTensor("zero", [1], [0]),
            integerTensor("one", [1], [1]), floatTensor("scale", [], [0.5]),
        ], inputs: [port("x", [2, 1, 3])], outputs: [port("y", [-1]), port("z", [1, 1, 2])]))

/// Sequences made and read, optional values, and nodes without inputs.
private let listed = model(
    graph(
        nodes: [
            node("SequenceEmpty", [], ["e"]), node("SequenceInsert", ["e", "x"], ["i"]),
            node("SplitToSequence", ["x", "one"], ["s"]), node("SequenceAt", ["s", "zero"], ["p"]),
            node("SplitToSequence", ["x"], ["t"], attributes: [integerAttribute("keepdims", 0)]),
            node("SequenceErase", ["t", "zero"], ["u"]), node("SequenceLength", ["u"], ["n"]),
            node("ConcatFromSequence", ["t"], ["c"], attributes: [integerAttribute("axis", 0)]),
            node("Optional", [], ["o"]), node("OptionalHasElement", ["o"], ["h"]),
            node("RandomNormal", [], ["r"], attributes: [integersAttribute("shape", [1])]),
            node("ConstantOfShape", ["wide"], ["w"]), node("Size", ["w"], ["z"]),
            node("Add", ["p", "r"], ["y"]),
        ],
        initializers: [
            integerTensor("one", [], [1]), integerTensor("zero", [], [0]),
            integerTensor("wide", [2], [1 << 20, 0]),
        ], inputs: [port("x", [3, 2])],
        outputs: [port("y", []), port("n", []), port("c", []), port("h", []), port("z", []), port("i", [])]))

/// Strings made of constants.
private let texts = model(
    graph(
        nodes: [
            node("Cast", ["x"], ["t"], attributes: [integerAttribute("to", 8)]),
            node("StringConcat", ["t", "t"], ["d"]), node("StringSplit", ["d"], ["p", "n"]),
            node("RegexFullMatch", ["d"], ["y"], attributes: [textAttribute("pattern", "(a|[0-9]+)*?")]),
            node(
                "StringNormalizer", ["t"], ["z"], attributes: [textAttribute("case_change_action", "LOWER")]),
            node("Unique", ["t"], ["u"]),
        ], inputs: [port("x", [3])],
        outputs: [port("y", []), port("z", []), port("p", []), port("n", []), port("u", [])]), opset: 20)

/// A planned front, and behind it what waits for data.
private let detector = model(
    graph(
        nodes: [
            node("Conv", ["x", "w"], ["c"]), node("Relu", ["c"], ["r"]),
            node(
                "Shape", ["r"], ["s"],
                attributes: [integerAttribute("start", 0), integerAttribute("end", 1)]),
            node("Concat", ["s", "rest"], ["d"], attributes: [integerAttribute("axis", 0)]),
            node("Reshape", ["r", "d"], ["b"]), node("Transpose", ["b"], ["t"]),
            node("Reshape", ["b", "boxes"], ["q"]), node("Reshape", ["b", "scores"], ["p"]),
            node("NonMaxSuppression", ["q", "p", "most"], ["k"]), node("NonZero", ["t"], ["y"]),
        ],
        initializers: [
            tensor("w", [4, 1, 1, 1]), integerTensor("rest", [1], [-1]),
            integerTensor("boxes", [3], [1, -1, 4]), integerTensor("scores", [3], [1, 4, -1]),
            integerTensor("most", [1], [3]),
        ], inputs: [port("x", [1, 1, 4, 4])], outputs: [port("y", []), port("k", [])]), opset: 17)

/// An `AttributeProto` of a text.
private func textAttribute(_ name: String, _ text: String) -> [UInt8] {
    ModelWriter.message { writer in
        writer.text(1, name)
        writer.text(4, text)
        writer.integer(20, 3)
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

/// A `TensorProto` of int64.
private func integerTensor(_ name: String, _ dims: [Int64], _ values: [Int64]) -> [UInt8] {
    ModelWriter.message { writer in
        for dim in dims { writer.integer(1, dim) }
        writer.integer(2, 7)
        for value in values { writer.integer(7, value) }
        writer.text(8, name)
    }
}
