import Kernels
import Tensors
import Testing

private let stump: [String: AttributeValue] = [
    "nodes_treeids": .integers([0, 0, 0]), "nodes_nodeids": .integers([0, 1, 2]),
    "nodes_featureids": .integers([1, 0, 0]), "nodes_modes": .texts(["BRANCH_LEQ", "LEAF", "LEAF"]),
    "nodes_values": .floats([0.5, 0, 0]), "nodes_truenodeids": .integers([1, 0, 0]),
    "nodes_falsenodeids": .integers([2, 0, 0]), "target_treeids": .integers([0, 0]),
    "target_nodeids": .integers([1, 2]), "target_ids": .integers([0, 0]), "target_weights": .floats([-1, 1]),
]

@Test func `A tree goes left at its threshold and right above it`() throws {
    let x = try floats([3, 2], [9, 0.5, 9, 0.6, 9, -.infinity])
    #expect(
        try evaluate("TreeEnsembleRegressor", [x], stump, domain: "ai.onnx.ml")[0].floats() == [-1, 1, -1])
}

@Test func `A tree that leads in a circle is an error`() throws {
    var circle = stump
    circle["nodes_truenodeids"] = .integers([0, 0, 0])
    #expect(throws: KernelError.self) {
        try evaluate("TreeEnsembleRegressor", [floats([1, 2], [0, 0])], circle, domain: "ai.onnx.ml")
    }
}

@Test func `A row with fewer features than the trees look at is an error`() throws {
    #expect(throws: KernelError.self) {
        try evaluate("TreeEnsembleRegressor", [floats([1, 1], [0])], stump, domain: "ai.onnx.ml")
    }
}

@Test func `Labels are encoded, strangers by the default`() throws {
    let attributes: [String: AttributeValue] = [
        "keys_strings": .texts(["cat", "dog"]), "values_int64s": .integers([7, 8]),
        "default_int64": .integer(-5),
    ]
    let x = try Tensor(shape: [3], strings: ["dog", "cow", "cat"])
    let y = try evaluate("LabelEncoder", [x], attributes, domain: "ai.onnx.ml")[0]
    #expect(y.converted(to: Int64.self) == [8, -5, 7])
}

@Test(arguments: [("MAX", [0.75, 1]), ("L1", [3.0 / 7, 4.0 / 7]), ("L2", [0.6, 0.8])])
func `A row is divided by its norm`(norm: String, expected: [Float]) throws {
    let y = try evaluate(
        "Normalizer", [floats([1, 2], [3, 4])], ["norm": .text(norm)], domain: "ai.onnx.ml")[0]
    expectClose(y.floats(), expected, 1e-6)
}

@Test(arguments: [("none", [1, 4, 0]), ("sum", [5]), ("mean", [5.0 / 3])] as [(String, [Float])])
func `A loss is minus the logarithm of the right class, weighted`(reduction: String, expected: [Float]) throws
{
    let logarithms = try floats([3, 2], [-1, -3, -5, -2, -7, -8])
    let attributes: [String: AttributeValue] = ["reduction": .text(reduction), "ignore_index": .integer(9)]
    let y = try evaluate(
        "NegativeLogLikelihoodLoss", [logarithms, integers([0, 1, 9]), floats([2], [1, 2])], attributes)[0]
    #expect(y.floats() == expected)
}

@Test func `A cross entropy is the loss of the softmax`() throws {
    let y = try evaluate("SoftmaxCrossEntropyLoss", [floats([1, 2], [0, 0]), integers([1])])
    #expect(abs(y[0].floats()[0] - 0.6931472) < 1e-6)
    #expect(y[1].shape == [1, 2])
    for label in [2, -1, Int64.max] {
        #expect(throws: KernelError.self) {
            try evaluate("SoftmaxCrossEntropyLoss", [floats([1, 2], [0, 0]), integers([label])])
        }
    }
    #expect(throws: KernelError.self) {
        try evaluate("SoftmaxCrossEntropyLoss", [floats([1, 2], [0, 0]), integers([1, 1])])
    }
}
