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

@Test func `An empty tensor of as many rows as there may be costs no list of them`() throws {
    let loss = try evaluate(
        "NegativeLogLikelihoodLoss", [empty([0, 1 << 40]), empty([0], .int64)], ["reduction": .text("sum")])
    #expect(loss[0].floats() == [0])
    let cache = try empty([1 << 40, 1, 0])
    let scattered = try evaluate("TensorScatter", [cache, cache], ["axis": .integer(1)], opset: 24)[0]
    #expect(scattered.shape == cache.shape)
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
