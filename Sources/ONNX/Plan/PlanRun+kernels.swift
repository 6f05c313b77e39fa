import CKernels
import Glibc

/// Seconds on the wall, or of this thread's processor time, which a busy machine does not lengthen.
func seconds(ofThread: Bool) -> Double {
    var time = timespec()
    clock_gettime(ofThread ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Calls `body` on all of `items`, shared with the crew's threads when `lease` holds them.
func shareItems(
    lease: Int32, _ items: Int, grain: Int, _ body: (_ begin: Int, _ end: Int, _ thread: Int) -> Void
) {
    withoutActuallyEscaping(body) { body in
        var body = body
        // SAFETY: ck_crew_run returns only after every call of the body has, so the pointer outlives its
        // uses.
        withUnsafeMutablePointer(to: &body) { context in
            ck_crew_run(
                lease, items, grain,
                { context, begin, end, thread in
                    typealias Body = (Int, Int, Int) -> Void
                    context?.assumingMemoryBound(to: Body.self).pointee(begin, end, Int(thread))
                }, context)
        }
    }
}

extension PlanRun {
    /// Does one step, its items shared out.
    func share(_ step: PlanStep, lease: Int32) {
        for thread in 0..<(lease == 0 ? 1 : plan.threads) { held(thread).pointee = -1 }
        if lease != 0, let sharing = step.sharing,
            case .convolution(var shape, .winograd(let side, _), let weights, let bias) = step.work
        {
            var tensors = tensors(step, weights, bias, shape)
            let items = ck_winograd_items(&shape, side, sharing.block, sharing.parts)
            return shareItems(lease: lease, items, grain: 1) { begin, end, thread in
                ck_winograd(
                    plan.isa, &shape, side, sharing.block, sharing.parts, &tensors, scratch(thread),
                    held(thread), begin, end)
            }
        }
        // Sharing costs about a microsecond.
        let isSmall = step.multiplyAdds < 200_000 && step.output.image < 8192
        shareItems(lease: isSmall ? 0 : lease, step.items, grain: step.grain) { begin, end, thread in
            perform(step, begin, end, thread)
        }
    }

    /// A thread's scratch.
    func scratch(_ thread: Int) -> UnsafeMutablePointer<Float> {
        // SAFETY: the arena ends with scratchFloats floats for each of plan.threads threads.
        arena.pointer + plan.scratchOffset + thread * plan.scratchFloats
    }

    /// What a thread's scratch holds of the step's input, for the kernels to say: in its last line.
    func held(_ thread: Int) -> UnsafeMutablePointer<Int> {
        // SAFETY: the last 16 of a thread's scratchFloats floats are beyond what any step asked for, and
        // nobody reads them as floats.
        UnsafeMutableRawPointer(scratch(thread) + plan.scratchFloats - CompiledPlan.heldFloats)
            .bindMemory(to: Int.self, capacity: 1)
    }

    // SAFETY: the plan's views lie within their buffers, and the weights live as long as the plan.
    private func tensors(
        _ step: PlanStep, _ weights: PackedFloats?, _ bias: PackedFloats?, _ shape: ck_shape
    ) -> ck_tensors {
        // SAFETY: every pointer is into this run's arena or packed weights, which outlive the kernel's call.
        ck_tensors(
            x: pointer(step.input), weights: weights?.pointer, bias: bias?.pointer,
            residual: step.second.map { UnsafePointer(pointer($0)) }, y: pointer(step.output),
            x_image: step.input.image, y_image: step.output.image, residual_image: step.second?.image ?? 0,
            activation: step.activation, pooled: step.isPooled ? 1 : 0)
    }

    /// Items [begin, end) of a step, on thread `thread`.
    private func perform(_ step: PlanStep, _ begin: Int, _ end: Int, _ thread: Int) {
        switch step.work {
        case .convolution(let shape, let algorithm, let weights, let bias):
            convolve(shape, algorithm, tensors(step, weights, bias, shape), begin..<end, thread)
        case .pair(let pair): perform(pair, step, begin, end, thread)
        case .product(let shape, let weights, let bias):
            var (shape, tensors) = (shape, tensors(step, weights, bias, ck_shape()))
            ck_product(plan.isa, &shape, &tensors, scratch(thread), begin, end)
        case .pool(let shape, let pooling, let bottom, let right):
            var (shape, tensors) = (shape, tensors(step, nil, nil, shape))
            ck_pool(plan.isa, &shape, pooling, bottom, right, &tensors, begin, end)
        case .globalPool(let extent, let pooling):
            for image in 0..<extent.images {
                ck_global_pool(
                    plan.isa, pooling, at(step.input, image), at(step.output, image), extent.blocks,
                    extent.pixels)
            }
        case .scaleShift(let extent, let scale, let shift):
            eachImage(extent, begin, end) { image, block, count in
                let offset = block * extent.pixels * 16
                ck_scale_shift(
                    plan.isa, step.activation, at(step.input, image) + offset,
                    scale.map { $0.pointer + block * 16 },
                    shift.map { $0.pointer + block * 16 }, at(step.output, image) + offset, count,
                    extent.pixels)
            }
        case .add(let extent), .multiply(let extent), .scaleChannels(let extent):
            pairwise(step, extent, begin, end)
        case .copyChannels, .block, .unblock, .copy: move(step, begin, end)
        case .activate(let rows, let columns):
            for row in 0..<rows {
                ck_activate(plan.isa, step.activation, at(step.input, row), at(step.output, row), columns)
            }
        case .softmax(let rows, let columns):
            ck_softmax(plan.isa, pointer(step.input), pointer(step.output), rows, columns)
        case .reference: break
        }
    }

    private func convolve(
        _ shape: ck_shape, _ algorithm: ConvolutionAlgorithm, _ tensors: ck_tensors, _ items: Range<Int>,
        _ thread: Int
    ) {
        var (shape, tensors) = (shape, tensors)
        let (begin, end) = (items.lowerBound, items.upperBound)
        switch algorithm {
        case .direct: ck_direct(plan.isa, &shape, &tensors, scratch(thread), held(thread), begin, end)
        case .first: ck_first(plan.isa, &shape, &tensors, scratch(thread), held(thread), begin, end)
        case .winograd(let side, let block):
            ck_winograd(plan.isa, &shape, side, block, 1, &tensors, scratch(thread), held(thread), begin, end)
        case .depthwise: ck_depthwise(plan.isa, &shape, &tensors, begin, end)
        }
    }

    /// The first float of one image of a view.
    func at(_ view: PlanView, _ image: Int) -> UnsafeMutablePointer<Float> {
        // SAFETY: every view holds the images of its step's extent.
        pointer(view) + image * view.image
    }

    /// The images and runs of blocks of (image, block) items [begin, end).
    private func eachImage(_ extent: BlockedExtent, _ begin: Int, _ end: Int, _ body: (Int, Int, Int) -> Void)
    {
        var item = begin
        while item < end {
            let (image, block) = item.quotientAndRemainder(dividingBy: extent.blocks)
            let count = min(extent.blocks - block, end - item)
            body(image, block, count)
            item += count
        }
    }

    private func pairwise(_ step: PlanStep, _ extent: BlockedExtent, _ begin: Int, _ end: Int) {
        guard let second = step.second else { return }
        eachImage(extent, begin, end) { image, block, count in
            let (offset, floats) = (block * extent.pixels * 16, count * extent.pixels * 16)
            let (x, y) = (at(step.input, image) + offset, at(step.output, image) + offset)
            switch step.work {
            case .add: ck_add(plan.isa, step.activation, x, at(second, image) + offset, y, floats)
            case .multiply: ck_multiply(plan.isa, x, at(second, image) + offset, y, floats)
            case .scaleChannels:
                ck_scale_shift(
                    plan.isa, step.activation, x, at(second, image) + block * 16, nil, y, count, extent.pixels
                )
            case .convolution, .pair, .product, .pool, .globalPool, .scaleShift, .copyChannels, .block,
                .unblock, .activate, .softmax, .copy, .reference:
                break
            }
        }
    }

    private func move(_ step: PlanStep, _ begin: Int, _ end: Int) {
        for image in begin..<end {
            let (x, y) = (at(step.input, image), at(step.output, image))
            switch step.work {
            case .copyChannels(let extent, let from, let to, let count):
                ck_copy_channels(x, from, y, to, count, extent.pixels)
            case .block(let extent): ck_block(plan.isa, x, y, extent.channels, extent.pixels)
            case .unblock(let extent): ck_unblock(plan.isa, x, y, extent.channels, extent.pixels)
            case .copy(_, let columns):
                // SAFETY: both views hold an image of `columns` floats, in different buffers.
                y.update(from: x, count: columns)
            case .convolution, .pair, .product, .pool, .globalPool, .scaleShift, .add, .multiply,
                .scaleChannels, .activate, .softmax, .reference:
                break
            }
        }
    }
}
