import CKernels

/// What a machine can do at best, on all threads of a run.
struct MachineBound: Sendable {
    let isa: ck_isa
    /// Multiply-adds a second.
    var multiplyAdds: Double
    /// Bytes a second of packed weights; infinite where they stay in the second-level cache.
    var bytes: Double

    /// Of `threads` cores that make `peak` floating-point operations a second each, for a plan with so many
    /// bytes of packed weights.
    init(peak: Double, threads: Int, weightBytes: Int, costs: CostModel) {
        isa = costs.isa
        multiplyAdds = peak / 2 * Double(threads)
        let (memory, cycles) = (costs.memory, peak / (32 * CostModel.rate(costs.isa)))
        let rate = weightBytes < memory.residentBytes ? memory.fromCache : memory.fromMemory
        bytes = weightBytes < memory.nearBytes * threads ? .infinity : rate * cycles * Double(threads)
    }
}

extension PlanStep {
    /// Seconds that the step takes at least in the form that it has: its multiply-adds, or reading its packed
    /// weights once, whichever is longer; 0 where it has neither.
    func leastSeconds(_ bound: MachineBound) -> Double {
        let bytes = work.constants.reduce(0) { $0 + $1.count * 4 }
        return max(Double(multiplyAddsMade(bound.isa)) / bound.multiplyAdds, Double(bytes) / bound.bytes)
    }

    /// Multiply-adds of the form, output channels that only fill a block among them.
    private func multiplyAddsMade(_ isa: ck_isa) -> Int {
        switch work {
        case .convolution(let shape, let algorithm, _, _): shape.multiplyAddsMade(algorithm, isa)
        case .pair(let pair):
            pair.shape.multiplyAddsMade(pair.algorithm, isa)
                + pair.depthwise.multiplyAddsMade(.depthwise, isa)
        case .product(let shape, _, _):
            Int(shape.rows) * Int(shape.inputs) * ((Int(shape.outputs) + 15) / 16 * 16)
        case .pool, .globalPool, .scaleShift, .add, .multiply, .scaleChannels, .copyChannels, .block,
            .unblock, .activate, .softmax, .copy, .reference:
            0
        }
    }
}

extension ck_shape {
    /// Those of a convolution by `algorithm`.
    fileprivate func multiplyAddsMade(_ algorithm: ConvolutionAlgorithm, _ isa: ck_isa) -> Int {
        var shape = self
        let (inputs, outputs) = (Int(in_channels), (Int(out_channels) + 15) / 16 * 16)
        let pixels = Int(batch) * Int(out_height) * Int(out_width)
        let taps = Int(kernel_height) * Int(kernel_width)
        return switch algorithm {
        case .direct: Int(batch) * ck_direct_taps(isa, &shape) * inputs * outputs
        case .first: pixels * taps * inputs * outputs
        case .depthwise: pixels * taps * outputs
        case .winograd(let side, _):
            ck_winograd_items(&shape, side, 1, 1) * ck_winograd_positions(side) * inputs * outputs
        }
    }
}
