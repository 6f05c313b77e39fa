import Tensors

/// How a window slides over up to three spatial axes (depth, height, width); missing leading axes have size
/// 1.
///
///     padBegin   input * dilation...                 padEnd
///     |..........|--------------------------------|........|
///     [window]      output[i] starts at i * stride - padBegin
package struct Window: Sendable, Hashable {
    /// Sizes, outermost first, always three.
    package var input: [Int]
    package var kernel: [Int]
    package var stride: [Int]
    package var dilation: [Int]
    package var padBegin: [Int]
    package var padEnd: [Int]
    package var output: [Int]

    /// Spatial elements of one channel before and after.
    package var inputCount: Int { saturatingProduct(input) }
    package var outputCount: Int { saturatingProduct(output) }
    package var kernelCount: Int { saturatingProduct(kernel) }
}

/// The attributes `auto_pad`, `pads`, `strides`, `dilations` and `ceil_mode` that convolutions and pools
/// share.
package struct WindowAttributes: Sendable {
    /// How missing padding is chosen.
    package enum AutoPad: String, Sendable {
        case explicit = "NOTSET"
        case sameUpper = "SAME_UPPER"
        case sameLower = "SAME_LOWER"
        case valid = "VALID"
    }

    /// How padding is chosen; begins, then ends of each axis; steps and spreads by axis; spatial axes.
    package var autoPad: AutoPad
    package var pads: [Int]
    package var strides: [Int]
    package var dilations: [Int]
    package var rank: Int

    /// The attributes of a node over `rank` spatial axes.
    /// - Throws: `KernelError.invalid` for lists of another length, strides or dilations below 1, negative
    /// padding.
    package init(_ attributes: Attributes, rank: Int) throws(KernelError) {
        guard (1...3).contains(rank) else { throw .unsupported("\(rank) spatial axes") }
        self.rank = rank
        guard let autoPad = AutoPad(rawValue: try attributes.text("auto_pad", default: "NOTSET")) else {
            throw .invalid("attribute auto_pad")
        }
        self.autoPad = autoPad
        pads = try attributes.integers("pads") ?? [Int](repeating: 0, count: 2 * rank)
        strides = try attributes.integers("strides") ?? [Int](repeating: 1, count: rank)
        dilations = try attributes.integers("dilations") ?? [Int](repeating: 1, count: rank)
        guard pads.count == 2 * rank, strides.count == rank, dilations.count == rank else {
            throw .invalid("pads, strides or dilations do not fit \(rank) spatial axes")
        }
        let sizes = 1...(1 << 24)
        guard strides.allSatisfy(sizes.contains), dilations.allSatisfy(sizes.contains) else {
            throw .invalid("a stride or dilation is out of range: \(strides), \(dilations)")
        }
        guard pads.allSatisfy({ (0...(1 << 24)).contains($0) }) else { throw .invalid("pads \(pads)") }
    }

    /// The window of `kernel` over `input` (spatial sizes): rounds the last window down, or up where
    /// `ceiling`.
    /// - Throws: `KernelError.invalid` when the kernel does not fit.
    package func window(input: [Int], kernel: [Int], ceiling: Bool = false) throws(KernelError) -> Window {
        guard kernel.count == rank, input.count == rank, kernel.allSatisfy({ (1...(1 << 24)).contains($0) }),
            input.allSatisfy({ (0...(1 << 40)).contains($0) })
        else { throw .invalid("kernel \(kernel) does not fit input \(input)") }
        var window = Window(
            input: lead(input, 1), kernel: lead(kernel, 1), stride: lead(strides, 1),
            dilation: lead(dilations, 1),
            padBegin: lead(Array(pads[..<rank]), 0), padEnd: lead(Array(pads[rank...]), 0), output: [1, 1, 1])
        for axis in (3 - rank)..<3 {
            let size = window.input[axis]
            let stride = window.stride[axis]
            let extent = (window.kernel[axis] - 1) * window.dilation[axis] + 1
            switch autoPad {
            case .sameUpper, .sameLower:
                let count = (size + stride - 1) / stride
                let total = max(0, (count - 1) * stride + extent - size)
                window.padBegin[axis] = autoPad == .sameUpper ? total / 2 : total - total / 2
                window.padEnd[axis] = total - window.padBegin[axis]
            case .valid: (window.padBegin[axis], window.padEnd[axis]) = (0, 0)
            case .explicit: break
            }
            let room = size + window.padBegin[axis] + window.padEnd[axis] - extent
            guard room >= 0 else {
                throw .invalid("kernel \(kernel) is larger than the padded input \(input)")
            }
            var count = (ceiling ? (room + stride - 1) / stride : room / stride) + 1
            // A window that would start in the padding past the end is dropped.
            if ceiling, (count - 1) * stride >= size + window.padBegin[axis] { count -= 1 }
            window.output[axis] = count
        }
        return window
    }

    /// `list` with `fill` in front, three long.
    package func lead(_ list: [Int], _ fill: Int) -> [Int] {
        [Int](repeating: fill, count: 3 - list.count) + list
    }
}
