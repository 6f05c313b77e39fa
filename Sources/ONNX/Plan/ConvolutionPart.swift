import CKernels
import Tensors

/// A run of a convolution's groups that is computed as one convolution.
///
/// The kernels work on blocks of 16 channels, so groups are put together until every part begins with a
/// block on both sides; inside a part the filter is dense, with zeros between the groups. ResNeXt's 3x3 of 32
/// groups of 4 channels becomes 8 convolutions of 16. At most 16 groups come together, and the last part may
/// have fewer. A convolution of one group, and a depthwise one, is one part.
struct ConvolutionPart {
    /// The part as the kernels see it: one group, or depthwise.
    var shape: ck_shape
    /// Which part, and how many groups it holds.
    var index = 0
    var groups = 1
    /// Channels before it.
    var firstInput = 0
    var firstOutput = 0

    /// Convolutions of more parts are left to the reference operator.
    static let partsMax = 256

    /// The parts of `shape`, whose groups divide its channels.
    static func parts(of shape: ck_shape) -> [ConvolutionPart] {
        let isDepthwise = shape.groups == shape.in_channels && shape.out_channels == shape.in_channels
        guard shape.groups > 1, !isDepthwise else { return [ConvolutionPart(shape: shape)] }
        let groups = Int(shape.groups)
        let (inputs, outputs) = (Int(shape.in_channels) / groups, Int(shape.out_channels) / groups)
        var together = 1
        while together < groups, together * inputs % 16 != 0 || together * outputs % 16 != 0 { together += 1 }
        return stride(from: 0, to: groups, by: together).enumerated().map { index, first in
            let count = min(together, groups - first)
            var part = shape
            part.groups = 1
            (part.in_channels, part.out_channels) = (Int32(count * inputs), Int32(count * outputs))
            return ConvolutionPart(
                shape: part, index: index, groups: count, firstInput: first * inputs,
                firstOutput: first * outputs)
        }
    }

    /// Calls `body` with the part's own filter, [output][input][tap], of the whole convolution's `w`.
    func withFilter(_ w: Tensor, _ body: (UnsafePointer<Float>) -> Void) {
        let source = w.elements(as: Float.self)
        let row = w.count / max(w.shape.dims[0], 1)
        guard groups > 1 else {
            // SAFETY: the filter holds `row` floats for each output, and the part's outputs are among them.
            return body(source.pointer + firstOutput * row)
        }
        let outputs = Int(shape.out_channels)
        var dense = [Float](repeating: 0, count: outputs * groups * row)
        for output in 0..<outputs {
            let group = output / (outputs / groups)
            for tap in 0..<row {
                dense[(output * groups + group) * row + tap] = source[(firstOutput + output) * row + tap]
            }
        }
        // SAFETY: the array lives until `body` is through.
        dense.withUnsafeBufferPointer { dense in
            if let base = dense.baseAddress { body(base) }
        }
    }
}

extension ck_shape {
    /// Whether the weights are few enough to be packed, zeros between groups included.
    var isPackable: Bool {
        let sizes = [in_channels / max(groups, 1), out_channels, kernel_height, kernel_width]
        return Shape(sizes.map(Int.init)).elementCount <= 1 << 30
    }
}

extension PlanView {
    /// The view of the channels from `first`, which begin a block.
    func channels(from first: Int, pixels: Int) -> PlanView {
        PlanView(buffer: buffer, offset: offset + first * pixels, image: image)
    }
}
