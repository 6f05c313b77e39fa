import CKernels

/// Floats in one of a run's buffers: `images` of them `image` floats apart, from `offset`.
struct PlanView: Hashable, Sendable {
    /// The buffer, by number in the plan.
    var buffer: Int
    /// First float.
    var offset: Int = 0
    /// Floats from one image to the next.
    var image: Int
}

/// Where a buffer's floats are in a run.
enum BufferHome: Hashable, Sendable {
    /// A range of the run's arena, shared with buffers of other lifetimes.
    case arena
    /// The tensor of a value: an input, a constant, or what a reference operator returned.
    case tensor(PlanValue)
    /// A tensor that the run returns, made before it starts.
    case output(Int)
}

/// A buffer and the steps between which it is alive.
struct PlanBuffer: Sendable {
    var home: BufferHome
    var floats: Int
    var firstStep = Int.max
    var lastStep = -1
    /// Offset in the arena, once packed.
    var offset = 0
}

/// How a convolution is computed.
enum ConvolutionAlgorithm: Hashable, Sendable {
    case direct
    /// At most 4 planar input channels.
    case first
    /// F(side x side, 3 x 3) over blocks of tiles; side 42: F(4 x 2, 3 x 3). Several threads do each block in
    /// parts of its output channels.
    case winograd(side: Int32, block: Int)
    case depthwise
}

/// One image tensor of blocks: how many of each.
struct BlockedExtent: Hashable, Sendable {
    var images: Int
    var channels: Int
    var pixels: Int

    /// Blocks of 16 channels.
    var blocks: Int { (channels + 15) / 16 }
    /// Floats of one image.
    var image: Int { blocks * 16 * pixels }
}

/// An operand of a reference step: its value, and where a planned step left it (nil: it is a tensor).
struct PlanOperand: Sendable {
    var value: PlanValue
    var view: PlanView?
}

/// What a step does; the extents are those of its result.
enum PlanWork: Sendable {
    case convolution(ck_shape, ConvolutionAlgorithm, weights: PackedFloats, bias: PackedFloats?)
    /// Two convolutions; the step's activation is the second's.
    case pair(BandedPair)
    case product(ck_product_shape, weights: PackedFloats, bias: PackedFloats?)
    case pool(ck_shape, ck_pooling, bottom: Int32, right: Int32)
    case globalPool(BlockedExtent, ck_pooling)
    /// x * scale + shift per channel, then the activation.
    case scaleShift(BlockedExtent, scale: PackedFloats?, shift: PackedFloats?)
    /// x + second, x * second, element by element.
    case add(BlockedExtent)
    case multiply(BlockedExtent)
    /// x * second, where second has one pixel.
    case scaleChannels(BlockedExtent)
    /// Channels [from, from + count) of x to those from `to` of the result.
    case copyChannels(BlockedExtent, from: Int, to: Int, count: Int)
    /// Planar to blocked and back.
    case block(BlockedExtent)
    case unblock(BlockedExtent)
    /// Planar floats, one row per image.
    case activate(rows: Int, columns: Int)
    case softmax(rows: Int, columns: Int)
    case copy(rows: Int, columns: Int)
    /// A node by its reference form.
    case reference(node: Int, operands: [PlanOperand?])
}

extension PlanWork {
    /// Images (or rows) that a step only moves, each an item of its own; nil for steps that compute.
    var imagesMoved: Int? {
        switch self {
        case .copyChannels(let extent, _, _, _), .block(let extent), .unblock(let extent): extent.images
        case .copy(let rows, _): rows
        case .convolution, .pair, .product, .pool, .globalPool, .scaleShift, .add, .multiply,
            .scaleChannels, .activate, .softmax, .reference:
            nil
        }
    }
}

extension PlanWork {
    /// The weights and constants that a step reads.
    var constants: [PackedFloats] {
        switch self {
        case .convolution(_, _, let weights, let bias), .product(_, let weights, let bias):
            [weights] + (bias.map { [$0] } ?? [])
        case .pair(let pair): pair.constants
        case .scaleShift(_, let scale, let shift): [scale, shift].compactMap { $0 }
        case .pool, .globalPool, .add, .multiply, .scaleChannels, .copyChannels, .block, .unblock, .activate,
            .softmax, .copy, .reference:
            []
        }
    }
}

/// A Winograd step's blocks of tiles, and in how many parts of its output channels each block is done. The
/// results are the same bits for all.
struct WinogradSharing: Hashable, Sendable {
    var block: Int
    var parts: Int
}

/// One step of a plan.
struct PlanStep: Sendable {
    /// The nodes it stands for.
    var name: String
    var work: PlanWork
    var input = PlanView(buffer: -1, image: 0)
    /// The residual of a convolution, or the second operand.
    var second: PlanView?
    var output = PlanView(buffer: -1, image: 0)
    var activation = ck_activation(function: CK_NONE, a: 0, b: 0)
    /// Multiply-adds of the direct algorithm, for the plan's text.
    var multiplyAdds = 0
    /// Parts that threads may share, and the smallest worth handing over.
    var items = 1
    var grain = 1
    var scratchFloats = 0
    /// Whether a maximum pooling of 2x2 by 2 is done with a Winograd step, before its activation.
    var isPooled = false
    /// How threads share a Winograd step; nil for its blocks as they are.
    var sharing: WinogradSharing?
    /// The value that it makes; nil for conversions.
    var result: PlanValue?

    /// Elementary operations, for the bound on a run.
    var operations: Int {
        switch work {
        case .pool(let shape, _, _, _):
            return Int(shape.batch) * output.image * Int(shape.kernel_height) * Int(shape.kernel_width)
        case .convolution, .pair, .product, .globalPool, .scaleShift, .add, .multiply, .scaleChannels,
            .copyChannels, .block, .unblock, .activate, .softmax, .copy, .reference:
            return multiplyAdds
        }
    }
}
