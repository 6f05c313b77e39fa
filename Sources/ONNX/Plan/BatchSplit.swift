import CKernels
import Synchronization
import Tensors

/// How a batch is cut into parts that are each run by themselves: small enough that what passes from layer to layer
/// stays in the second-level cache, large enough that the weights' way there is paid by several images, and as many
/// as keep every thread at work without a barrier.
struct BatchSplit: Hashable, Sendable {
    /// Images of each part.
    let parts: [Int]

    /// Cuts `batch` images for `threads` threads; `base` is the plan of one image.
    init(batch: Int, threads: Int, base: CompiledPlan) {
        var best = (size: batch, cost: Double.infinity)
        for size in [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 128] where size <= batch {
            let cost = Self.cyclesPerImage(size, base)
            // Smaller parts are finished sooner and hold less memory: a larger one must gain 2 %.
            if cost < best.cost * 0.98 { best = (size, cost) }
        }
        var count = (batch + best.size - 1) / best.size
        if batch >= threads { count = (count + threads - 1) / threads * threads }
        let (least, larger) = batch.quotientAndRemainder(dividingBy: min(count, batch))
        parts = (0..<min(count, batch)).map { $0 < larger ? least + 1 : least }
    }

    /// Estimated cycles an image takes in parts of `size` images.
    private static func cyclesPerImage(_ size: Int, _ base: CompiledPlan) -> Double {
        // What a step reads and writes comes at 40 bytes a cycle from the second-level cache, at 8 from the third, at
        // 2.5 from memory (written, fetched for writing, and read by the next step).
        let held = Double(base.scratchOffset * 4 * size)
        let rate = held < 700 * 1024 ? 40.0 : held < 12e6 ? 8.0 : 2.5
        return base.steps.reduce(0) { sum, step in
            let moved = Double(step.input.image + step.output.image + (step.second?.image ?? 0)) * 4 / rate
            // Calling a step costs about 400 cycles, shared by the images of a part.
            return sum + moved + 400 / Double(size) + work(step, size, base.costs) / Double(size)
        }
    }

    private static func work(_ step: PlanStep, _ size: Int, _ costs: CostModel) -> Double {
        switch step.work {
        case .convolution(var shape, let algorithm, _, _):
            shape.batch = Int32(size)
            return algorithm == .depthwise || algorithm == .first ? 0 : costs.best(shape).cost
        case .product(let shape, _, _):
            return costs.product(rows: size, inputs: Int(shape.inputs), outputs: Int(shape.outputs))
        case .pool, .globalPool, .scaleShift, .add, .multiply, .scaleChannels, .copyChannels, .block,
            .unblock,
            .activate, .softmax, .copy, .reference:
            return 0
        }
    }
}

extension FastPlans {
    /// Runs a batch in parts, each on one thread; nil when a part has no plan or the outputs are not images.
    func run(_ split: BatchSplit, _ inputs: [Tensor], threads: Int) throws(ONNXError) -> [Tensor]? {
        var first = 0
        var parts: [(plan: CompiledPlan, inputs: [Tensor])] = []
        for count in split.parts {
            let part = inputs.compactMap { $0.images(first, count) }
            guard part.count == inputs.count, let plan = plan(part) else { return nil }
            parts.append((plan, part))
            first += count
        }
        let lease = ck_crew_enter(Int32(clamping: threads))
        defer { ck_crew_leave(lease) }
        let results = Mutex([Result<[Tensor]?, ONNXError>?](repeating: nil, count: parts.count))
        shareItems(lease: lease, parts.count, grain: 1) { begin, end, _ in
            for index in begin..<end {
                let result = Result { () throws(ONNXError) in
                    try run(parts[index].plan, parts[index].inputs, lease: 0)
                }
                results.withLock { $0[index] = result }
            }
        }
        var answers: [[Tensor]] = []
        for result in results.withLock({ $0 }) {
            guard let answer = try result?.get() else { return nil }
            answers.append(answer)
        }
        return joined(answers, images: first)
    }

    /// The parts' outputs one behind the other; nil when one has another first axis than its part's images.
    private func joined(_ answers: [[Tensor]], images: Int) -> [Tensor]? {
        var results: [Tensor] = []
        for output in graph.outputs.indices {
            let parts = answers.map { $0[output] }
            guard let dims = parts.first?.shape.dims, !dims.isEmpty, parts[0].elementType == .float32,
                parts.reduce(0, { $0 + ($1.shape.dims.first ?? 0) }) == images,
                let whole = try? Tensor(uninitialized: .float32, shape: Shape([images] + dims.dropFirst()))
            else { return nil }
            let elements = whole.mutableElements(as: Float.self)
            var offset = 0
            for part in parts {
                elements.copy(part.elements(as: Float.self), from: 0, count: part.count, to: offset)
                offset += part.count
            }
            results.append(whole)
        }
        return results
    }
}
