import Kernels
import Tensors

/// A graph prepared for running node by node with the reference operators. Immutable.
struct Executor: Sendable {
    /// A node and what running it needs.
    struct Step: Sendable {
        let node: GraphNode
        let action: Action
        /// What the operator keeps between runs.
        let cache = PreparedCache()
        /// Values that nobody reads after this step.
        let released: [ValueID]
    }

    /// How a node is run.
    enum Action: Sendable {
        case operation(OperatorFunction)
        case control(ControlOperator, bodies: [String: Body])
    }

    /// A subgraph, prepared.
    final class Body: Sendable {
        let executor: Executor
        let captures: [(outer: ValueID, inner: ValueID)]

        init(_ subgraph: Subgraph, limits: NetworkLimits) throws(ONNXError) {
            executor = try Executor(subgraph.graph, limits: limits)
            captures = subgraph.captures
        }
    }

    let graph: Graph
    let steps: [Step]
    /// The values before a run: the constants.
    private let initial: [NetworkValue?]
    let limits: NetworkLimits

    /// Looks up every operator of `graph` and finds out when each value is last read.
    /// - Throws: `ONNXError.unsupported`.
    init(_ graph: Graph, limits: NetworkLimits) throws(ONNXError) {
        self.graph = graph
        self.limits = limits
        var lastUse = [Int?](repeating: nil, count: graph.valueCount)
        for (number, node) in graph.nodes.enumerated() {
            for value in node.outputs.compactMap(\.self) + node.reads { lastUse[value.index] = number }
        }
        for value in graph.outputs { lastUse[value.index] = nil }
        var released = [[ValueID]](repeating: [], count: graph.nodes.count)
        for (index, number) in lastUse.enumerated() {
            if let number, graph.constants[ValueID(index)] == nil { released[number].append(ValueID(index)) }
        }
        var steps: [Step] = []
        for (number, node) in graph.nodes.enumerated() {
            steps.append(Step(node: node, action: try Self.action(node, limits), released: released[number]))
        }
        self.steps = steps
        var initial = [NetworkValue?](repeating: nil, count: graph.valueCount)
        for (value, tensor) in graph.constants { initial[value.index] = .tensor(tensor) }
        self.initial = initial
    }

    private static func action(_ node: GraphNode, _ limits: NetworkLimits) throws(ONNXError) -> Action {
        if let control = ControlOperator(node) {
            var bodies: [String: Body] = [:]
            for (name, subgraph) in node.subgraphs { bodies[name] = try Body(subgraph, limits: limits) }
            return .control(control, bodies: bodies)
        }
        guard let operation = referenceOperator(node.operatorName, domain: node.domain) else {
            throw .unsupported(node: node.title, feature: "operator \(node.operatorName)")
        }
        return .operation(operation)
    }

    /// Runs the graph on `inputs`, in the order of `graph.inputs`.
    /// - Returns: the values of `graph.outputs`; nil for an empty optional.
    func run(_ inputs: [NetworkValue?], captured: [(ValueID, NetworkValue)] = [], _ workspace: Workspace)
        throws(ONNXError) -> [NetworkValue?]
    {
        // A body's values are laid out anew in each of its turns.
        do { try workspace.charge(initial.count) } catch { throw ONNXError(error, node: "graph") }
        var values = initial
        for (value, given) in captured { values[value.index] = given }
        for (value, given) in zip(graph.inputs, inputs) { values[value.index] = given }
        for step in steps {
            let results = try run(step, values, workspace)
            for (index, value) in step.node.outputs.enumerated() {
                guard let value else { continue }
                guard index < results.count else {
                    throw .unsupported(node: step.node.title, feature: "output \(index)")
                }
                values[value.index] = results[index]
            }
            for value in step.released { values[value.index] = nil }
        }
        return graph.outputs.map { values[$0.index] }
    }

    private func run(_ step: Step, _ values: [NetworkValue?], _ workspace: Workspace) throws(ONNXError)
        -> [NetworkValue?]
    {
        let node = step.node
        do {
            // What a node costs however small its tensors are.
            try workspace.charge(256)
        } catch {
            throw ONNXError(error, node: node.title)
        }
        switch step.action {
        case .control(let control, let bodies):
            defer { workspace.endClaims() }
            let call = ControlCall(
                node: node, bodies: bodies, values: values, workspace: workspace, limits: limits)
            return try call.run(control)
        case .operation where node.isOperator("Identity"):
            return [node.inputs.first.flatMap(\.self).flatMap { values[$0.index] }]
        case .operation(let operation):
            let inputs = try node.inputs.map { (value) throws(ONNXError) -> Tensor? in
                guard let value else { return nil }
                guard let tensor = values[value.index]?.tensor else {
                    throw .execution(node: node.title, reason: "an input is not a tensor")
                }
                return tensor
            }
            let outputCount = (node.outputs.lastIndex { $0 != nil } ?? -1) + 1
            let call = Invocation(
                inputs: inputs, attributes: node.attributes, opset: node.opset, outputCount: outputCount,
                workspace: workspace, cache: step.cache)
            do {
                return try operation(call).map { .tensor($0) }
            } catch {
                throw ONNXError(error, node: node.title)
            }
        }
    }
}

extension GraphNode {
    /// The outputs of this node alone on `inputs`, by the reference operator.
    /// - Throws: `ONNXError.unsupported` for control operators too.
    package func evaluate(_ inputs: [Tensor?], in workspace: Workspace) throws(ONNXError) -> [Tensor] {
        guard let operation = referenceOperator(operatorName, domain: domain) else {
            throw .unsupported(node: title, feature: "operator \(operatorName)")
        }
        let outputCount = (outputs.lastIndex { $0 != nil } ?? -1) + 1
        let call = Invocation(
            inputs: inputs, attributes: attributes, opset: opset, outputCount: outputCount,
            workspace: workspace)
        do { return try operation(call) } catch { throw ONNXError(error, node: title) }
    }
}

extension ONNXError {
    /// An operator's fault, told of its node.
    init(_ error: KernelError, node: String) {
        switch error {
        case .unsupported(let feature): self = .unsupported(node: node, feature: feature)
        case .invalid(let reason): self = .execution(node: node, reason: reason)
        case .tooLarge(let what): self = .execution(node: node, reason: what)
        }
    }
}
