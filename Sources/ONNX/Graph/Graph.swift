import Kernels
import Tensors

/// A value of a graph: what one output of one node, one input or one constant holds. Numbered from 0.
package struct ValueID: Hashable, Sendable {
    /// Its number, an index into tables of `Graph.valueCount` entries.
    package let index: Int

    /// The value of this number.
    package init(_ index: Int) { self.index = index }
}

/// One operator of a graph.
package struct GraphNode: Sendable {
    /// How messages name it: "name (Operator)".
    package var title: String
    /// The operator's name, of `domain` ("" is ONNX's own, "ai.onnx.ml" the classical models').
    package var operatorName: String
    package var domain: String
    /// Version of the domain's operator set.
    package var opset: Int
    /// Inputs in the operator's order; nil where an optional one is left out.
    package var inputs: [ValueID?]
    /// Outputs in the operator's order; nil where unwanted.
    package var outputs: [ValueID?]
    /// The plain attributes.
    package var attributes: Attributes
    /// The graphs of `If`, `Loop` and `Scan`, by attribute name.
    package var subgraphs: [String: Subgraph] = [:]

    /// Every value that the node reads, what its subgraphs capture among them.
    package var reads: [ValueID] {
        inputs.compactMap(\.self) + subgraphs.values.flatMap { $0.captures.map(\.outer) }
    }

    /// True for operator `name` of ONNX's own domain.
    package func isOperator(_ name: String) -> Bool { operatorName == name && domain.isEmpty }
}

/// A graph inside a node. It has values of its own; those of the outer graph that it reads are copied in.
package struct Subgraph: Sendable {
    /// Its nodes and values.
    package var graph: Graph
    /// Outer values and the inner ones that stand for them.
    package var captures: [(outer: ValueID, inner: ValueID)]
}

/// Nodes in an order in which every value is made before it is read.
package struct Graph: Sendable {
    /// The operators, in topological order.
    package var nodes: [GraphNode] = []
    /// Name of each value in the file ("" for those that the optimiser made).
    package var names: [String] = []
    /// Values known when the model is loaded: initializers and what was computed from them.
    package var constants: [ValueID: Tensor] = [:]
    /// The values that a caller gives, in the file's order.
    package var inputs: [ValueID] = []
    /// The values that a caller gets, in the file's order.
    package var outputs: [ValueID] = []

    /// How many values there are.
    package var valueCount: Int { names.count }

    /// A new value.
    package mutating func makeValue(_ name: String = "") -> ValueID {
        names.append(name)
        return ValueID(names.count - 1)
    }

    /// The tensor of `value` where it is a constant.
    package func constant(_ value: ValueID?) -> Tensor? { value.flatMap { constants[$0] } }

    /// How many times each value is read by nodes and the graph's own outputs.
    package func useCounts() -> [Int] {
        var counts = [Int](repeating: 0, count: valueCount)
        for node in nodes {
            for value in node.reads { counts[value.index] += 1 }
        }
        for value in outputs { counts[value.index] += 1 }
        return counts
    }

    /// The node that makes each value, nil for inputs and constants.
    package func producers() -> [Int?] {
        var producers = [Int?](repeating: nil, count: valueCount)
        for (number, node) in nodes.enumerated() {
            for case let value? in node.outputs { producers[value.index] = number }
        }
        return producers
    }
}

/// A graph whose names, order and operators were checked; the second stage of loading.
package struct ValidatedGraph: Sendable {
    /// The file's own nodes.
    package let graph: Graph
    package let inputs: [Port]
    package let outputs: [Port]
}

/// A graph after folding and fusion, ready to be run or planned; the third stage of loading.
///
/// It differs from the file's: constants are folded, dead nodes and identities are gone, batch normalisation
/// is part of the convolution before it, and the long spellings of `Gelu`, `Swish` and `HardSwish` are one
/// node each. Every operator is still one of ONNX's; additions and activations behind convolutions are fused
/// by the fast plan.
package struct OptimisedGraph: Sendable {
    /// The nodes that are left.
    package let graph: Graph
    package let inputs: [Port]
    package let outputs: [Port]
}
