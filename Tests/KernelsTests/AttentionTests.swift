import Glibc
import Kernels
import Tensors
import Testing

/// Attention of one head by its definition, `[S, D]` by `[T, D]` by `[T, V]`; `sees(i, j)` says whether
/// query i may look at key j.
private func attend(
    _ q: [Float], _ k: [Float], _ v: [Float], depth: Int, width: Int,
    sees: (Int, Int) -> Bool = { _, _ in true }
) -> [Float] {
    let keys = k.count / depth
    return (0..<(q.count / depth)).flatMap { query -> [Float] in
        let scores = (0..<keys).map { key -> Double in
            let product = (0..<depth).reduce(0.0) {
                $0 + Double(q[query * depth + $1]) * Double(k[key * depth + $1])
            }
            return sees(query, key) ? exp(product / Double(depth).squareRoot()) : 0
        }
        let total = scores.reduce(0, +)
        return (0..<width).map { column in
            let sum = (0..<keys).reduce(0.0) { $0 + scores[$1] * Double(v[$1 * width + column]) }
            return total == 0 ? 0 : Float(sum / total)
        }
    }
}

private let q = scattered(3 * 4, seed: 2)
private let k = scattered(5 * 4, seed: 3)
private let v = scattered(5 * 2, seed: 4)

private func attention(
    _ attributes: [String: AttributeValue] = [:], mask: Tensor? = nil, lengths: [Int64]? = nil
) throws -> [Float] {
    try evaluate(
        "Attention",
        [
            floats([1, 1, 3, 4], q), floats([1, 1, 5, 4], k), floats([1, 1, 5, 2], v), mask, nil, nil,
            try lengths.map(integers),
        ], attributes, opset: 25)[0].floats()
}

@Test func `Attention agrees with its definition`() throws {
    expectClose(try attention(), attend(q, k, v, depth: 4, width: 2))
    expectClose(
        try attention(["is_causal": .integer(1)]), attend(q, k, v, depth: 4, width: 2) { $1 <= $0 })
    expectClose(
        try attention(["left_window_size": .integer(1), "right_window_size": .integer(0)]),
        attend(q, k, v, depth: 4, width: 2) { $1 <= $0 && $1 >= $0 - 1 })
    // Four keys in use, three queries: the first query's own place is key 1.
    expectClose(
        try attention(["is_causal": .integer(1)], lengths: [4]),
        attend(q, k, v, depth: 4, width: 2) { $1 <= $0 + 1 && $1 < 4 })
}

@Test func `A mask of Booleans hides keys, and one of floats is added`() throws {
    let seen = (0..<15).map { $0 % 3 != 0 }
    let flags = try Tensor(shape: [3, 5], elements: seen.map { BoolByte($0) })
    let addends = try floats([3, 5], seen.map { $0 ? 0 : -.infinity })
    let expected = attend(q, k, v, depth: 4, width: 2) { seen[$0 * 5 + $1] }
    expectClose(try attention(mask: flags), expected)
    expectClose(try attention(mask: addends), expected)
}

@Test func `A mask shorter than the keys hides those behind it`() throws {
    let mask = try floats([3, 2], [Float](repeating: 0, count: 6))
    expectClose(try attention(mask: mask), attend(q, k, v, depth: 4, width: 2) { $1 < 2 })
}

@Test func `A query that sees no key gets zeros rather than NaN`() throws {
    let blind = try Tensor(shape: [1, 5], elements: [BoolByte](repeating: BoolByte(false), count: 5))
    #expect(try attention(mask: blind) == [Float](repeating: 0, count: 6))
    #expect(try attention(lengths: [0]) == [Float](repeating: 0, count: 6))
    #expect(try attention(lengths: [-7]) == [Float](repeating: 0, count: 6))
}

@Test func `Heads of queries share heads of keys, packed or apart`() throws {
    // Two heads of queries over one of keys: [B, S, 2 * D].
    let none: [Float] = [0, 0, 0, 0]
    let packed: [Float] = q[0..<4] + none + q[4..<8] + none + q[8..<12] + none
    let y = try evaluate(
        "Attention", [floats([1, 3, 8], packed), floats([1, 5, 4], k), floats([1, 5, 2], v)],
        ["q_num_heads": .integer(2), "kv_num_heads": .integer(1)], opset: 23)[0]
    #expect(y.shape == [1, 3, 4])
    let first = attend(q, k, v, depth: 4, width: 2)
    // A query of zeros weighs all keys alike.
    var means: [Float] = [0, 0]
    for key in 0..<5 {
        means[0] += v[key * 2] / 5
        means[1] += v[key * 2 + 1] / 5
    }
    var expected: [Float] = []
    for query in 0..<3 { expected += Array(first[(query * 2)..<(query * 2 + 2)]) + means }
    expectClose(y.floats(), expected)
}

@Test func `Keys and values of the past come before the new ones`() throws {
    func part(_ values: [Float], _ width: Int, _ rows: Range<Int>) throws -> Tensor {
        try floats(
            [1, 1, rows.count, width], Array(values[(rows.lowerBound * width)..<(rows.upperBound * width)]))
    }
    let results = try evaluate(
        "Attention",
        [
            floats([1, 1, 3, 4], q), part(k, 4, 2..<5), part(v, 2, 2..<5), nil, part(k, 4, 0..<2),
            part(v, 2, 0..<2),
        ], ["is_causal": .integer(1)], opset: 23)
    expectClose(results[0].floats(), attend(q, k, v, depth: 4, width: 2) { $1 <= $0 + 2 })
    #expect(results[1].floats() == k)
    #expect(results[2].floats() == v)
}

@Test func `Inputs of attention that do not agree are refused`() throws {
    let good = try [floats([1, 1, 3, 4], q), floats([1, 1, 5, 4], k), floats([1, 1, 5, 2], v)]
    let bad: [(Int, [Int], [Float])] = [
        (0, [3, 4], q), (1, [1, 1, 4, 5], k), (2, [1, 1, 2, 5], v), (1, [1, 5, 1, 4], k),
    ]
    for (index, dims, values) in bad {
        var inputs: [Tensor?] = good
        inputs[index] = try floats(dims, values)
        #expect(throws: KernelError.self) { try evaluate("Attention", inputs, opset: 23) }
    }
    #expect(throws: KernelError.self) {
        try evaluate("Attention", good + [floats([1, 9], scattered(9))], opset: 23)
    }
    #expect(throws: KernelError.self) {
        try evaluate("Attention", good + [nil, floats([1, 1, 1, 4], scattered(4))], opset: 23)
    }
}

@Test(arguments: [false, true])
func `A rotary embedding turns each pair by the angle of its token`(isInterleaved: Bool) throws {
    // One head of four elements, the last two pairs' places by the form; a quarter turn at position 1.
    let x: [Float] = [1, 2, 3, 4]
    let y = try evaluate(
        "RotaryEmbedding",
        [
            floats([1, 1, 1, 4], x), floats([2, 2], [1, 1, 0, 0]), floats([2, 2], [0, 0, 1, 1]),
            Tensor(shape: [1, 1], elements: [Int64(1)]),
        ], ["interleaved": .integer(isInterleaved ? 1 : 0)], opset: 23)[0]
    #expect(y.floats() == (isInterleaved ? [-2, 1, -4, 3] : [-3, -4, 1, 2]))
}

@Test(arguments: [Int64(2), -3, .max]) func `A position without angles is refused`(position: Int64) {
    #expect(throws: KernelError.self) {
        try evaluate(
            "RotaryEmbedding",
            [
                floats([1, 1, 1, 4], [1, 2, 3, 4]), floats([2, 2], [1, 1, 0, 0]),
                floats([2, 2], [0, 0, 1, 1]),
                Tensor(shape: [1, 1], elements: [position]),
            ], opset: 23)
    }
}

@Test func `Linear attention adds up what its tokens say of each key`() throws {
    // One head, D 1, V 1: the state is a running sum of k * v, each result q times it.
    let y = try evaluate(
        "LinearAttention",
        [floats([1, 3, 1], [1, 1, 2]), floats([1, 3, 1], [1, 2, 3]), floats([1, 3, 1], [10, 1, 1])],
        [
            "q_num_heads": .integer(1), "kv_num_heads": .integer(1), "update_rule": .text("linear"),
            "scale": .float(1),
        ], opset: 27)
    #expect(y[0].floats() == [10, 12, 30])
    #expect(y[1].floats() == [15])
}

@Test func `A causal convolution goes on where its state ends`() throws {
    let x = scattered(6)
    let w = try floats([1, 1, 3], [0.5, -1, 2])
    let whole = try evaluate("CausalConvWithState", [floats([1, 1, 6], x), w], opset: 27)
    let first = try evaluate("CausalConvWithState", [floats([1, 1, 4], Array(x[..<4])), w], opset: 27)
    let second = try evaluate(
        "CausalConvWithState", [floats([1, 1, 2], Array(x[4...])), w, nil, first[1]], opset: 27)
    #expect(first[0].floats() + second[0].floats() == whole[0].floats())
    #expect(second[1].floats() == Array(x[4...]))
}
