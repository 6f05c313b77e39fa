import CKernels

extension PlanRun {
    /// Items [begin, end) of a pair.
    func perform(_ pair: BandedPair, _ step: PlanStep, _ begin: Int, _ end: Int, _ thread: Int) {
        for index in begin..<end {
            let item = pair.item(index)
            convolve(pair, step, item, thread)
            convolveDepthwise(pair, step, item, thread)
        }
    }

    /// The convolution's rows of an item, to the thread's scratch.
    private func convolve(_ pair: BandedPair, _ step: PlanStep, _ item: BandedPair.Item, _ thread: Int) {
        guard !item.source.isEmpty else { return }
        var shape = pair.convolution(item)
        let taps = Int(shape.in_channels * shape.kernel_height * shape.kernel_width)
        let isFirst = pair.algorithm == .first
        let above = isFirst ? 0 : item.source.lowerBound * Int(shape.in_width) * 16
        let buffer = scratch(thread)
        // SAFETY: the item's rows and channels lie within the step's views, weights and bias; the scratch
        // holds what it makes of them, and the first layer's packed rows behind it.
        var tensors = ck_tensors(
            x: pointer(step.input) + item.image * step.input.image + above,
            weights: pair.weights.pointer + item.group * taps * 32,
            bias: pair.bias.map { $0.pointer + item.group * 32 }, residual: nil, y: buffer, x_image: 0,
            y_image: 0, residual_image: 0, activation: pair.activation, pooled: 0)
        let own = held(thread)
        own.pointee = -1
        if isFirst {
            ck_first(plan.isa, &shape, &tensors, buffer + pair.bufferFloats, own, 0, .max)
        } else {
            ck_direct(plan.isa, &shape, &tensors, buffer, own, 0, .max)
        }
    }

    /// The depthwise convolution of them, one block of 16 channels after the other.
    private func convolveDepthwise(
        _ pair: BandedPair, _ step: PlanStep, _ item: BandedPair.Item, _ thread: Int
    ) {
        var shape = pair.depthwise(item)
        let taps = Int(shape.kernel_height * shape.kernel_width)
        let between = Int(shape.in_height * shape.in_width) * 16
        let row = Int(shape.out_width) * 16
        let plane = Int(pair.depthwise.out_height) * row
        let blocks = min(2, (Int(pair.shape.out_channels) + 15) / 16 - 2 * item.group)
        for part in 0..<blocks {
            let block = 2 * item.group + part
            let at = block * plane + item.rows.lowerBound * row
            // SAFETY: as in `convolve`; the scratch holds the blocks one behind the other.
            var tensors = ck_tensors(
                x: scratch(thread) + part * between,
                weights: pair.depthwiseWeights.pointer + block * taps * 16,
                bias: pair.depthwiseBias.map { UnsafePointer($0.pointer + block * 16) },
                residual: step.second.map { UnsafePointer(self.at($0, item.image) + at) },
                y: self.at(step.output, item.image) + at, x_image: 0, y_image: 0, residual_image: 0,
                activation: step.activation, pooled: 0)
            ck_depthwise(plan.isa, &shape, &tensors, 0, 1)
        }
    }
}
