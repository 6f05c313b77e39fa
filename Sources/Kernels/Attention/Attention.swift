import Tensors

/// Queries, keys and values of `Attention`, heads apart: `[B, H, S, D]`, `[B, G, T, D]`, `[B, G, T, V]`.
/// `H / G` neighbouring heads of queries share a head of keys (grouped queries).
private struct AttentionInputs {
    var q: Tensor
    var k: Tensor
    var v: Tensor
    /// Keys that came before the first query: those of the cache.
    var offset = 0
    /// Keys in use of each sequence, where the cache is longer.
    var used: [Int]?

    init(_ call: Invocation) throws(KernelError) {
        let queryHeads = try call.attributes.integer("q_num_heads")
        let keyHeads = try call.attributes.integer("kv_num_heads")
        q = try call.splitHeads(try call.input(0), queryHeads)
        k = try call.splitHeads(try call.input(1), keyHeads)
        v = try call.splitHeads(try call.input(2), keyHeads)
        if let (pastKeys, pastValues) = try Self.past(call) {
            offset = try pastKeys.size(2)
            k = try call.concatenate([pastKeys, k], axis: 2)
            v = try call.concatenate([pastValues, v], axis: 2)
        }
        guard q.elementType.isFloatingPoint, k.elementType == q.elementType, v.elementType == q.elementType,
            k.shape[0] == q.shape[0], v.shape[0] == q.shape[0], k.shape[1] == v.shape[1], k.shape[1] > 0,
            q.shape[1] % k.shape[1] == 0, k.shape[2] == v.shape[2], k.shape[3] == q.shape[3]
        else { throw .invalid("queries \(q.shape), keys \(k.shape) and values \(v.shape) do not agree") }
        if let lengths = try call.integers(6) {
            guard lengths.count == q.shape[0], offset == 0 else {
                throw .invalid("\(lengths.count) lengths for \(q.shape[0]) sequences")
            }
            used = lengths.map { min(max($0, 0), k.shape[2]) }
        }
    }

    private static func past(_ call: Invocation) throws(KernelError) -> (Tensor, Tensor)? {
        switch (call.optional(4), call.optional(5)) {
        case (let keys?, let values?): return (keys, values)
        case (nil, nil): return nil
        case (_?, nil), (nil, _?): throw .invalid("past keys and past values go together")
        }
    }
}

extension Invocation {
    /// `[B, S, heads * D]` as `[B, heads, S, D]`; four axes stay as they are.
    func splitHeads(_ tensor: Tensor, _ heads: Int?) throws(KernelError) -> Tensor {
        if tensor.shape.rank == 4 { return tensor }
        guard tensor.shape.rank == 3, let heads, heads > 0, tensor.shape[2] % heads == 0 else {
            throw .invalid("\(heads ?? 0) heads of \(tensor.shape)")
        }
        let dims = [tensor.shape[0], tensor.shape[1], heads, tensor.shape[2] / heads]
        return try transpose(try tensor.shaped(dims), [0, 2, 1, 3])
    }

    /// `Attention` (opset 23 to 25): scaled dot products of queries and keys, softmax, weighted values; also
    /// the caches grown by the new keys and values, and one of the steps in between.
    ///
    /// A query that sees no key gets zeros. Halves are rounded after each step, as the operator's
    /// definition by others has it.
    func attend() throws(KernelError) -> [Tensor] {
        let form = try AttentionForm(self)
        let inputs = try AttentionInputs(self)
        let type = inputs.q.elementType
        guard let wide = type.widenedReal else { throw .unsupported("type \(type)") }
        let (batch, heads, length) = (inputs.q.shape[0], inputs.q.shape[1], inputs.q.shape[2])
        let (groups, keyCount, depth) = (inputs.k.shape[1], inputs.k.shape[2], inputs.k.shape[3])
        let root = (form.scale ?? 1 / Double(max(depth, 1)).squareRoot()).squareRoot()
        let q = try scaled(inputs.q, by: root, wide)
        let k = try transpose(try scaled(inputs.k, by: root, wide), [0, 1, 3, 2])
        let rows = [batch, groups, saturatingMultiply(heads / groups, length), depth]
        let products = try settled(try matMul(try q.shaped(rows), k), as: type)
        let dims = [batch, heads, length, keyCount]
        var scores = [try products.shaped(dims)]
        if form.cap > 0 { scores.append(try settled(try capped(scores[0], form.cap), as: type)) }
        let mask = try optional(3).map { (mask) throws(KernelError) in
            try AttentionMask(mask, scores: Shape(dims))
        }
        let last = scores[scores.count - 1]
        try workspace.charge(saturatingMultiply(last.count, 12))
        let biased = try settled(try biased(last, mask, form, inputs), as: type)
        let soft = try softened(biased, precision: form.precision ?? type)
        let weights = try settled(soft, as: type)
        let v = try cast(inputs.v, to: wide)
        let grouped = try weights.shaped(rows.dropLast() + [keyCount])
        var y = try matMul(grouped, v).shaped([batch, heads, length, v.shape[3]])
        if try input(0).shape.rank == 3 {
            y = try transpose(y, [0, 2, 1, 3]).shaped([batch, length, saturatingMultiply(heads, v.shape[3])])
        }
        let inspected =
            switch form.inspection {
            case .products: scores[0]
            case .capped: last
            case .biased: biased
            case .probabilities: weights
            }
        return [try cast(y, to: type), inputs.k, inputs.v, try cast(inspected, to: type)]
    }

    /// `tensor * factor` in the type `wide`.
    private func scaled(_ tensor: Tensor, by factor: Double, _ wide: ElementType) throws(KernelError)
        -> Tensor
    {
        let rounded = try cast(try cast(try make([], [factor]), to: tensor.elementType), to: wide)
        return try settled(
            try combine(Multiplication(), try cast(tensor, to: wide), rounded), as: tensor.elementType)
    }

    /// `tensor` rounded to `type` and widened again.
    private func settled(_ tensor: Tensor, as type: ElementType) throws(KernelError) -> Tensor {
        try cast(try cast(tensor, to: type), to: tensor.elementType)
    }

    private func capped(_ scores: Tensor, _ cap: Double) throws(KernelError) -> Tensor {
        try map(SoftCap(cap: cap), over: scores)
    }

    /// `scores` with the mask added, and `-inf` for keys that a query does not see.
    private func biased(
        _ scores: Tensor, _ mask: AttentionMask?, _ form: AttentionForm, _ inputs: AttentionInputs
    ) throws(KernelError) -> Tensor {
        let result = try make(scores.elementType, scores.shape.dims)
        let (heads, length, keyCount) = (scores.shape[1], scores.shape[2], scores.shape[3])
        func fill<Value: Real>(_ type: Value.Type) {
            let (x, y) = (scores.elements(as: Value.self), result.mutableElements(as: Value.self))
            for row in 0..<(keyCount > 0 ? x.count / keyCount : 0) {
                let (sequence, head, query) = (row / length / heads, row / length % heads, row % length)
                let used = inputs.used?[sequence]
                let seen = form.keys(
                    of: query, offset: used.map { $0 - length } ?? inputs.offset, count: used ?? keyCount)
                let start = mask?.start(sequence, head, query) ?? 0
                for key in 0..<keyCount {
                    let place = row * keyCount + key
                    guard seen.contains(key) else {
                        y[place] = -.infinity
                        continue
                    }
                    let addend = mask?.addend(start, key) ?? 0
                    // A hidden key stays hidden whatever its score, an infinite one too.
                    y[place] = addend == -.infinity ? -.infinity : x[place] + Value(addend)
                }
            }
        }
        if scores.elementType == .float64 { fill(Double.self) } else { fill(Float.self) }
        return result
    }

    /// The softmax of each row in `precision`, zeros for a row of `-inf` alone.
    private func softened(_ scores: Tensor, precision: ElementType) throws(KernelError) -> Tensor {
        let call = Invocation(
            inputs: [try cast(scores, to: precision)], attributes: Attributes(), opset: 13, outputCount: 1,
            workspace: workspace)
        let plain = try cast(try call.softmax(.plain)[0], to: scores.elementType)
        let result = try make(plain.elementType, plain.shape.dims)
        let width = plain.shape[3]
        func fill<Value: Real>(_ type: Value.Type) {
            let (x, y) = (scores.elements(as: Value.self), result.mutableElements(as: Value.self))
            let p = plain.elements(as: Value.self)
            for start in stride(from: 0, to: width > 0 ? x.count : 0, by: max(width, 1)) {
                let isBlind = (start..<(start + width)).allSatisfy { x[$0] == -.infinity }
                for place in start..<(start + width) { y[place] = isBlind ? 0 : p[place] }
            }
        }
        if scores.elementType == .float64 { fill(Double.self) } else { fill(Float.self) }
        return result
    }
}

private struct SoftCap: RealFunction {
    let cap: Double
    func apply<Value: Real>(_ x: Value) -> Value { Value(cap) * Value.hyperbolicTangent(x / Value(cap)) }
}

/// ONNX's operators of transformers.
let attentionOperators: [String: OperatorFunction] = [
    "Attention": { call throws(KernelError) in try call.attend() },
    "RotaryEmbedding": { call throws(KernelError) in try call.embedRotary() },
    "LinearAttention": { call throws(KernelError) in try call.attendLinearly() },
    "CausalConvWithState": { call throws(KernelError) in try call.convolveCausally() },
]
