import Glibc
import Kernels
import Tensors

/// What is known of each value before a run, for inputs of given shapes: its dimensions and type, or all of
/// it.
///
/// The planned operators' shapes follow from formulas; anything else is evaluated once on zeros. Where such a
/// shape depends on the elements it may be another one in a run, so a run checks what reference operators
/// return, and no fast kernel is planned whose shape hangs on operands that are not known.
struct ValueTable {
    /// Dimensions and type of a value.
    struct Facts: Equatable {
        var dims: [Int]
        var elementType: ElementType
    }

    private(set) var facts: [Facts?]
    /// Values that do not depend on the inputs' elements: constants, and what follows from shapes.
    private(set) var known: [PlanValue: Tensor]

    /// Facts of every value of `graph` when its inputs are shaped like `inputs`.
    /// - Throws: `PlanRefusal.unplannable`.
    init(_ graph: PlanGraph, inputs: [Facts], evaluate: ReferenceEvaluator) throws(PlanRefusal) {
        facts = [Facts?](repeating: nil, count: graph.valueCount)
        known = graph.constants
        for (value, tensor) in graph.constants { facts[value] = Facts(tensor) }
        for (value, input) in zip(graph.inputs, inputs) { facts[value] = input }
        for (index, node) in graph.nodes.enumerated() {
            try follow(index, node, evaluate)
        }
    }

    /// Dimensions of `value`; empty where nothing is known, which no planned operator takes.
    func dims(_ value: PlanValue?) -> [Int] { value.flatMap { facts[$0]?.dims } ?? [] }

    /// Whether `value` is of 32-bit floats.
    func isFloat(_ value: PlanValue?) -> Bool { value.flatMap { facts[$0]?.elementType } == .float32 }

    private mutating func follow(
        _ index: Int, _ node: PlanNode, _ evaluate: ReferenceEvaluator
    ) throws(PlanRefusal) {
        if try followShape(node) { return }
        if try followKnown(index, node, evaluate) { return }
        if let dims = plannedDims(node), isFloat(node.inputs.first ?? nil) {
            // 2^28 elements fit every kernel's arithmetic; a graph that asks for more gets the reference's
            // error.
            guard Tensors.Shape(dims).elementCount <= 1 << 28 else { throw .unplannable(node: node.name) }
            facts[node.outputs[0]] = Facts(dims: dims, elementType: .float32)
            return
        }
        try followZeros(index, node, evaluate)
    }

    /// `Shape` and `Size` need no elements.
    private mutating func followShape(_ node: PlanNode) throws(PlanRefusal) -> Bool {
        guard node.op == "Shape" || node.op == "Size", let input = node.inputs.first ?? nil,
            let fact = facts[input]
        else { return false }
        let shape =
            if node.op == "Size" {
                try? Tensor(shape: [], elements: [Int64(Shape(fact.dims).elementCount)])
            } else {
                (try? shapePart(fact.dims, node.attributes)).flatMap {
                    try? Tensor(shape: [$0.count], elements: $0.map(Int64.init))
                }
            }
        guard let shape else { throw .unplannable(node: node.name) }
        settle(node.outputs[0], shape)
        return true
    }

    /// A node of known operands is evaluated here and is no step of the plan.
    private mutating func followKnown(
        _ index: Int, _ node: PlanNode, _ evaluate: ReferenceEvaluator
    ) throws(PlanRefusal) -> Bool {
        guard node.inputs.allSatisfy({ $0 == nil || known[$0 ?? 0] != nil }), !isRandomOperator(node.op)
        else {
            return false
        }
        let results: [Tensor]
        do {
            results = try evaluate(index, node.inputs.map { $0.flatMap { known[$0] } })
        } catch {
            throw .unplannable(node: node.name)
        }
        for (value, tensor) in zip(node.outputs, results) { settle(value, tensor) }
        return true
    }

    private mutating func followZeros(
        _ index: Int, _ node: PlanNode, _ evaluate: ReferenceEvaluator
    ) throws(PlanRefusal) {
        var operands: [Tensor?] = []
        for input in node.inputs {
            guard let input else {
                operands.append(nil)
                continue
            }
            guard let tensor = known[input] ?? facts[input].flatMap(zeros) else {
                throw .unplannable(node: node.name)
            }
            operands.append(tensor)
        }
        do {
            for (value, tensor) in zip(node.outputs, try evaluate(index, operands)) {
                facts[value] = Facts(tensor)
            }
        } catch {
            throw .unplannable(node: node.name)
        }
    }

    private mutating func settle(_ value: PlanValue, _ tensor: Tensor) {
        known[value] = tensor
        facts[value] = Facts(tensor)
    }

    private func zeros(_ facts: Facts) -> Tensor? {
        guard let tensor = try? Tensor(uninitialized: facts.elementType, shape: Shape(facts.dims)) else {
            return nil
        }
        switch tensor.storage {
        case .memory(let memory):
            // SAFETY: the memory was just made for this tensor and is byteCount bytes of plain numbers.
            memset(memory.base, 0, memory.byteCount)
        case .text: break
        }
        return tensor
    }
}

extension ValueTable.Facts {
    /// Those of a tensor.
    init(_ tensor: Tensor) { self.init(dims: tensor.shape.dims, elementType: tensor.elementType) }
}
