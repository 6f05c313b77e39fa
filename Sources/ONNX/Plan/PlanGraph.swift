import Kernels
import Tensors

/// A value of a graph: an input, a constant or a node's output, by number.
typealias PlanValue = Int

/// One operator of a graph to plan.
struct PlanNode: Sendable {
    /// Name in the file, for the plan's text.
    var name: String
    /// Operator of the default domain; other domains get an operator name that no planned operator has.
    var op: String
    /// The node's attributes.
    var attributes: Attributes
    /// Operands in the operator's order; nil where left out.
    var inputs: [PlanValue?]
    /// Results in order.
    var outputs: [PlanValue]

    /// A node of these parts.
    init(
        name: String, op: String, attributes: Attributes = Attributes(), inputs: [PlanValue?],
        outputs: [PlanValue]
    ) {
        (self.name, self.op, self.attributes, self.inputs, self.outputs) = (
            name, op, attributes, inputs, outputs
        )
    }
}

/// What the planner plans: nodes in topological order over numbered values.
struct PlanGraph: Sendable {
    /// Nodes, each after those that make its operands.
    var nodes: [PlanNode]
    /// Values known at load time.
    var constants: [PlanValue: Tensor]
    /// The values that a run is given, in order.
    var inputs: [PlanValue]
    /// The values that a run returns, in order.
    var outputs: [PlanValue]
    /// One more than the largest value.
    var valueCount: Int
}

/// Evaluates node `index` of the graph by its reference form.
typealias ReferenceEvaluator = @Sendable (_ index: Int, _ inputs: [Tensor?]) throws(ONNXError) -> [Tensor]

/// Why a graph has no plan for these inputs; the reference executor runs it instead.
enum PlanRefusal: Error {
    /// An operator's shape could not be found ahead, or its evaluation failed.
    case unplannable(node: String)
    /// A run met a value of another shape than planned: the shapes depend on data.
    case surprise(node: String)
    /// A node failed in the run.
    case failed(ONNXError)
}

extension PlanGraph {
    /// Bytes of the float constants.
    var weightBytes: Int {
        constants.values.reduce(0) { $0 + ($1.elementType == .float32 ? $1.count * 4 : 0) }
    }

    /// `graph` for the planner; nil when a node holds a graph of its own or makes something other than
    /// tensors.
    init?(_ graph: Graph) {
        var count = graph.valueCount
        nodes = []
        for node in graph.nodes {
            guard node.subgraphs.isEmpty, ControlOperator(node) == nil else { return nil }
            var outputs: [PlanValue] = []
            for output in node.outputs {
                if output == nil { count += 1 }
                outputs.append(output?.index ?? count - 1)
            }
            let op = node.domain.isEmpty ? node.operatorName : "\(node.domain).\(node.operatorName)"
            nodes.append(
                PlanNode(
                    name: node.title, op: op, attributes: node.attributes,
                    inputs: node.inputs.map { $0?.index },
                    outputs: outputs))
        }
        constants = [:]
        for (value, tensor) in graph.constants { constants[value.index] = tensor }
        inputs = graph.inputs.map(\.index)
        outputs = graph.outputs.map(\.index)
        valueCount = count
    }
}
