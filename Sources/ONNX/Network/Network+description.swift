import CKernels
import Kernels
import Tensors

extension Graph {
    /// Whether a node here or in a graph inside draws lots.
    fileprivate var isRandom: Bool {
        nodes.contains { node in
            node.domain.isEmpty && isRandomOperator(node.operatorName)
                || node.subgraphs.values.contains { $0.graph.isRandom }
        }
    }
}

extension Network {
    /// Whether two runs on the same inputs may differ, because a node draws lots.
    package var isRandom: Bool { optimised.graph.isRandom }

    /// Text for `augur describe`: the plan for `batch` images, its forms measured, with each step's algorithm
    /// and time, or, where the graph has none, each node.
    package func describePlan(batch: Int = 1, threads: Int? = nil) -> String {
        let heading = "\(optimised.graph.nodes.count) nodes, \(optimised.graph.constants.count) constants"
        if let plans, let inputs = zeroInputs(batch: batch), (try? plans.run(inputs)) != nil {
            measure(seconds: 2)
        }
        if let plans, let inputs = zeroInputs(batch: batch),
            let text = plans.description(
                inputs, threads: max(1, min(threads ?? .max, Int(ck_crew_threads()))))
        {
            let rest = cut.back.map { ["then by the reference operators:"] + $0.nodes.map(describe) } ?? []
            return ([heading, text] + rest).joined(separator: "\n")
        }
        return ([heading] + optimised.graph.nodes.map(describe)).joined(separator: "\n")
    }

    private func describe(_ node: GraphNode) -> String {
        guard let weights = optimised.graph.constant(node.inputs.dropFirst().first.flatMap(\.self)) else {
            return node.title
        }
        return "\(node.title)  weights \(weights.shape)"
    }

    /// Zeros for every input, the first open axis of each being `batch`; nil where another axis is open too.
    package func zeroInputs(batch: Int) -> [Tensor]? {
        var tensors: [Tensor] = []
        for port in inputs {
            var dims: [Int] = []
            for (axis, dimension) in port.dims.enumerated() {
                switch dimension {
                case .fixed(let size): dims.append(size)
                case .symbolic: if axis == 0 { dims.append(batch) } else { return nil }
                }
            }
            let shape = Shape(dims)
            guard port.hasShape, port.elementType == .float32, shape.elementCount <= 1 << 28,
                let tensor = try? Tensor(
                    shape: shape, floats: [Float](repeating: 0, count: shape.elementCount))
            else { return nil }
            tensors.append(tensor)
        }
        return tensors
    }

    /// Bytes of the weights as the plans hold them, over all batch sizes so far.
    package var packedBytes: Int { plans?.weights.byteCount ?? 0 }

    /// Bytes of the arenas that no run uses at the moment.
    package var arenaBytes: Int { plans?.arenaBytes ?? 0 }
}
