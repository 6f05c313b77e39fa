import Tensors

/// The attributes of `Attention`, and which keys a query may look at.
struct AttentionForm {
    /// Which intermediate result the fourth output is.
    enum Inspection: Int { case products, capped, biased, probabilities }

    /// Factor of the products of queries and keys; nil for one over the root of the head's size.
    let scale: Double?
    /// Where above 0, products are drawn softly below it: `cap * tanh(product / cap)`.
    let cap: Double
    let isCausal: Bool
    /// Keys before and after a query's own place that it sees; nil without a bound.
    let window: (before: Int?, after: Int?)
    let inspection: Inspection
    /// The type that the softmax is computed in, where the node names one.
    let precision: ElementType?

    init(_ call: Invocation) throws(KernelError) {
        scale = try call.attributes.float("scale").map(Double.init)
        cap = Double(try call.attributes.float("softcap", default: 0))
        isCausal = try call.attributes.flag("is_causal")
        let before = try call.attributes.integer("left_window_size", default: -1)
        let after = try call.attributes.integer("right_window_size", default: -1)
        window = (before < 0 ? nil : before, after < 0 ? nil : after)
        let mode = try call.attributes.integer("qk_matmul_output_mode", default: 0)
        guard let inspection = Inspection(rawValue: mode) else {
            throw .invalid("attribute qk_matmul_output_mode = \(mode)")
        }
        self.inspection = inspection
        precision = try call.targetType("softmax_precision")
        guard precision?.isFloatingPoint ?? true else { throw .invalid("attribute softmax_precision") }
    }

    /// The keys that query `query` may look at, before any mask.
    ///
    /// `offset` keys come before the first query, and `count` keys are there.
    ///
    ///     keys   0 ... place - before ... place ... place + after ... count
    ///                  [------- seen, up to place where causal ---]
    func keys(of query: Int, offset: Int, count: Int) -> Range<Int> {
        let place = saturatingAdd(query, offset)
        var (low, high) = (0, count)
        if let before = window.before { low = max(low, saturatingAdd(place, -before)) }
        if let after = window.after { high = min(high, saturatingAdd(saturatingAdd(place, after), 1)) }
        if isCausal { high = min(high, saturatingAdd(place, 1)) }
        return low < high ? low..<high : 0..<0
    }
}

/// The mask of `Attention` laid over the scores `[B, H, S, T]`: floats to add, or Booleans of what is seen.
struct AttentionMask {
    /// What is added; `-inf` hides a key.
    private let addends: [Double]
    private let strides: [Int]
    /// Keys that the mask speaks of; those behind are hidden.
    let width: Int

    init(_ mask: Tensor, scores: Shape) throws(KernelError) {
        guard let width = mask.shape.dims.last, width <= scores[3], mask.shape.rank <= 4 else {
            throw .invalid("a mask \(mask.shape) for scores \(scores)")
        }
        self.width = width
        let dims = Array(scores.dims.dropLast()) + [width]
        guard try broadcastDims([mask.shape, Shape(dims)]) == dims else {
            throw .invalid("a mask \(mask.shape) for scores \(scores)")
        }
        strides = broadcastStrides(mask.shape, to: dims)
        switch mask.elementType {
        case .bool: addends = mask.doubles().map { $0 == 0 ? -.infinity : 0 }
        case .float32, .float64, .float16, .bfloat16: addends = mask.doubles()
        case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64, .string:
            throw .invalid("a mask of \(mask.elementType)")
        }
    }

    /// Where the addends of query `query` of head `head` of sequence `sequence` start.
    func start(_ sequence: Int, _ head: Int, _ query: Int) -> Int {
        sequence * strides[0] + head * strides[1] + query * strides[2]
    }

    /// What is added to the score of key `key` of the row at `start`.
    func addend(_ start: Int, _ key: Int) -> Double {
        key < width ? addends[start + key * strides[3]] : -.infinity
    }
}
