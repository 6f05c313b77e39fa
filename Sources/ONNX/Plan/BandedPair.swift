import CKernels

/// A 1x1 convolution, or the first one, and the depthwise convolution that alone reads its result: done
/// together, a band of rows and 32 channels at a time, so that what passes between them never leaves the
/// second-level cache of one core.
///
/// MobileNetV2's 16 -> 96 on 112 x 112 makes 4.8 MB that its depthwise layer reads once: 0.41 ms together,
/// 0.60 one after the other (Emerald Rapids, one thread).
struct BandedPair: Sendable {
    /// The convolution, `direct` or `first`.
    var shape: ck_shape
    var algorithm: ConvolutionAlgorithm
    var weights: PackedFloats
    var bias: PackedFloats?
    var activation: ck_activation
    /// The depthwise convolution.
    var depthwise: ck_shape
    var depthwiseWeights: PackedFloats
    var depthwiseBias: PackedFloats?
    /// Rows of the result in a band; the last may have fewer.
    private(set) var rows = 1

    /// The weights and biases of both.
    var constants: [PackedFloats] {
        [weights, bias, depthwiseWeights, depthwiseBias].compactMap { $0 }
    }

    /// A part of the work: some rows of the result for one group of 32 channels of one image, and the rows
    /// between the two that it takes.
    struct Item {
        var image: Int
        var group: Int
        var rows: Range<Int>
        var source: Range<Int>
    }

    /// The item of this number.
    func item(_ index: Int) -> Item {
        let (band, group) = index.quotientAndRemainder(dividingBy: groups)
        let (image, run) = band.quotientAndRemainder(dividingBy: bands)
        let first = run * rows
        let last = min(first + rows, Int(depthwise.out_height))
        return Item(image: image, group: group, rows: first..<last, source: source(first..<last))
    }

    var items: Int { Int(shape.batch) * bands * groups }
    /// Groups of 32 channels.
    private var groups: Int { (Int(shape.out_channels) + 31) / 32 }
    private var bands: Int { (Int(depthwise.out_height) + rows - 1) / rows }

    /// Rows between the two that rows of the result read.
    private func source(_ rows: Range<Int>) -> Range<Int> {
        let s = depthwise
        let (stride, top) = (Int(s.stride_height), Int(s.pad_top))
        let reach = Int(s.kernel_height - 1) * Int(s.dilation_height) + 1
        let first = min(max(0, rows.lowerBound * stride - top), Int(s.in_height))
        let last = min(max(first, (rows.upperBound - 1) * stride - top + reach), Int(s.in_height))
        return first..<last
    }

    /// The convolution as the kernels see it in an item.
    func convolution(_ item: Item) -> ck_shape {
        var part = shape
        part.batch = 1
        part.out_channels = min(32, shape.out_channels - Int32(32 * item.group))
        part.out_height = Int32(item.source.count)
        // The first layer's rows begin above or below the image's edge; the others' input begins with them.
        if algorithm == .first { part.pad_top -= Int32(item.source.lowerBound) * shape.stride_height }
        return part
    }

    /// The depthwise convolution as the kernels see it in one block of 16 channels of an item.
    func depthwise(_ item: Item) -> ck_shape {
        var part = depthwise
        (part.batch, part.in_channels, part.out_channels, part.groups) = (1, 16, 16, 16)
        part.in_height = Int32(item.source.count)
        part.out_height = Int32(item.rows.count)
        let above = item.rows.lowerBound * Int(depthwise.stride_height) - item.source.lowerBound
        part.pad_top = Int32(Int(depthwise.pad_top) - above)
        return part
    }

    /// Floats between the two in an item, and with them the convolution's own scratch.
    private(set) var bufferFloats = 0
    private(set) var scratchFloats = 0

    /// Cuts the result's rows so that what passes between the two takes `bytes`, and that threads find enough
    /// to share.
    mutating func cut(bytes: Int, threads: Int) {
        let s = depthwise
        let between = max(bytes / (Int(s.in_width) * 128), 1)
        let reach = Int(s.kernel_height - 1) * Int(s.dilation_height) + 1
        let height = Int(s.out_height)
        let most = max(1, (between - reach) / Int(s.stride_height) + 1)
        var bands = (height + most - 1) / most
        while Int(shape.batch) * bands * groups < 4 * threads, height / bands >= 8 { bands += 1 }
        rows = (height + bands - 1) / bands
        for band in 0..<self.bands {
            let item = item(band * groups)
            bufferFloats = max(bufferFloats, item.source.count * Int(s.in_width) * 32)
        }
        scratchFloats = bufferFloats
        guard algorithm == .first else { return }
        for band in 0..<self.bands {
            var part = convolution(item(band * groups))
            scratchFloats = max(scratchFloats, bufferFloats + ck_first_scratch_floats(&part))
        }
    }
}

extension Planner {
    /// The last step and the depthwise one that alone reads its result, as one step; nil where they are no
    /// pair, or each thread has images of its own and what passes between them in its near cache anyway.
    private func joined(_ reader: PlanStep, of value: PlanValue) -> PlanStep? {
        guard let maker = steps.last, maker.result == value, uses[value] == 1, maker.second == nil,
            maker.output == reader.input, buffers[maker.output.buffer].home == .arena,
            case .convolution(let shape, let algorithm, let weights, let bias) = maker.work,
            case .convolution(let depthwise, .depthwise, let depthwiseWeights, let depthwiseBias) = reader
                .work,
            shape.groups == 1, algorithm == .first || algorithm == .direct && shape.isPointwise,
            Int(shape.batch) < costs.threads || maker.output.image * 4 > costs.memory.nearBytes / 2
        else { return nil }
        var pair = BandedPair(
            shape: shape, algorithm: algorithm, weights: weights, bias: bias, activation: maker.activation,
            depthwise: depthwise, depthwiseWeights: depthwiseWeights, depthwiseBias: depthwiseBias)
        pair.cut(bytes: costs.memory.nearBytes / 3, threads: costs.threads)
        var step = reader
        step.name = "\(maker.name) + \(reader.name)"
        step.work = .pair(pair)
        step.input = maker.input
        step.multiplyAdds += maker.multiplyAdds
        (step.items, step.grain, step.scratchFloats) = (pair.items, 1, pair.scratchFloats)
        return step
    }

    /// Appends a step that alone may read `value`, made by the step before: as one with it where that is
    /// better.
    mutating func append(_ step: PlanStep, joining value: PlanValue) {
        guard let joined = joined(step, of: value) else { return append(step) }
        takeBack(value)
        append(joined)
    }
}

extension ck_shape {
    /// Whether every output pixel reads the input pixel at its place alone.
    fileprivate var isPointwise: Bool {
        kernel_height == 1 && kernel_width == 1 && stride_height == 1 && stride_width == 1 && pad_top == 0
            && pad_left == 0 && in_height == out_height && in_width == out_width
    }
}
