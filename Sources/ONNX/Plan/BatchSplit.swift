import CKernels
import Synchronization
import Tensors

/// How a batch is cut into parts that are each run by themselves: small enough that what passes from layer to
/// layer stays in a near cache, large enough that the weights' way there is paid by several images, and as
/// many as keep every thread at work without a barrier.
///
/// Early layers have large images and few weights, late ones the reverse: at one value (`cut`) that alone
/// passes from the front of the network to its back, the parts may change their size.
struct BatchSplit: Hashable, Sendable {
    /// Images of each part of the front, or of the whole network.
    var parts: [Int]
    /// The value between front and back, and the images of each part of the back.
    var cut: PlanValue?
    var backParts: [Int] = []

    /// Whether all images run together.
    var isWhole: Bool { parts.count == 1 && cut == nil }

    /// Cuts `batch` images for the plan's threads; `base` is the plan of one image, `cuts` the values to cut
    /// at.
    init(batch: Int, base: CompiledPlan, cuts: Set<PlanValue>) {
        let estimate = BatchEstimate(base: base, batch: batch)
        let whole = estimate.best(0..<base.steps.count)
        parts = estimate.parts(whole.size)
        var least = whole.cost * 0.95
        for (index, step) in base.steps.enumerated() {
            guard let value = step.result, cuts.contains(value) else { continue }
            let (front, back) = (estimate.best(0..<index + 1), estimate.best(index + 1..<base.steps.count))
            // The value goes to the file's order and back, at about 4 bytes a cycle.
            let cost = front.cost + back.cost + Double(step.output.image * 4) / 2
            if cost < least, front.size != back.size {
                least = cost
                (parts, cut, backParts) = (estimate.parts(front.size), value, estimate.parts(back.size))
            }
        }
    }
}

/// Estimated cycles of ranges of a plan's steps for parts of several sizes.
private struct BatchEstimate {
    let base: CompiledPlan
    let batch: Int

    /// The size of parts, from 1 to the batch, with the fewest cycles per image over `steps`.
    func best(_ steps: Range<Int>) -> (size: Int, cost: Double) {
        var best = (size: 1, cost: cyclesPerImage(1, steps))
        for size in [2, 4, 8, 16, 32, 64, 128] where size <= batch {
            let cost = cyclesPerImage(size, steps)
            // Smaller parts are finished sooner and hold less memory: a larger one must gain 2 %.
            if cost < best.cost * 0.98 { best = (size, cost) }
        }
        return best
    }

    /// `batch` images in parts of about `size`, as many as the threads share evenly.
    func parts(_ size: Int) -> [Int] {
        var count = (batch + size - 1) / size
        if batch >= base.threads { count = (count + base.threads - 1) / base.threads * base.threads }
        count = min(count, batch)
        let (least, larger) = batch.quotientAndRemainder(dividingBy: count)
        return (0..<count).map { $0 < larger ? least + 1 : least }
    }

    private func cyclesPerImage(_ size: Int, _ steps: Range<Int>) -> Double {
        let floats = base.steps[steps].map { $0.input.image + $0.output.image + ($0.second?.image ?? 0) }
        // What a step reads and writes comes at 40 bytes a cycle from the second-level cache, at 8 from the
        // third, at 2.5 from memory (written, fetched for writing, and read by the next step).
        let held = Double((floats.max() ?? 0) * 4 * size)
        let rate = held < 700 * 1024 ? 40.0 : held < 12e6 ? 8.0 : 2.5
        let moved = Double(floats.reduce(0, +)) * 4 / rate
        // Calling a step costs about 400 cycles, shared by the images of a part.
        return base.steps[steps].reduce(moved) { $0 + (400 + work($1, size)) / Double(size) }
    }

    private func work(_ step: PlanStep, _ size: Int) -> Double {
        switch step.work {
        case .convolution(var shape, let algorithm, _, _):
            shape.batch = Int32(size)
            return algorithm == .depthwise || algorithm == .first ? 0 : base.costs.best(shape).cost
        case .product(let shape, _, _):
            return base.costs.product(rows: size, inputs: Int(shape.inputs), outputs: Int(shape.outputs))
        case .pool, .globalPool, .scaleShift, .add, .multiply, .scaleChannels, .copyChannels, .block,
            .unblock,
            .activate, .softmax, .copy, .reference:
            return 0
        }
    }
}

extension FastPlans {
    /// Runs a batch as `split` says; nil when a part has no plan or the outputs are not images.
    func run(_ split: BatchSplit, _ inputs: [Tensor], threads: Int) throws(ONNXError) -> [Tensor]? {
        guard let cut = split.cut else { return try run(split.parts, inputs, threads: threads) }
        guard let (front, back) = halves(cut),
            let middle = try front.run(split.parts, inputs, threads: threads)
        else { return nil }
        return try back.run(split.backParts, middle, threads: threads)
    }

    /// The values where the network can be cut in two: all that later nodes read of what went before is the
    /// one.
    static func cuts(_ graph: PlanGraph) -> Set<PlanValue> {
        var lastRead = [Int](repeating: -1, count: graph.valueCount)
        for (index, node) in graph.nodes.enumerated() {
            for case .some(let value) in node.inputs { lastRead[value] = index }
        }
        for value in graph.outputs { lastRead[value] = .max }
        var alive = Set(graph.inputs)
        var cuts: Set<PlanValue> = []
        for (index, node) in graph.nodes.enumerated() {
            alive.formUnion(node.outputs)
            alive = alive.filter { lastRead[$0] > index && graph.constants[$0] == nil }
            if alive.count == 1, let value = alive.first, lastRead[value] != .max { cuts.insert(value) }
        }
        return cuts
    }

    /// Runs a batch in parts, each on one thread.
    private func run(_ counts: [Int], _ inputs: [Tensor], threads: Int) throws(ONNXError) -> [Tensor]? {
        var first = 0
        var parts: [(plan: CompiledPlan, inputs: [Tensor])] = []
        for count in counts {
            let part = inputs.compactMap { $0.images(first, count) }
            guard part.count == inputs.count, let plan = plan(part) else { return nil }
            parts.append((plan, part))
            first += count
        }
        let lease = ck_crew_enter(Int32(clamping: threads))
        defer { ck_crew_leave(lease) }
        for part in parts { part.plan.packWeights(lease: lease) }
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
