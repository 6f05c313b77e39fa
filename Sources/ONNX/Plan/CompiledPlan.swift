import CKernels
import Synchronization
import Tensors

/// The steps that evaluate a graph on inputs of one set of shapes, with their memory laid out. Immutable.
final class CompiledPlan: Sendable {
    let graph: PlanGraph
    let steps: [PlanStep]
    let buffers: [PlanBuffer]
    /// Facts of every value, and those that no run computes.
    let table: ValueTable
    let isa: ck_isa
    /// That share its steps at most.
    let threads: Int
    let costs: CostModel
    private let weights: PackedWeights
    /// Floats of the arena: the packed buffers, then one scratch per thread.
    let arenaFloats: Int
    let scratchOffset: Int
    let scratchFloats: Int
    /// A line at the end of each scratch, for what it holds (`held` of the kernels).
    static var heldFloats: Int { 16 }

    /// Plans `graph` for inputs of these dimensions and types, and runs on up to `threads` threads.
    ///
    /// - Parameter forms: what was measured; a convolution that was not goes by the estimate.
    /// - Parameter trial: a form to be measured, for the convolutions that can take it.
    /// - Throws: `PlanRefusal.unplannable`; also past `operationsMax` multiply-adds or 4 GiB of arena.
    init(
        _ graph: PlanGraph, inputs: [ValueTable.Facts], weights: PackedWeights, forms: MeasuredForms,
        trial: ((ck_shape) -> ConvolutionForm?)? = nil, threads: Int, operationsMax: Int,
        evaluate: ReferenceEvaluator
    ) throws(PlanRefusal) {
        table = try ValueTable(graph, inputs: inputs, evaluate: evaluate)
        isa = ck_isa_best()
        self.threads = threads
        let costs = CostModel(isa: isa, threads: threads, weightBytes: graph.weightBytes)
        (self.costs, self.weights) = (costs, weights)
        var planner = Planner(graph, table, weights: weights, costs: costs) { shape in
            trial?(shape) ?? forms[shape]
        }
        try planner.plan()
        self.graph = graph
        (steps, buffers) = (planner.steps, planner.buffers)
        scratchOffset = ONNX.arenaFloats(buffers)
        scratchFloats = alignedFloats(steps.map(\.scratchFloats).max() ?? 0) + Self.heldFloats
        arenaFloats = scratchOffset + scratchFloats * threads
        let operations = steps.reduce(0) { $0 + $1.operations }
        guard operations <= operationsMax, arenaFloats <= 1 << 30 else { throw .unplannable(node: "graph") }
    }

    private let isPacked = Atomic(false)

    /// Packs the weights before the first run, on the threads of `lease`.
    func packWeights(lease: Int32) {
        guard !isPacked.load(ordering: .acquiring) else { return }
        let constants = steps.flatMap(\.work.constants)
        shareItems(lease: lease, constants.count, grain: 1) { begin, end, _ in
            for index in begin..<end { constants[index].pack() }
        }
        weights.releaseSource()
        isPacked.store(true, ordering: .releasing)
    }

    /// Runs one after another that met another shape than planned.
    private let surprises = Atomic(0)
    private static var surprisesMax: Int { 8 }

    /// Notes how a run went; true when so many met another shape than planned that the plan is of no use. One
    /// says little: inputs made up to warm a model up, or to measure, are like no picture.
    func noteRun(isSurprise: Bool) -> Bool {
        guard isSurprise else {
            surprises.store(0, ordering: .relaxed)
            return false
        }
        return surprises.wrappingAdd(1, ordering: .relaxed).newValue >= Self.surprisesMax
    }

    /// Whether any step computes by a fast kernel; a plan without one is worth nothing.
    var isWorthwhile: Bool {
        steps.contains { step in
            switch step.work {
            case .convolution, .pair, .product: true
            case .pool, .globalPool, .scaleShift, .add, .multiply, .scaleChannels, .copyChannels, .block,
                .unblock,
                .activate, .softmax, .copy, .reference:
                false
            }
        }
    }
}
