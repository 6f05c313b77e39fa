import Kernels
import Tensors
import Testing

/// An empty tensor of these sizes, one of them 0.
private func empty(_ dims: [Int], _ type: ElementType = .float32) throws -> Tensor {
    try Tensor(uninitialized: type, shape: Shape(dims))
}

private func text(_ dims: [Int], _ values: String...) throws -> Tensor {
    try Tensor(shape: Shape(dims), strings: values)
}

private let gated: [String: AttributeValue] = ["q_num_heads": .integer(1), "kv_num_heads": .integer(1)]

@Test(arguments: 0..<5) func `Linear attention of strings is refused`(position: Int) throws {
    let one = try floats([1, 1, 1], [1])
    var inputs: [Tensor?] = [one, one, one, nil, one, one]
    inputs[position < 3 ? position : position + 1] = try text([1, 1, 1], "a")
    #expect(throws: KernelError.self) { try evaluate("LinearAttention", inputs, gated, opset: 27) }
}

@Test func `Strings are refused by each operator that does not take them there`() throws {
    let words = try text([1, 1, 1, 1], "a")
    let number = try floats([1, 1, 1, 1], [1])
    for (domain, names) in referenceOperatorNames.sorted(by: { $0.key < $1.key }) {
        for name in names {
            for place in 0..<6 {
                var inputs: [Tensor?] = [Tensor?](repeating: number, count: 6)
                inputs[place] = words
                // Answers or refuses; a trap would end the tests.
                _ = try? evaluate(name, inputs, domain: domain)
            }
        }
    }
    #expect(throws: KernelError.self) { try evaluate("Relu", [words]) }
    #expect(throws: KernelError.self) { try evaluate("Resize", [words, nil, number]) }
}

/// What `name` makes of `inputs` in a memory of 16 MiB and a million operations.
private func call(
    _ name: String, _ inputs: [Tensor?], _ attributes: [String: AttributeValue] = [:],
    memory: Int = 16 << 20, operations: Int = 1 << 20, domain: String = ""
) throws -> [Tensor] {
    let operation = try #require(referenceOperator(name, domain: domain))
    let pool = TensorPool(bytesMax: memory)
    let workspace = Workspace(pool: pool, operationsMax: operations)
    return try operation(
        Invocation(
            inputs: inputs, attributes: Attributes(attributes), opset: 20, outputCount: 1,
            workspace: workspace))
}

@Test(arguments: referenceOperatorNames[""] ?? [])
func `Axes of an empty tensor are counted, though it has no elements`(name: String) throws {
    let shapes = [
        [1 << 40, 0], [0, 1 << 40], [1 << 20, 1 << 20, 0, 0], [1 << 40, 1, 0], [1 << 30, 0, 1, 4],
    ]
    for dims in shapes {
        for type in [ElementType.float32, .int64] {
            let x = try empty(dims, type)
            // A loop over them would not end in the life of a test.
            for inputs in [[x], [x, x, x], [x, nil, x, nil, x, x]] as [[Tensor?]] {
                #expect(throws: KernelError.self, "\(name) \(dims)") {
                    try call(name, inputs, gated.merging(["axis": .integer(0)]) { $1 })
                }
            }
        }
    }
}

@Test func `An empty result of many rows is counted as well`() throws {
    let regions = try Tensor(shape: [3000, 5], elements: [Float](repeating: 0, count: 15000))
    let picture = try empty([1, 0, 8, 8])
    #expect(throws: KernelError.self) {
        try call("MaxRoiPool", [picture, regions], ["pooled_shape": .integers([1 << 16, 1])])
    }
    let few = try call("MaxRoiPool", [picture, regions], ["pooled_shape": .integers([2, 2])])
    #expect(few[0].shape == [3000, 0, 2, 2])
}

@Test func `An empty tensor of a few rows is a tensor like any other`() throws {
    let loss = try evaluate(
        "NegativeLogLikelihoodLoss", [empty([0, 1 << 20]), empty([0], .int64)], ["reduction": .text("sum")])
    #expect(loss[0].floats() == [0])
    let cache = try empty([1 << 20, 1, 0])
    #expect(try evaluate("TensorScatter", [cache, cache], ["axis": .integer(1)])[0].shape == cache.shape)
    #expect(try call("Relu", [empty([0, 256, 7, 7])])[0].shape == [0, 256, 7, 7])
    let nothing = try empty([2, 3, 0])
    let attended = try evaluate(
        "LinearAttention", [nothing, nothing, nothing], gated.merging(["update_rule": .text("linear")]) { $1 }
    )
    #expect(attended[0].shape == [2, 3, 0])
}

@Test func `Lists count against the memory by what their elements take`() throws {
    // 64 KiB of bytes: as a list of places they are eight times as many, with classes and counts more.
    let bytes = try Tensor(uninitialized: .uint8, shape: [1 << 16])
    bytes.mutableElements(as: UInt8.self).fill(7)
    let lengths = try integers([1 << 8])
    let rows = try Tensor(.uint8, shape: [1, 1 << 8, 1 << 8], memory: memory(of: bytes))
    for (name, inputs): (String, [Tensor?]) in [
        ("Unique", [bytes]), ("NonZero", [bytes]), ("ReverseSequence", [rows, lengths]),
        ("TensorScatter", [rows, rows]),
        ("ScatterElements", [bytes, try integers([0]), try Tensor(shape: [1], elements: [UInt8(1)])]),
        ("Trilu", [rows]), ("GatherElements", [bytes, try Tensor(uninitialized: .uint8, shape: [1 << 16])]),
    ] {
        #expect(throws: KernelError.self, "\(name)") {
            _ = try call(
                name, inputs, ["batch_axis": .integer(0), "time_axis": .integer(1)], memory: 512 << 10,
                operations: .max)
        }
    }
    // What an operator made lists for is free again when it is through.
    let pool = TensorPool(bytesMax: 1 << 20)
    let workspace = Workspace(pool: pool, operationsMax: .max)
    let reversing = try #require(referenceOperator("ReverseSequence", domain: ""))
    for _ in 0..<20 {
        let y = try reversing(
            Invocation(
                inputs: [rows, lengths],
                attributes: Attributes(["batch_axis": .integer(0), "time_axis": .integer(1)]), opset: 20,
                outputCount: 1, workspace: workspace))
        #expect(y[0].count == 1 << 16)
    }
    try pool.claim(1 << 20)
    #expect(throws: TensorError.self) { try pool.claim(1) }
    pool.giveBack(claim: 1 << 20)
}

private func memory(of tensor: Tensor) throws -> TensorMemory {
    guard case .memory(let memory) = tensor.storage else { throw TensorError.outOfMemory(bytes: 0) }
    return memory
}

@Test func `A transform that a client asks for claims the memory of its tables`() throws {
    let signal = try floats([1, 4, 1], [1, 2, 3, 4])
    let length = try Tensor(shape: [], elements: [Int64(1 << 20) - 1])
    #expect(throws: KernelError.self) {
        try call("DFT", [signal, length], memory: 256 << 20, operations: .max)
    }
    let short = try Tensor(shape: [], elements: [Int64(8)])
    #expect(
        try call("DFT", [signal, short, try Tensor(shape: [], elements: [Int64(1)])])[0].shape == [1, 8, 2])
}

@Test func `A region far larger than its picture is sampled where it meets it`() throws {
    let picture = try floats([1, 1, 2, 2], [4, 4, 4, 4])
    let region = try floats([1, 4], [-1e8, 0, 1e8, 1])
    let y = try call("RoiAlign", [picture, region, integers([0])])
    // Some of 2e8 points are inside.
    #expect(y[0].count == 1 && abs(y[0].floats()[0]) < 1e-6)
    let highest = try call("RoiAlign", [picture, region, integers([0])], ["mode": .text("max")])
    #expect(highest[0].floats() == [4])
    let both = try floats([1, 4], [-4e8, -4e8, 4e8, 4e8])
    #expect(try call("RoiAlign", [picture, both, integers([0])], ["mode": .text("max")])[0].floats() == [4])
    #expect(throws: KernelError.self) {
        try call(
            "RoiAlign", [picture, both, integers([0])],
            [
                "sampling_ratio": .integer(1 << 16), "output_height": .integer(1 << 10),
            ])
    }
}

@Test func `A class of many ranges, and long strings, are counted as work`() throws {
    let many = (0..<5000).map { Unicode.Scalar(UInt32(0x4E00 + 2 * $0)).map { String($0) } ?? "" }.joined()
    let subject = try text([1], String(repeating: "\u{4E00}", count: 20_000))
    let pattern: [String: AttributeValue] = ["pattern": .text("(?:[\(many)]x?y?){1000}")]
    #expect(throws: KernelError.self) { try call("RegexFullMatch", [subject], pattern) }
    #expect(try evaluate("RegexFullMatch", [subject], ["pattern": .text("[\(many)]*")])[0].count == 1)
    // One string of a mebibyte a thousand times over takes the memory of one.
    let long = String(repeating: "a", count: 1 << 10)
    let words = try Tensor(shape: [1 << 10], strings: [String](repeating: long, count: 1 << 10))
    #expect(throws: KernelError.self) { try call("Unique", [words], operations: 1 << 22) }
    #expect(throws: KernelError.self) { try call("Equal", [words, words]) }
    #expect(try call("Unique", [words], operations: 1 << 28)[0].strings == [long])
}

@Test func `Strings count against the memory of a run`() throws {
    let pool = TensorPool(bytesMax: 1 << 16)
    let word = String(repeating: "a", count: 1000)
    do {
        let held = try Tensor(shape: [60], strings: [String](repeating: word, count: 60), pool: pool)
        #expect(held.count == 60)
        #expect(throws: TensorError.self) {
            try Tensor(shape: [10], strings: [String](repeating: word, count: 10), pool: pool)
        }
        #expect(throws: TensorError.self) { try Tensor(uninitialized: .string, shape: [4096], pool: pool) }
    }
    #expect(try Tensor(uninitialized: .string, shape: [4000], pool: pool).count == 4000)
}

@Test func `Repetitions of repetitions are refused, as many as there are`() {
    for mark in ["{1}", "*", "+?", "?"] {
        let pattern = "a" + String(repeating: mark, count: 300_000)
        #expect(throws: KernelError.self) {
            try evaluate("RegexFullMatch", [text([1], "a")], ["pattern": .text(pattern)])
        }
    }
}

@Test func `Thousands of branches are an automaton like any other`() throws {
    let pattern = (0..<3000).map { "\($0)" }.joined(separator: "|")
    let flags = try evaluate(
        "RegexFullMatch", [text([3], "2999", "17", "3000")], ["pattern": .text("(?:\(pattern))*?")])
    // 3000 is 300 and 0.
    #expect(flags[0].converted(to: Int64.self) == [1, 1, 1])
    #expect(throws: KernelError.self) {
        let more = (0..<20_000).map { "\($0)" }.joined(separator: "|")
        return try evaluate("RegexFullMatch", [text([1], "a")], ["pattern": .text(more)])
    }
}

@Test func `Repetitions of nothing end`() throws {
    let pattern = "(?:(?:(?:(?:(){1000}){1000}){1000}){1000}){1000}"
    #expect(throws: KernelError.self) {
        try evaluate("RegexFullMatch", [text([1], "")], ["pattern": .text(pattern)])
    }
    let few = try evaluate("RegexFullMatch", [text([1], "")], ["pattern": .text("(?:(){1000}){10}")])
    #expect(few[0].converted(to: Int64.self) == [1])
}

@Test func `Strings that double at each step are refused before they are made`() throws {
    // One run's workspace, as a graph of forty nodes has it.
    let workspace = Workspace(pool: TensorPool(bytesMax: 1 << 24), operationsMax: 1 << 30)
    let operation = try #require(referenceOperator("StringConcat", domain: ""))
    var x = try text([1], "abcdefgh")
    #expect(throws: KernelError.self) {
        for _ in 0..<40 {
            x = try operation(
                Invocation(
                    inputs: [x, x], attributes: Attributes([:]), opset: 20, outputCount: 1,
                    workspace: workspace))[0]
        }
    }
    #expect(x.strings[0].utf8.count <= 1 << 24)
}

@Test(arguments: [(10, true), (2000, false)]) func `Every step down a tree is counted, trees in common too`(
    depth: Int, isDone: Bool
) throws {
    // As many trees as nodes, all of them one chain.
    let last = (0..<depth).map { Int64($0 == depth - 1 ? 1 : 0) }
    let next = (0..<depth).map { Int64($0 == depth - 1 ? 0 : $0 + 1) }
    let attributes: [String: AttributeValue] = [
        "nodes_featureids": .integers([Int64](repeating: 0, count: depth)),
        "nodes_splits": .tensor(try floats([depth], [Float](repeating: 0, count: depth))),
        "nodes_modes": .tensor(try Tensor(shape: [depth], elements: [UInt8](repeating: 0, count: depth))),
        "nodes_truenodeids": .integers(next), "nodes_falsenodeids": .integers(next),
        "nodes_trueleafs": .integers(last), "nodes_falseleafs": .integers(last),
        "leaf_targetids": .integers([0]), "leaf_weights": .tensor(try floats([1], [2])),
        "tree_roots": .integers([Int64](repeating: 0, count: depth)), "n_targets": .integer(1),
    ]
    let y = try? call("TreeEnsemble", [floats([1, 1], [0])], attributes, domain: "ai.onnx.ml")
    #expect(y?[0].floats() == (isDone ? [Float(2 * depth)] : nil))
}
