import Glibc
import Tensors

/// What `ai.onnx.ml` operators do to their scores last.
enum PostTransform: String, Sendable {
    case none = "NONE"
    case softmax = "SOFTMAX"
    case logistic = "LOGISTIC"
    case softmaxZero = "SOFTMAX_ZERO"
    case probit = "PROBIT"

    init(_ attributes: Attributes) throws(KernelError) {
        let name = try attributes.text("post_transform", default: "NONE")
        guard let form = PostTransform(rawValue: name) else {
            throw .unsupported("attribute post_transform = \(name)")
        }
        self = form
    }

    /// The scores of one row.
    func apply(_ scores: [Double]) -> [Double] {
        switch self {
        case .none: return scores
        case .logistic: return scores.map { Kernels.logistic($0) }
        case .probit: return scores.map { 2.0.squareRoot() * inverseErrorFunction(2 * $0 - 1) }
        case .softmax, .softmaxZero:
            let peak = scores.max() ?? 0
            let grown = scores.map {
                self == .softmaxZero && abs($0) <= 1e-7 ? $0 * exp(-peak) : exp($0 - peak)
            }
            let sum = grown.reduce(0, +)
            return sum == 0 ? grown : grown.map { $0 / sum }
        }
    }
}

/// Winitzki's approximation, the one that the operators' definition names.
private func inverseErrorFunction(_ x: Double) -> Double {
    let logarithm = log((1 - x) * (1 + x))
    let v = 2 / (Double.pi * 0.147) + 0.5 * logarithm
    return (x < 0 ? -1 : 1) * (-v + (v * v - logarithm / 0.147).squareRoot()).squareRoot()
}

/// The labels of a classifier: integers or strings.
enum ClassLabels: Sendable {
    case integers([Int64])
    case texts([String])

    init(_ attributes: Attributes, integers: String = "classlabels_int64s") throws(KernelError) {
        if let texts = try attributes.texts("classlabels_strings"), !texts.isEmpty {
            self = .texts(texts)
        } else {
            self = .integers((try attributes.integers(integers) ?? []).map { Int64($0) })
        }
    }

    var count: Int {
        switch self {
        case .integers(let labels): labels.count
        case .texts(let labels): labels.count
        }
    }
}

extension Invocation {
    /// A classifier's outputs: the label of each row by its place, and the scores.
    func classified(_ labels: ClassLabels, winners: [Int], scores: [[Double]]) throws(KernelError) -> [Tensor]
    {
        guard winners.allSatisfy({ $0 >= 0 && $0 < max(labels.count, 1) }) else {
            throw .invalid("too few labels")
        }
        let width = scores.first?.count ?? labels.count
        guard scores.allSatisfy({ $0.count == width }) else { throw .invalid("rows of different lengths") }
        let table = try make([scores.count, width], scores.flatMap { $0.map { Float($0) } })
        switch labels {
        case .integers(let list):
            return [try make([winners.count], winners.map { list.isEmpty ? Int64($0) : list[$0] }), table]
        case .texts(let list): return [try strings([winners.count], winners.map { list[$0] }), table]
        }
    }

    /// Input 0 as rows of doubles: `[N, F]`, or `[F]` as one row.
    func rows() throws(KernelError) -> (values: [Double], count: Int, width: Int) {
        let x = try input(0)
        guard x.elementType != .string, (1...2).contains(x.shape.rank) else {
            throw .unsupported("\(x.elementType) \(x.shape)")
        }
        try workspace.charge(saturatingMultiply(x.count, 4))
        let width = x.shape.dims.last ?? 0
        guard width > 0 else { throw .invalid("rows without features") }
        return (x.doubles(), x.shape.rank == 1 ? 1 : x.shape[0], width)
    }

    /// The place of the largest score, the first of equal ones.
    func winner(_ scores: [Double]) -> Int {
        scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
    }
}
