import CKernels
import Glibc
import Kernels
import Synchronization
import Tensors

/// The plans of a network over one set of packed weights: for each set of input shapes that came one for a
/// thread alone, and one whose steps all threads share.
///
/// Safe to run from many threads at once. A set of shapes that cannot be planned, or whose inner shapes turn
/// out to depend on data run after run, is remembered as such and left to the reference executor.
final class FastPlans: Sendable {
    private enum Entry {
        case plan(CompiledPlan)
        case refused
    }

    private struct State {
        var entries: [PlanKey: Entry] = [:]
        /// In the order of their first coming.
        var order: [PlanKey] = []
    }

    /// Most plans remembered; the oldest is forgotten first.
    private static let plansMax = 128

    let graph: PlanGraph
    let weights: PackedWeights
    /// What measuring chose, for all parts of the network.
    let forms: MeasuredForms
    private let source: Graph
    private let pool: TensorPool
    private let operationsMax: Int
    private let arenas: ArenaPool
    /// What passes from the front of a batch that is cut in two to its back.
    let passages: ArenaPool
    /// Values at which the parts of a batch may change their size.
    private let cuts: Set<PlanValue>
    /// Front and back of the network for each cut that a split uses.
    private let halves = Mutex<[PlanValue: (front: FastPlans, back: FastPlans)]>([:])
    private let state = Mutex(State())
    /// Held while a plan is made: two first requests of one shape do not pack the weights twice.
    private let making = Mutex(())

    /// Whether images along the first axis do not see each other, so that a batch may be cut.
    private let isBatchable: Bool
    private let splits = Mutex<[PlanKey: BatchSplit]>([:])

    /// Plans for `graph`, whose weights may lie in `bytes`; nil when it has nodes that no plan holds.
    init?(
        _ graph: Graph, isBatchable: Bool, pool: TensorPool, operationsMax: Int, bytes: ModelBytes? = nil,
        forms: MeasuredForms = MeasuredForms()
    ) {
        guard let planned = PlanGraph(graph) else { return nil }
        self.isBatchable = isBatchable
        self.forms = forms
        weights = PackedWeights(source: bytes, bytesMax: pool.bytesMax)
        (self.graph, source, self.pool, self.operationsMax) = (planned, graph, pool, operationsMax)
        arenas = ArenaPool(idleMax: Self.threadsMax)
        passages = ArenaPool(idleMax: Self.threadsMax)
        cuts = isBatchable ? Self.cuts(planned) : []
    }

    /// Plans of a part of the network of `whole`, over the same packed weights and arenas.
    private init?(_ part: Graph, of whole: FastPlans) {
        guard let planned = PlanGraph(part) else { return nil }
        (graph, source, pool, operationsMax) = (planned, part, whole.pool, whole.operationsMax)
        (weights, arenas, passages) = (whole.weights, whole.arenas, whole.passages)
        (isBatchable, cuts) = (true, [])
        forms = whole.forms
    }

    /// The network up to `cut` and from it on.
    func halves(_ cut: PlanValue) -> (front: FastPlans, back: FastPlans)? {
        if let known = halves.withLock({ $0[cut] }) { return known }
        let value = ValueID(cut)
        guard let index = source.nodes.firstIndex(where: { $0.outputs.contains(value) }) else { return nil }
        var (before, after) = (source, source)
        before.nodes = Array(source.nodes[...index])
        before.outputs = [value]
        after.nodes = Array(source.nodes[(index + 1)...])
        after.inputs = [value]
        guard let front = FastPlans(before, of: self), let back = FastPlans(after, of: self) else {
            return nil
        }
        halves.withLock { $0[cut] = (front, back) }
        return (front, back)
    }

    /// Bytes of the arenas that no run uses.
    var arenaBytes: Int { arenas.byteCount + passages.byteCount }

    /// Frees the arenas that no run uses.
    func releaseIdleMemory() {
        arenas.trim()
        passages.trim()
    }

    /// Evaluates the graph on `inputs` by the plan for their shapes, on up to `threads` threads while no
    /// other run is under way, else on this one; nil when there is no such plan.
    func run(_ inputs: [Tensor], threads: Int = .max) throws(ONNXError) -> [Tensor]? {
        let lease = ck_crew_enter(Int32(clamping: threads))
        defer { ck_crew_leave(lease) }
        return try run(inputs, lease: lease, by: lease == 0 ? 1 : Self.threadsMax)
    }

    /// Runs `inputs` by what was planned for all threads, and plans for one, so that no later run of such
    /// shapes waits for a plan or for its weights to be packed; false when there are no plans.
    func prepare(_ inputs: [Tensor]) throws(ONNXError) -> Bool {
        let lease = ck_crew_enter(.max)
        defer { ck_crew_leave(lease) }
        guard try run(inputs, lease: lease, by: Self.threadsMax) != nil else { return false }
        if !pack(inputs, threads: 1) { _ = try run(inputs, lease: 0, by: 1) }
        return true
    }

    /// Threads of a run that has the processor for itself.
    static var threadsMax: Int { Int(ck_crew_threads()) }

    /// Runs what was planned for `threads` threads on those of `lease`.
    func run(_ inputs: [Tensor], lease: Int32, by threads: Int) throws(ONNXError) -> [Tensor]? {
        if let split = split(inputs, threads: threads), let results = try run(split, inputs, lease: lease) {
            return results
        }
        guard let plan = plan(inputs, threads: threads) else { return nil }
        return try run(plan, inputs, lease: lease)
    }

    /// One run of a plan, its steps shared with the threads of `lease`; the seconds of each step by `timed`.
    /// Outputs that a step of their own makes are left in `places`, where there are any.
    func run(
        _ plan: CompiledPlan, _ inputs: [Tensor], places: [Tensor?] = [], lease: Int32,
        timed: ((Int, Double) -> Void)? = nil
    ) throws(ONNXError) -> [Tensor]? {
        plan.packWeights(lease: lease)
        // The arena has scratch for the plan's threads only.
        let lease = plan.threads > 1 ? lease : 0
        guard let arena = arenas.take(floats: plan.arenaFloats) else {
            throw .tooLarge(what: "the arena", limit: plan.arenaFloats * 4)
        }
        defer { arenas.giveBack(arena) }
        do {
            var run = try PlanRun(plan, inputs: inputs, places: places, arena: arena, pool: pool)
            let results = try run.perform(lease: lease, pool: pool, evaluate: evaluator(), timed: timed)
            _ = plan.noteRun(isSurprise: false)
            return results
        } catch .failed(let error) {
            throw error
        } catch {
            if plan.noteRun(isSurprise: true) {
                for threads in [1, Self.threadsMax] { remember(PlanKey(inputs, threads: threads), .refused) }
            }
            return nil
        }
    }

    /// How a batch of more than one image is cut for so many threads; nil when it runs whole.
    ///
    /// The cut depends on the shapes and the rate of this processor's memory.
    func split(_ inputs: [Tensor], threads: Int) -> BatchSplit? {
        guard isBatchable, let batch = inputs.first?.shape.dims.first, batch > 1, batch <= 1 << 20,
            inputs.allSatisfy({ $0.shape.dims.first == batch })
        else { return nil }
        let singles = inputs.compactMap { $0.images(0, 1) }
        guard singles.count == inputs.count, let base = plan(singles, threads: threads) else { return nil }
        let key = PlanKey(inputs, threads: threads)
        if let known = splits.withLock({ $0[key] }) { return known.isWhole ? nil : known }
        let split = BatchSplit(batch: batch, base: base, cuts: cuts)
        splits.withLock { splits in
            if splits.count >= Self.plansMax { splits.removeAll() }
            splits[key] = split
        }
        return split.isWhole ? nil : split
    }

    /// The plan for inputs shaped like these, made now if it is the first time; nil when there is none.
    func plan(_ inputs: [Tensor], threads: Int) -> CompiledPlan? {
        let key = PlanKey(inputs, threads: threads)
        if let entry = state.withLock({ $0.entries[key] }) { return Self.plan(entry) }
        return making.withLock { _ in
            if let entry = state.withLock({ $0.entries[key] }) { return Self.plan(entry) }
            let made = compile(key)
            let entry = made.flatMap { $0.isWorthwhile ? Entry.plan($0) : nil } ?? .refused
            remember(key, entry)
            return Self.plan(entry)
        }
    }

    /// A plan of one's own, with the forms of `trial` for the convolutions that can take them.
    func compile(_ key: PlanKey, trial: ((ck_shape) -> ConvolutionForm?)? = nil) -> CompiledPlan? {
        let facts = key.shapes.map { ValueTable.Facts(dims: $0.dims, elementType: $0.elementType) }
        return try? CompiledPlan(
            graph, inputs: facts, weights: weights, forms: forms, trial: trial, threads: key.threads,
            operationsMax: operationsMax, evaluate: evaluator())
    }

    /// What there are plans for, in the order of their coming.
    var planned: [PlanKey] {
        state.withLock { state in
            state.order.filter { state.entries[$0].flatMap(Self.plan) != nil }
        }
    }

    /// The plans made so far.
    var plans: [CompiledPlan] { state.withLock { $0.entries.values.compactMap(Self.plan) } }

    /// The parts of the network that are planned by themselves.
    var parts: [FastPlans] { halves.withLock { $0.values.flatMap { [$0.front, $0.back] } } }

    /// Exchanges every plan for one by what has been measured since, its weights packed: no run waits.
    /// Returns when those under way have ended, so that nothing holds the old ones.
    func renewPlans() {
        var old: [CompiledPlan] = []
        for key in planned {
            guard let plan = compile(key), plan.isWorthwhile else { continue }
            plan.packWeights(lease: 0)
            let replaced = state.withLock { state in
                state.entries[key] == nil ? nil : state.entries.updateValue(.plan(plan), forKey: key)
            }
            if let replaced = replaced.flatMap(Self.plan) { old.append(replaced) }
        }
        for _ in 0..<Self.waitsMax {
            for index in old.indices.reversed() where isKnownUniquelyReferenced(&old[index]) {
                old.remove(at: index)
            }
            guard !old.isEmpty else { return }
            usleep(1000)
        }
    }

    /// Milliseconds that plans replaced are waited for; longer runs free what they hold themselves.
    private static let waitsMax = 10_000

    private static func plan(_ entry: Entry) -> CompiledPlan? {
        switch entry {
        case .plan(let plan): plan
        case .refused: nil
        }
    }

    private func remember(_ key: PlanKey, _ entry: Entry) {
        state.withLock { state in
            if state.entries.updateValue(entry, forKey: key) == nil { state.order.append(key) }
            while state.order.count > Self.plansMax { state.entries[state.order.removeFirst()] = nil }
        }
    }

    /// The reference form of every node, for one run.
    private func evaluator() -> ReferenceEvaluator {
        let workspace = Workspace(pool: pool, operationsMax: operationsMax)
        let source = source
        return { (index, inputs) throws(ONNXError) in
            try source.nodes[index].evaluate(inputs, in: workspace)
        }
    }
}

/// What a plan is made for: inputs of these shapes, and how many threads share its steps, one or all.
struct PlanKey: Hashable, Sendable {
    let shapes: [PlanShape]
    let threads: Int

    /// For inputs like these.
    init(_ inputs: [Tensor], threads: Int) {
        (shapes, self.threads) = (inputs.map(PlanShape.init), threads)
    }
}

/// Shape and type of an input.
struct PlanShape: Hashable, Sendable {
    let dims: [Int]
    let elementType: ElementType

    /// Those of a tensor.
    init(_ tensor: Tensor) { (dims, elementType) = (tensor.shape.dims, tensor.elementType) }
}
