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

    /// A cut of one's own.
    init(parts: [Int], cut: PlanValue? = nil, backParts: [Int] = []) {
        (self.parts, self.cut, self.backParts) = (parts, cut, backParts)
    }

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
    /// The forms of the convolutions in parts of each size.
    private let choices: [Int: FormChoice]

    init(base: CompiledPlan, batch: Int) {
        (self.base, self.batch) = (base, batch)
        let shapes = base.steps.compactMap { step -> ck_shape? in
            guard case .convolution(let shape, let algorithm, _, _) = step.work, algorithm.form != nil else {
                return nil
            }
            return shape
        }
        var choices: [Int: FormChoice] = [:]
        for size in Self.sizes where size <= batch {
            choices[size] = FormChoice(shapes.map { $0.batched(size) }, base.costs)
        }
        self.choices = choices
    }

    private static var sizes: [Int] { [1, 2, 4, 8, 16, 32, 64, 128] }

    /// The size of parts, from 1 to the batch, with the fewest cycles per image over `steps`.
    func best(_ steps: Range<Int>) -> (size: Int, cost: Double) {
        var best = (size: 1, cost: cyclesPerImage(1, steps))
        for size in Self.sizes.dropFirst() where size <= batch {
            let cost = cyclesPerImage(size, steps)
            // Smaller parts are finished sooner and hold less memory: a larger one must gain 2 %.
            if cost < best.cost * 0.98 { best = (size, cost) }
        }
        return best
    }

    /// `batch` images in parts of about `size`, as many as the threads share evenly; in one where threads
    /// that share each layer are faster, because weights come for all images together (VGG's batch of 8 on
    /// two threads: 9.0 ms, in fours 10.9).
    func parts(_ size: Int) -> [Int] {
        var count = (batch + size - 1) / size
        if batch >= base.threads, count > 1 || base.threads > 1 && isFasterCut(size) {
            count = (count + base.threads - 1) / base.threads * base.threads
        }
        count = min(count, batch)
        let (least, larger) = batch.quotientAndRemainder(dividingBy: count)
        return (0..<count).map { $0 < larger ? least + 1 : least }
    }

    /// Whether a part for each thread is faster than one of `size` images whose layers they share.
    private func isFasterCut(_ size: Int) -> Bool {
        let each = max(1, batch / base.threads)
        guard let smaller = Self.sizes.last(where: { $0 <= each }) else { return true }
        let steps = 0..<base.steps.count
        return cyclesPerImage(smaller, steps) < cyclesPerImage(size, steps) * Self.sharingLoss
    }

    /// What waiting for one another at every layer costs.
    private static var sharingLoss: Double { 1.25 }

    private func cyclesPerImage(_ size: Int, _ steps: Range<Int>) -> Double {
        let memory = base.costs.memory
        return base.steps[steps].reduce(0) { cycles, step in
            let bytes = (step.input.image + step.output.image + (step.second?.image ?? 0)) * 4
            // What a step reads and writes comes at 40 bytes a cycle from the second-level cache, from beyond
            // it at two fifths of the rate of reading alone (written, fetched for writing, read by the next).
            let (isNear, isHeld) = (bytes * size < memory.nearBytes, bytes * size < memory.residentBytes)
            let rate = isNear ? 40 : 0.4 * (isHeld ? memory.fromCache : 0.65 * memory.fromMemory)
            // Calling a step costs about 400 cycles, shared by the images of a part.
            return cycles + 400 / Double(size)
                + CostModel.overlapped(work(step, size) / Double(size), Double(bytes) / rate)
        }
    }

    private func work(_ step: PlanStep, _ size: Int) -> Double {
        switch step.work {
        case .convolution(let shape, let algorithm, _, _):
            return algorithm.form == nil ? 0 : choices[size]?.cycles[shape.batched(size).key] ?? 0
        case .pair(let pair):
            return pair.algorithm == .direct ? base.costs.direct(pair.shape.batched(size)) : 0
        case .product(let shape, _, _):
            return base.costs.product(rows: size, inputs: Int(shape.inputs), outputs: Int(shape.outputs))
        case .pool, .globalPool, .scaleShift, .add, .multiply, .scaleChannels, .copyChannels, .block,
            .unblock,
            .activate, .softmax, .copy, .reference:
            return 0
        }
    }
}

extension ck_shape {
    /// The shape for so many images.
    fileprivate func batched(_ images: Int) -> ck_shape {
        var shape = self
        shape.batch = Int32(clamping: images)
        return shape
    }
}

extension FastPlans {
    /// Runs a batch as `split` says on the threads of `lease`; nil when a part has no plan or the outputs are
    /// not images.
    func run(_ split: BatchSplit, _ inputs: [Tensor], lease: Int32) throws(ONNXError) -> [Tensor]? {
        guard let parts = (split.cut.map { halves($0)?.front } ?? self)?.parts(split.parts, inputs) else {
            return nil
        }
        guard let cut = split.cut else { return try run(parts, lease: lease, places: parts.wholes()) }
        guard let (front, back) = halves(cut), let floats = parts.floats,
            let passage = passages.take(floats: floats)
        else { return nil }
        defer { passages.giveBack(passage) }
        guard let middle = try front.run(parts, lease: lease, places: parts.wholes(in: passage)),
            let rest = back.parts(split.backParts, middle)
        else { return nil }
        return try back.run(rest, lease: lease, places: rest.wholes())
    }

    /// Plans for `inputs` and packs the weights; false where only a run can, because parts begin with what
    /// others made.
    func pack(_ inputs: [Tensor], threads: Int) -> Bool {
        guard let split = split(inputs, threads: threads) else {
            plan(inputs, threads: threads)?.packWeights(lease: 0)
            return true
        }
        guard split.cut == nil, let parts = parts(split.parts, inputs) else { return false }
        for part in parts { part.plan.packWeights(lease: 0) }
        return true
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

    /// The parts of a batch, of these numbers of images; nil when one has no plan.
    private func parts(_ counts: [Int], _ inputs: [Tensor]) -> [BatchPart]? {
        var first = 0
        var parts: [BatchPart] = []
        for count in counts {
            let images = inputs.compactMap { $0.images(first, count) }
            guard images.count == inputs.count, let plan = plan(images, threads: 1) else { return nil }
            parts.append(BatchPart(first: first, count: count, plan: plan, inputs: images))
            first += count
        }
        return parts
    }

    /// Runs parts, each on one thread, and leaves their outputs in `places`; nil when they are not images.
    private func run(_ parts: [BatchPart], lease: Int32, places: [Tensor]?) throws(ONNXError) -> [Tensor]? {
        guard let places else { return nil }
        for part in parts { part.plan.packWeights(lease: lease) }
        let results = Mutex([Result<Bool, ONNXError>?](repeating: nil, count: parts.count))
        shareItems(lease: lease, parts.count, grain: 1) { begin, end, _ in
            for index in begin..<end {
                let result = Result { () throws(ONNXError) in try run(parts[index], into: places) }
                results.withLock { $0[index] = result }
            }
        }
        for result in results.withLock({ $0 }) {
            guard try result?.get() == true else { return nil }
        }
        return places
    }

    /// Runs a part on one thread and leaves its outputs in their images of `wholes`; false when it has no
    /// such outputs.
    private func run(_ part: BatchPart, into wholes: [Tensor]) throws(ONNXError) -> Bool {
        let places = wholes.map { $0.images(part.first, part.count) }
        guard let results = try run(part.plan, part.inputs, places: places, lease: 0) else { return false }
        for (place, result) in zip(places, results) {
            guard let place, result.shape == place.shape, result.elementType == .float32 else { return false }
            // Not every output is made by a step that could be given the place.
            result.copyFloats(to: place)
        }
        return true
    }
}

/// Images [first, first + count) of a batch that is run in parts.
private struct BatchPart: Sendable {
    var first: Int
    var count: Int
    var plan: CompiledPlan
    var inputs: [Tensor]
}

extension [BatchPart] {
    /// Shapes of the outputs of all parts together; nil when they are not images of floats.
    private var shapes: [Shape]? {
        guard let part = first else { return nil }
        let images = reduce(0) { $0 + $1.count }
        let shapes = part.plan.graph.outputs.compactMap { output -> Shape? in
            guard let facts = part.plan.table.facts[output], facts.elementType == .float32,
                facts.dims.first == part.count
            else { return nil }
            return Shape([images] + facts.dims.dropFirst())
        }
        return shapes.count == part.plan.graph.outputs.count ? shapes : nil
    }

    /// Floats of the one output that the parts have together; nil where it is not images of floats.
    fileprivate var floats: Int? { shapes.flatMap { $0.count == 1 ? $0[0].elementCount : nil } }

    /// Tensors for the outputs of all parts; nil when they are not images of floats.
    fileprivate func wholes() -> [Tensor]? {
        let wholes = shapes?.compactMap { try? Tensor(uninitialized: .float32, shape: $0) }
        return wholes?.count == shapes?.count ? wholes : nil
    }

    /// The same for one output, in the memory of `passage`, which holds its floats.
    fileprivate func wholes(in passage: ArenaPool.Arena) -> [Tensor]? {
        guard let shape = shapes?.first, let whole = passage.tensor(shape) else { return nil }
        return [whole]
    }
}
