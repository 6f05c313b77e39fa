import CKernels
import Tensors

/// One evaluation of a plan: where its buffers are in this run.
///
/// All pointer arithmetic over the plan's views is here and in `PlanRun+kernels.swift`. The planner sized
/// every buffer for its views, and packed the arena so that buffers alive together do not overlap.
struct PlanRun {
    let plan: CompiledPlan
    let arena: ArenaPool.Arena
    /// Tensors of this run by value: inputs, and what reference steps returned.
    private var made: [PlanValue: Tensor] = [:]
    let outputs: [Tensor?]
    /// First float of every buffer; nil while its tensor is not there yet.
    var bases: [UnsafeMutablePointer<Float>?]

    /// A run of `plan` on `inputs`, whose shapes are the plan's; `places` are tensors of the outputs' shapes
    /// to be filled, where there are any.
    init(
        _ plan: CompiledPlan, inputs: [Tensor], places: [Tensor?], arena: ArenaPool.Arena, pool: TensorPool
    ) throws(PlanRefusal) {
        (self.plan, self.arena) = (plan, arena)
        for (value, tensor) in zip(plan.graph.inputs, inputs) { made[value] = tensor }
        var outputs = [Tensor?](repeating: nil, count: plan.graph.outputs.count)
        var bases = [UnsafeMutablePointer<Float>?](repeating: nil, count: plan.buffers.count)
        for (index, buffer) in plan.buffers.enumerated() {
            switch buffer.home {
            case .arena:
                // SAFETY: the arena holds plan.arenaFloats floats, and every packed buffer ends within them.
                bases[index] = buffer.lastStep < 0 ? nil : arena.pointer + buffer.offset
            case .tensor(let value):
                bases[index] = (made[value] ?? plan.table.known[value]).flatMap(Self.base)
            case .output(let output):
                var tensor = output < places.count ? places[output] : nil
                if tensor == nil { tensor = try Self.make(plan.table.dims(plan.graph.outputs[output]), pool) }
                outputs[output] = tensor
                bases[index] = tensor.flatMap(Self.base)
            }
        }
        (self.outputs, self.bases) = (outputs, bases)
    }

    /// The tensor of a value, where it is one yet: of this run, or known before it.
    func tensor(_ value: PlanValue) -> Tensor? { made[value] ?? plan.table.known[value] }

    /// A float tensor to fill.
    static func make(_ dims: [Int], _ pool: TensorPool) throws(PlanRefusal) -> Tensor {
        do {
            return try Tensor(uninitialized: .float32, shape: Shape(dims), pool: pool)
        } catch {
            throw .failed(.tooLarge(what: "a tensor of \(Shape(dims))", limit: pool.bytesMax))
        }
    }

    /// First float of a tensor of floats. Steps write only tensors that this run made.
    static func base(_ tensor: Tensor) -> UnsafeMutablePointer<Float>? {
        switch tensor.storage {
        case .memory(let memory):
            // SAFETY: a float32 tensor's memory is plain floats; other types are never a planned step's
            // operand.
            memory.base.assumingMemoryBound(to: Float.self)
        case .text: nil
        }
    }

    /// The first float of `view`.
    func pointer(_ view: PlanView) -> UnsafeMutablePointer<Float> {
        guard let base = bases[view.buffer] else { return arena.pointer }
        // SAFETY: views lie within their buffers by construction of the plan.
        return base + view.offset
    }

    /// Does every step, sharing each with the crew's idle threads when `lease` holds them.
    /// - Returns: the graph's outputs in order.
    mutating func perform(
        lease: Int32, pool: TensorPool, evaluate: ReferenceEvaluator, timed: ((Int, Double) -> Void)? = nil
    ) throws(PlanRefusal) -> [Tensor] {
        for index in plan.steps.indices {
            let start = timed == nil ? 0 : seconds(ofThread: lease == 0)
            let step = plan.steps[index]
            if case .reference(let node, let operands) = step.work {
                try reference(node, operands, pool: pool, evaluate: evaluate)
            } else {
                share(step, lease: lease)
            }
            if let timed { timed(index, seconds(ofThread: lease == 0) - start) }
        }
        return try results()
    }

    private func results() throws(PlanRefusal) -> [Tensor] {
        var results: [Tensor] = []
        for (index, value) in plan.graph.outputs.enumerated() {
            guard let tensor = outputs[index] ?? tensor(value) else {
                throw .surprise(node: "output \(index)")
            }
            results.append(tensor)
        }
        return results
    }

    /// Evaluates a node by its reference form and takes its results in.
    private mutating func reference(
        _ node: Int, _ operands: [PlanOperand?], pool: TensorPool, evaluate: ReferenceEvaluator
    ) throws(PlanRefusal) {
        var inputs: [Tensor?] = []
        for operand in operands {
            inputs.append(try operand.map { operand throws(PlanRefusal) in try tensor(operand, pool) })
        }
        let results: [Tensor]
        do {
            results = try evaluate(node, inputs)
        } catch {
            throw .failed(error)
        }
        let planned = plan.graph.nodes[node]
        for (value, tensor) in zip(planned.outputs, results) {
            guard ValueTable.Facts(tensor) == plan.table.facts[value] else {
                throw .surprise(node: planned.name)
            }
            made[value] = tensor
            for (index, buffer) in plan.buffers.enumerated() where buffer.home == .tensor(value) {
                bases[index] = Self.base(tensor)
            }
        }
    }

    /// An operand as a tensor, copied out of the arena if it is there.
    private func tensor(_ operand: PlanOperand, _ pool: TensorPool) throws(PlanRefusal) -> Tensor {
        if let tensor = tensor(operand.value) { return tensor }
        guard let view = operand.view else { throw .surprise(node: "value \(operand.value)") }
        let tensor = try Self.make(plan.table.dims(operand.value), pool)
        let elements = tensor.mutableElements(as: Float.self)
        let rows = max(tensor.shape.dims.first ?? 1, 1)
        let (columns, source) = (elements.count / rows, pointer(view))
        for row in 0..<rows where columns > 0 {
            // SAFETY: the view holds `rows` images of at least `columns` floats, the tensor rows * columns.
            (elements.pointer + row * columns).update(from: source + row * view.image, count: columns)
        }
        return tensor
    }
}

extension Tensor {
    /// Copies the floats to a tensor of the same shape, unless they lie there.
    func copyFloats(to place: Tensor) {
        let (from, to) = (elements(as: Float.self), place.mutableElements(as: Float.self))
        // SAFETY: the addresses are only compared.
        if from.pointer != UnsafePointer(to.pointer) { to.copy(from, from: 0, count: count, to: 0) }
    }

    /// Images [first, first + count) along axis 0, in the same memory; nil for strings.
    func images(_ first: Int, _ count: Int) -> Tensor? {
        guard let all = shape.dims.first, first >= 0, count > 0, first + count <= all,
            case .memory(let memory) = storage
        else { return nil }
        let bytes = self.count / all * elementType.byteCount
        // SAFETY: the range lies within this tensor's memory, which the new one keeps alive as its owner.
        let range = UnsafeRawBufferPointer(start: memory.base + first * bytes, count: count * bytes)
        return try? Tensor(
            elementType, shape: Shape([count] + shape.dims.dropFirst()),
            memory: TensorMemory(borrowing: range, of: memory))
    }
}
