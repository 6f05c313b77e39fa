import Glibc
import Tensors

/// Which terms the recurrence of `LinearAttention` has.
private struct UpdateRule {
    /// The state fades by `exp(decay)` before each token.
    let fades: Bool
    /// A token writes `beta * (value - what the state already says)` rather than its value.
    let corrects: Bool

    init(_ name: String) throws(KernelError) {
        switch name {
        case "linear": (fades, corrects) = (false, false)
        case "gated": (fades, corrects) = (true, false)
        case "delta": (fades, corrects) = (false, true)
        case "gated_delta": (fades, corrects) = (true, true)
        default: throw .unsupported("attribute update_rule = \(name)")
        }
    }
}

/// The inputs of `LinearAttention`, heads apart.
private struct LinearInputs {
    /// `[B, H, T, D]`, `[B, G, T, D]`, `[B, G, T, V]`; `H / G` heads of queries share a state.
    let (q, k, v): (Tensor, Tensor, Tensor)
    /// `[B, G, T, 1 or D]`, in logarithms.
    let decay: Tensor?
    /// `[B, 1 or G, T, 1]`.
    let beta: Tensor?

    init(_ call: Invocation, _ rule: UpdateRule) throws(KernelError) {
        let heads = try call.attributes.integer("q_num_heads")
        let groups = try call.attributes.integer("kv_num_heads")
        q = try call.splitHeads(try call.input(0), heads)
        k = try call.splitHeads(try call.input(1), groups)
        v = try call.splitHeads(try call.input(2), groups)
        decay = rule.fades ? try call.splitHeads(try call.input(4), groups) : nil
        beta =
            rule.corrects
            ? try call.splitHeads(try call.input(5), try call.input(5).shape.dims.last == 1 ? 1 : groups)
            : nil
        let (batch, length, group) = (q.shape[0], q.shape[2], k.shape[1])
        let isNumeric = [q, k, v, decay, beta].allSatisfy { $0?.elementType.isFloatingPoint ?? true }
        guard isNumeric, group > 0, q.shape[1] % group == 0, v.shape[1] == group,
            [k, v].allSatisfy({ $0.shape[0] == batch && $0.shape[2] == length }),
            k.shape[3] == q.shape[3],
            decay.map({ [[batch, group, length, 1], k.shape.dims].contains($0.shape.dims) }) ?? true,
            beta.map({ [[batch, group, length, 1], [batch, 1, length, 1]].contains($0.shape.dims) }) ?? true
        else { throw .invalid("queries \(q.shape), keys \(k.shape) and values \(v.shape) do not agree") }
    }
}

extension Invocation {
    /// `LinearAttention` (opset 27): each head keeps a state `S [D, V]`, and for each token
    ///
    ///     S = exp(decay) * S;  value = beta * (value - k S);  S = S + k value;  y = scale * q S
    ///
    /// with the terms that `update_rule` names. Returns the results `[B, T, H * V]` and the states.
    func attendLinearly() throws(KernelError) -> [Tensor] {
        let rule = try UpdateRule(try attributes.text("update_rule", default: "gated_delta"))
        let given = try LinearInputs(self, rule)
        let (batch, heads, length, depth) = (
            given.q.shape[0], given.q.shape[1], given.q.shape[2], given.q.shape[3]
        )
        let (groups, width) = (given.v.shape[1], given.v.shape[3])
        let resultDims = [batch, heads, length, width]
        let stated = Double(try attributes.float("scale", default: 0))
        let scale = stated == 0 ? 1 / Double(max(depth, 1)).squareRoot() : stated
        let stateDims = [batch, groups, depth, width]
        guard optional(3).map({ $0.shape.dims == stateDims && $0.elementType.isFloatingPoint }) ?? true else {
            throw .invalid("a state that is not \(Shape(stateDims))")
        }
        let perToken = saturatingMultiply(saturatingMultiply(depth, width), 4)
        // Groups take in their tokens where no head reads them, too.
        let tokenCount = saturatingProduct([batch, max(heads, groups), length])
        try workspace.charge(saturatingMultiply(tokenCount, max(perToken, 1)))
        try workspace.reserve(saturatingProduct(stateDims))
        try workspace.reserve(saturatingProduct(resultDims))
        let past = optional(3)?.doubles()
        let initial = past ?? [Double](repeating: 0, count: saturatingProduct(stateDims))
        let tokens = LinearTokens(given, scale: scale)
        var states: [Double] = []
        var results = [Double](repeating: 0, count: saturatingProduct(resultDims))
        let isEmpty = results.isEmpty && initial.isEmpty
        for row in 0..<(isEmpty ? 0 : saturatingProduct([batch, groups])) {
            let start = row * depth * width
            var state = Array(initial[start..<(start + depth * width)])
            for token in 0..<length {
                tokens.write(row, token, to: &state)
                tokens.read(row, token, from: state, into: &results)
            }
            states += state
        }
        let y = try transpose(try make(resultDims, results), [0, 2, 1, 3])
        return [
            try cast(
                try y.shaped([batch, length, saturatingMultiply(heads, width)]), to: given.q.elementType),
            try cast(try make(stateDims, states), to: optional(3)?.elementType ?? given.q.elementType),
        ]
    }

    /// `CausalConvWithState` (opset 27): each channel of `[B, C, L]` convolved with its own kernel over its
    /// past; also the last places, for the next call.
    func convolveCausally() throws(KernelError) -> [Tensor] {
        let (x, w) = (try input(0), try input(1))
        guard x.shape.rank == 3, w.shape.rank == 3, w.shape[0] == x.shape[1], w.shape[1] == 1, w.shape[2] > 0,
            x.elementType.isFloatingPoint
        else { throw .invalid("weights \(w.shape) do not fit \(x.shape)") }
        let dims = [x.shape[0], x.shape[1], w.shape[2] - 1]
        var past = try cast(try expand(try make([], [Float(0)]), to: dims), to: x.elementType)
        if let given = optional(3) { past = given }
        guard past.shape.dims == dims else { throw .invalid("a state \(past.shape) for \(Shape(dims))") }
        let padded = try concatenate([past, x], axis: 2)
        let call = Invocation(
            inputs: [padded, w, optional(2)],
            attributes: Attributes(["group": .integer(Int64(x.shape[1]))]), opset: 22, outputCount: 1,
            workspace: workspace)
        var y = try call.convolve()[0]
        switch try attributes.text("activation", default: "none") {
        case "none": break
        case "silu", "swish": y = try map(Activation.swish(alpha: 1), over: y)
        case let name: throw .unsupported("attribute activation = \(name)")
        }
        let view = StridedView(dims: dims, strides: padded.shape.strides, start: x.shape[2])
        return [y, try copy(view, of: padded)]
    }
}

/// The tokens of `LinearAttention` as numbers.
private struct LinearTokens {
    private let (q, k, v): ([Double], [Double], [Double])
    private let decay: [Double]?
    private let beta: [Double]?
    private let (length, depth, width): (Int, Int, Int)
    private let (groups, share): (Int, Int)
    /// Elements of `decay` for a token: 1, or one for each element of a key.
    private let decayWidth: Int
    private let betaHeads: Int
    private let scale: Double

    init(_ given: LinearInputs, scale: Double) {
        (q, k, v) = (given.q.doubles(), given.k.doubles(), given.v.doubles())
        (decay, beta) = (given.decay?.doubles(), given.beta?.doubles())
        (length, depth, width) = (given.q.shape[2], given.q.shape[3], given.v.shape[3])
        groups = given.k.shape[1]
        share = given.q.shape[1] / groups
        decayWidth = given.decay?.shape[3] ?? 1
        betaHeads = given.beta?.shape[1] ?? 1
        self.scale = scale
    }

    /// Lets the state of group `row` (over all sequences) take in token `token`.
    func write(_ row: Int, _ token: Int, to state: inout [Double]) {
        let place = row * length + token
        if let decay {
            for d in 0..<depth {
                let factor = exp(decay[place * decayWidth + (decayWidth == 1 ? 0 : d)])
                for m in 0..<width { state[d * width + m] *= factor }
            }
        }
        for m in 0..<width {
            var value = v[place * width + m]
            if let beta {
                let head = betaHeads == 1 ? row / groups : row
                let known = (0..<depth).reduce(0.0) { $0 + k[place * depth + $1] * state[$1 * width + m] }
                value = beta[head * length + token] * (value - known)
            }
            for d in 0..<depth { state[d * width + m] += k[place * depth + d] * value }
        }
    }

    /// Writes what each head of queries of group `row` reads for token `token`.
    func read(_ row: Int, _ token: Int, from state: [Double], into results: inout [Double]) {
        for head in (row * share)..<((row + 1) * share) {
            let place = head * length + token
            for m in 0..<width {
                let sum = (0..<depth).reduce(0.0) { $0 + q[place * depth + $1] * state[$1 * width + m] }
                results[place * width + m] = scale * sum
            }
        }
    }
}
