import Kernels

/// A node's 2-D window: kernel, stride, dilation, and padding before and after, height first.
struct PlanWindow {
    var kernel: [Int]
    var strides: [Int]
    var dilations: [Int]
    var before: [Int]
    var after: [Int]
    var roundsUp: Bool

    /// The window of a convolution or pooling node over `size` pixels; nil when it is not 2-D or malformed.
    init?(_ node: PlanNode, kernel: [Int], size: [Int]) {
        guard kernel.count == 2, size.count == 2, kernel.allSatisfy({ $0 > 0 && $0 <= 1 << 12 }) else {
            return nil
        }
        let attributes = node.attributes
        guard let strides = try? attributes.integers("strides") ?? [1, 1], strides.count == 2,
            let dilations = try? attributes.integers("dilations") ?? [1, 1], dilations.count == 2,
            let pads = try? attributes.integers("pads") ?? [0, 0, 0, 0], pads.count == 4,
            let mode = try? attributes.text("auto_pad", default: "NOTSET"),
            let roundsUp = try? attributes.flag("ceil_mode")
        else { return nil }
        guard strides.allSatisfy({ $0 > 0 && $0 <= 1 << 12 }),
            dilations.allSatisfy({ $0 > 0 && $0 <= 1 << 12 }),
            pads.allSatisfy({ $0 >= 0 && $0 <= 1 << 12 })
        else { return nil }
        (self.kernel, self.strides, self.dilations, self.roundsUp) = (kernel, strides, dilations, roundsUp)
        (before, after) = ([pads[0], pads[1]], [pads[2], pads[3]])
        guard applies(mode: mode, size: size) else { return nil }
    }

    /// Sets the padding that `auto_pad` asks for; false for an unknown mode.
    private mutating func applies(mode: String, size: [Int]) -> Bool {
        switch mode {
        case "", "NOTSET": return true
        case "VALID":
            (before, after) = ([0, 0], [0, 0])
            return true
        case "SAME_UPPER", "SAME_LOWER":
            for axis in 0..<2 {
                let output = (size[axis] + strides[axis] - 1) / strides[axis]
                let total = max(
                    0, (output - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1 - size[axis])
                before[axis] = mode == "SAME_UPPER" ? total / 2 : total - total / 2
                after[axis] = total - before[axis]
            }
            return true
        default: return false
        }
    }

    /// Output pixels along `axis` of an image of `size` pixels, rounded down; 0 when the window does not fit.
    func output(_ size: Int, axis: Int) -> Int {
        let room = size + before[axis] + after[axis] - (kernel[axis] - 1) * dilations[axis] - 1
        return room < 0 ? 0 : room / strides[axis] + 1
    }
}

/// Operators of one operand whose result has its shape.
let shapeKeepers: Set<String> = [
    "Relu", "Clip", "LeakyRelu", "Sigmoid", "Tanh", "Elu", "HardSigmoid", "HardSwish", "Gelu", "Swish",
    "Softmax",
    "BatchNormalization", "Identity", "Erf", "Sqrt", "Exp", "Neg", "Abs", "Softplus", "Mish", "Selu", "Celu",
    "LayerNormalization", "InstanceNormalization", "GroupNormalization", "LogSoftmax", "LRN",
]

extension ValueTable {
    /// Dimensions of a node's first result by formula; nil for the other operators.
    func plannedDims(_ node: PlanNode) -> [Int]? {
        let x = dims(node.inputs.first ?? nil)
        if shapeKeepers.contains(node.op) { return x }
        switch node.op {
        case "Add", "Sub", "Mul", "Div":
            return broadcast(x, dims(node.inputs.count > 1 ? node.inputs[1] : nil))
        case "Conv": return convolutionDims(node, x)
        case "MaxPool", "AveragePool": return poolDims(node, x)
        case "GlobalAveragePool", "GlobalMaxPool":
            return x.count > 2 ? Array(x[..<2]) + [Int](repeating: 1, count: x.count - 2) : nil
        case "Gemm": return gemmDims(node, x)
        case "MatMul": return matMulDims(x, dims(node.inputs.count > 1 ? node.inputs[1] : nil))
        case "Concat": return concatenationDims(node)
        default: return nil
        }
    }

    private func broadcast(_ a: [Int], _ b: [Int]) -> [Int]? {
        let rank = max(a.count, b.count)
        let (a, b) = (padded(a, rank), padded(b, rank))
        guard zip(a, b).allSatisfy({ $0 == $1 || $0 == 1 || $1 == 1 }) else { return nil }
        return zip(a, b).map { $0 == 1 ? $1 : $0 }
    }

    private func padded(_ dims: [Int], _ rank: Int) -> [Int] {
        [Int](repeating: 1, count: rank - dims.count) + dims
    }

    private func convolutionDims(_ node: PlanNode, _ x: [Int]) -> [Int]? {
        let w = dims(node.inputs.count > 1 ? node.inputs[1] : nil)
        guard x.count == 4, w.count == 4,
            let window = PlanWindow(node, kernel: Array(w[2...]), size: Array(x[2...]))
        else { return nil }
        let size = (0..<2).map { window.output(x[2 + $0], axis: $0) }
        return size.allSatisfy { $0 > 0 } ? [x[0], w[0]] + size : nil
    }

    private func poolDims(_ node: PlanNode, _ x: [Int]) -> [Int]? {
        guard node.outputs.count == 1, x.count == 4,
            let kernel = try? node.attributes.integers("kernel_shape"),
            let window = PlanWindow(node, kernel: kernel, size: Array(x[2...])), !window.roundsUp
        else { return nil }
        let size = (0..<2).map { window.output(x[2 + $0], axis: $0) }
        return size.allSatisfy { $0 > 0 } ? Array(x[..<2]) + size : nil
    }

    private func gemmDims(_ node: PlanNode, _ x: [Int]) -> [Int]? {
        let w = dims(node.inputs.count > 1 ? node.inputs[1] : nil)
        guard x.count == 2, w.count == 2, let transA = try? node.attributes.flag("transA"),
            let transB = try? node.attributes.flag("transB"), x[transA ? 0 : 1] == w[transB ? 1 : 0]
        else { return nil }
        return [x[transA ? 1 : 0], w[transB ? 0 : 1]]
    }

    private func matMulDims(_ a: [Int], _ b: [Int]) -> [Int]? {
        guard a.count >= 2, b.count >= 2, a[a.count - 1] == b[b.count - 2],
            let batch = broadcast(Array(a.dropLast(2)), Array(b.dropLast(2)))
        else { return nil }
        return batch + [a[a.count - 2], b[b.count - 1]]
    }

    private func concatenationDims(_ node: PlanNode) -> [Int]? {
        let parts = node.inputs.map { dims($0) }
        guard let first = parts.first, var axis = try? node.attributes.integer("axis", default: 0) else {
            return nil
        }
        if axis < 0 { axis += first.count }
        guard first.indices.contains(axis), parts.allSatisfy({ $0.count == first.count }) else { return nil }
        var result = first
        result[axis] = parts.reduce(0) { $0 + $1[axis] }
        return result
    }
}
