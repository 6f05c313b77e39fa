import CKernels
import Synchronization

/// The ways to compute a dense convolution that measuring chooses between.
enum ConvolutionForm: Int32, CaseIterable, Sendable {
    case direct = 0
    /// Winograd's F(2x2, 3x3), F(4x2, 3x3) and F(4x4, 3x3).
    case winograd2 = 2
    case winograd42 = 42
    case winograd4 = 4
}

extension ConvolutionAlgorithm {
    /// The form that this is; nil for those without an alternative.
    var form: ConvolutionForm? {
        switch self {
        case .direct: .direct
        case .winograd(let side, _): ConvolutionForm(rawValue: side)
        case .first, .depthwise: nil
        }
    }
}

extension CostModel {
    /// An estimate this many times the best one's is believed.
    private static var hopeless: Double { 2.5 }

    /// The algorithms that may be the fastest for `shape`.
    func hopeful(_ shape: ck_shape) -> [ConvolutionAlgorithm] {
        let candidates = candidates(shape)
        let least = candidates.map(\.cost).min() ?? 0
        return candidates.filter { $0.cost <= least * Self.hopeless }.map(\.algorithm)
    }

    /// The algorithm for `shape`: of the wanted form where that may be the fastest, else of the usual one,
    /// whatever its estimate: it may be the one whose weights find room.
    func algorithm(
        _ shape: ck_shape, _ wanted: ConvolutionForm?, usual: ConvolutionForm?
    ) -> ConvolutionAlgorithm {
        hopeful(shape).first { $0.form == wanted }
            ?? candidates(shape).map(\.algorithm).first { $0.form == usual } ?? .direct
    }
}

extension ck_shape {
    /// Whether this is the same shape, batch and all.
    func isLike(_ other: ck_shape) -> Bool { batch == other.batch && sizes == other.sizes }

    /// Every size but the batch, in the order of the fields.
    var sizes: [Int32] {
        [
            in_channels, out_channels, groups, in_height, in_width, out_height, out_width, kernel_height,
            kernel_width, stride_height, stride_width, dilation_height, dilation_width, pad_top, pad_left,
        ]
    }
}

/// Which form was the fastest for each shape of convolution that was measured; shared by a network's plans.
///
/// A batch size that was not measured takes the form of the nearest smaller one that was, else of the nearest
/// larger one, down to half and up to twice its size: there the weights' way and the tiles' filling still
/// weigh alike. Further away nothing is known, and the estimate chooses (VGG's batch of 4 by the forms of 1:
/// 7.7 ms instead of 4.8).
final class MeasuredForms: Sendable {
    /// By sizes, then by batch.
    private let forms = Mutex<[[Int32]: [Int32: ConvolutionForm]]>([:])

    /// For every shape that is not known.
    private let usual: ConvolutionForm?

    /// Sizes that were measured on the network before this one: they are not measured again for other
    /// batches.
    private let settled: Set<[Int32]>

    /// How many times as large a batch may be as one whose form it takes, or as small.
    private static let reach = 2

    /// Nothing measured yet; `usual` is taken wherever it may be the fastest.
    init(always usual: ConvolutionForm? = nil) { (self.usual, settled) = (usual, []) }

    private init(_ read: [[Int32]: [Int32: ConvolutionForm]], isInherited: Bool) {
        (usual, settled) = (nil, isInherited ? Set(read.keys) : [])
        forms.withLock { $0 = read }
    }

    /// Whether nothing was measured, nor asked for.
    var isEmpty: Bool { usual == nil && forms.withLock { $0.isEmpty } }

    /// The form for a shape; nil where nothing like it was measured.
    subscript(shape: ck_shape) -> ConvolutionForm? {
        forms.withLock { forms in
            guard let known = forms[shape.sizes] else { return usual }
            if let exact = known[shape.batch] { return exact }
            let batch = Int(shape.batch)
            let smaller = known.keys.filter { Int($0) < batch && Int($0) * Self.reach >= batch }
            let larger = known.keys.filter { Int($0) > batch && Int($0) <= batch * Self.reach }
            let nearest = smaller.max() ?? larger.min()
            return nearest.flatMap { known[$0] } ?? usual
        }
    }

    /// Whether measuring this shape would say nothing new: it was, batch and all, or its sizes were for the
    /// network before.
    func isKnown(_ shape: ck_shape) -> Bool {
        settled.contains(shape.sizes) || forms.withLock { $0[shape.sizes]?[shape.batch] != nil }
    }

    /// Forgets what was measured of other sizes: an earlier network had them.
    func keep(only sizes: Set<[Int32]>) {
        forms.withLock { forms in forms = forms.filter { sizes.contains($0.key) } }
    }

    /// How many shapes were measured.
    var count: Int { forms.withLock { $0.values.reduce(0) { $0 + $1.count } } }

    /// Remembers the form for a shape.
    func set(_ shape: ck_shape, _ form: ConvolutionForm) {
        forms.withLock { $0[shape.sizes, default: [:]][shape.batch] = form }
    }

    // MARK: Text

    /// First line of the text: its format, the kernels' revision and the processor that was measured on.
    private static var heading: String {
        let (processor, isa) = (String(cString: ck_processor()), String(cString: ck_isa_name(ck_isa_best())))
        return "augur plan 1, kernels \(ck_revision()), \(processor), \(isa)"
    }

    /// More lines than this are not read.
    private static let linesMax = 65_536

    /// What was measured, to be kept beside the model's file:
    ///
    ///     augur plan 1, kernels 1, x86-64 family 26 model 2 stepping 1, avx512
    ///     FORM BATCH IN_CHANNELS OUT_CHANNELS GROUPS ...       one line a shape, FORM 0, 2, 42 or 4
    var text: String {
        let lines = forms.withLock { forms in
            forms.flatMap { sizes, batches in
                batches.map { batch, form in
                    ([form.rawValue, batch] + sizes).map(String.init).joined(separator: " ")
                }
            }
        }
        return ([Self.heading] + lines.sorted()).joined(separator: "\n") + "\n"
    }

    /// Reads a text of `text`; nil when it is of another processor or other kernels, or damaged.
    ///
    /// A form that a shape cannot take is harmless: the planner takes the estimate's choice then.
    /// - Parameter isInherited: whether it was found on another network.
    convenience init?(text: String, isInherited: Bool = false) {
        let lines = text.split(separator: "\n", maxSplits: Self.linesMax, omittingEmptySubsequences: false)
        guard let first = lines.first, first == Self.heading, lines.last == "" else { return nil }
        var read: [[Int32]: [Int32: ConvolutionForm]] = [:]
        for line in lines.dropFirst().dropLast() {
            let numbers = line.split(separator: " ").compactMap { Int32($0) }
            guard numbers.count == ck_shape().sizes.count + 2,
                let form = ConvolutionForm(rawValue: numbers[0])
            else {
                return nil
            }
            read[Array(numbers[2...]), default: [:]][numbers[1]] = form
        }
        self.init(read, isInherited: isInherited)
    }
}
