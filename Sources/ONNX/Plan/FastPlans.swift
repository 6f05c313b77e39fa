import CKernels
import Kernels
import Synchronization
import Tensors

/// The plans of a network, one for each set of input shapes that came, over one set of packed weights.
///
/// Safe to run from many threads at once. A set of shapes that cannot be planned, or whose inner shapes turn
/// out to depend on data run after run, is remembered as such and left to the reference executor.
final class FastPlans: Sendable {
    private enum Entry {
        case plan(CompiledPlan)
        case refused
    }

    private struct State {
        var entries: [[PlanShape]: Entry] = [:]
        /// Shapes in the order of their first coming.
        var order: [[PlanShape]] = []
    }

    /// Most shapes remembered; the oldest is forgotten first.
    private static let plansMax = 64

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
    private let splits = Mutex<[[PlanShape]: BatchSplit]>([:])

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
        arenas = ArenaPool(idleMax: Int(ck_crew_threads()))
        passages = ArenaPool(idleMax: Int(ck_crew_threads()))
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
    /// other run is under way; nil when there is no such plan.
    func run(_ inputs: [Tensor], threads: Int = .max) throws(ONNXError) -> [Tensor]? {
        if let split = split(inputs),
            let results = try run(split, inputs, threads: threads)
        {
            return results
        }
        guard let plan = plan(inputs) else { return nil }
        let lease = ck_crew_enter(Int32(clamping: threads))
        defer { ck_crew_leave(lease) }
        return try run(plan, inputs, lease: lease)
    }

    /// One run of a plan, its steps shared with the threads of `lease`; the seconds of each step by `timed`.
    /// Outputs that a step of their own makes are left in `places`, where there are any.
    func run(
        _ plan: CompiledPlan, _ inputs: [Tensor], places: [Tensor?] = [], lease: Int32,
        timed: ((Int, Double) -> Void)? = nil
    ) throws(ONNXError) -> [Tensor]? {
        plan.packWeights(lease: lease)
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
            if plan.noteRun(isSurprise: true) { remember(inputs.map(PlanShape.init), .refused) }
            return nil
        }
    }

    /// How a batch of more than one image is cut; nil when it runs whole.
    ///
    /// The cut depends on the shapes and the rate of this processor's memory: a run gives the same bits on
    /// any number of threads.
    func split(_ inputs: [Tensor]) -> BatchSplit? {
        guard isBatchable, let batch = inputs.first?.shape.dims.first, batch > 1, batch <= 1 << 20,
            inputs.allSatisfy({ $0.shape.dims.first == batch })
        else { return nil }
        let singles = inputs.compactMap { $0.images(0, 1) }
        guard singles.count == inputs.count, let base = plan(singles) else { return nil }
        let key = inputs.map(PlanShape.init)
        if let known = splits.withLock({ $0[key] }) { return known.isWhole ? nil : known }
        let split = BatchSplit(batch: batch, base: base, cuts: cuts)
        splits.withLock { splits in
            if splits.count >= Self.plansMax { splits.removeAll() }
            splits[key] = split
        }
        return split.isWhole ? nil : split
    }

    /// The plan for inputs shaped like these, made now if it is the first time; nil when there is none.
    func plan(_ inputs: [Tensor]) -> CompiledPlan? {
        let shapes = inputs.map(PlanShape.init)
        if let entry = state.withLock({ $0.entries[shapes] }) { return Self.plan(entry) }
        return making.withLock { _ in
            if let entry = state.withLock({ $0.entries[shapes] }) { return Self.plan(entry) }
            let made = compile(shapes)
            let entry = made.flatMap { $0.isWorthwhile ? Entry.plan($0) : nil } ?? .refused
            remember(shapes, entry)
            return Self.plan(entry)
        }
    }

    /// A plan for inputs of these shapes, with the forms of `trial` for the convolutions that can take them.
    func compile(_ shapes: [PlanShape], trial: ((ck_shape) -> ConvolutionForm?)? = nil) -> CompiledPlan? {
        let facts = shapes.map { ValueTable.Facts(dims: $0.dims, elementType: $0.elementType) }
        return try? CompiledPlan(
            graph, inputs: facts, weights: weights, forms: forms, trial: trial, operationsMax: operationsMax,
            evaluate: evaluator())
    }

    /// The shapes that have plans, in the order of their coming.
    var plannedShapes: [[PlanShape]] {
        state.withLock { state in
            state.order.filter { state.entries[$0].flatMap(Self.plan) != nil }
        }
    }

    /// The plans made so far.
    var plans: [CompiledPlan] { state.withLock { $0.entries.values.compactMap(Self.plan) } }

    /// The parts of the network that are planned by themselves.
    var parts: [FastPlans] { halves.withLock { $0.values.flatMap { [$0.front, $0.back] } } }

    /// Lets every plan be made anew, by what has been measured since.
    func forgetPlans() {
        let old = state.withLock { state in
            defer { state = State() }
            return state
        }
        // Freed here, outside the lock.
        _ = consume old
    }

    private static func plan(_ entry: Entry) -> CompiledPlan? {
        switch entry {
        case .plan(let plan): plan
        case .refused: nil
        }
    }

    private func remember(_ shapes: [PlanShape], _ entry: Entry) {
        state.withLock { state in
            if state.entries.updateValue(entry, forKey: shapes) == nil { state.order.append(shapes) }
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

/// Shape and type of an input: what a plan is made for.
struct PlanShape: Hashable, Sendable {
    let dims: [Int]
    let elementType: ElementType

    /// Those of a tensor.
    init(_ tensor: Tensor) { (dims, elementType) = (tensor.shape.dims, tensor.elementType) }
}
