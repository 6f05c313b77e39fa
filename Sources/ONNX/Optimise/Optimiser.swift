import Kernels
import Tensors

/// Folds and joins the nodes of `validated`; with `options.optimises` off they stay as they are.
func optimise(
    _ validated: ValidatedGraph, options: NetworkOptions, pool: TensorPool, limits: NetworkLimits
) throws(ONNXError) -> OptimisedGraph {
    var graph = validated.graph
    if options.optimises {
        let workspace = Workspace(pool: pool, operationsMax: limits.operationsMax)
        try foldConstants(in: &graph, workspace: workspace)
        removeSequences(in: &graph)
        removeIdentities(in: &graph)
        removeDeadNodes(in: &graph)
        try foldAffine(in: &graph, pool: pool)
        joinActivations(in: &graph)
        removeDeadNodes(in: &graph)
    }
    return OptimisedGraph(graph: graph, inputs: validated.inputs, outputs: validated.outputs)
}

/// Evaluates every node whose inputs are constants and puts its outputs among the constants.
///
/// A node that fails here is left for the run, whose error names it.
func foldConstants(in graph: inout Graph, workspace: Workspace) throws(ONNXError) {
    var kept: [GraphNode] = []
    for node in graph.nodes {
        let inputs = node.inputs.map { $0.flatMap { graph.constants[$0] } }
        let isConstant = zip(node.inputs, inputs).allSatisfy { $0 == nil || $1 != nil }
        guard isConstant, ControlOperator(node) == nil, !isRandomOperator(node.operatorName),
            let operation = referenceOperator(node.operatorName, domain: node.domain)
        else {
            kept.append(node)
            continue
        }
        let call = Invocation(
            inputs: inputs, attributes: node.attributes, opset: node.opset, outputCount: node.outputs.count,
            workspace: workspace)
        guard let results = try? operation(call), results.count >= node.outputs.count else {
            kept.append(node)
            continue
        }
        for (value, tensor) in zip(node.outputs, results) {
            if let value { graph.constants[value] = tensor }
        }
    }
    graph.nodes = kept
}

/// Removes `Identity`, and `Dropout` whose mask nobody reads, by letting readers read their input.
func removeIdentities(in graph: inout Graph) {
    var replacement: [ValueID: ValueID] = [:]
    let outputs = Set(graph.outputs)
    let uses = graph.useCounts()
    graph.nodes = graph.nodes.compactMap { original in
        let node = original.replacing(replacement)
        let isIdentity = node.isOperator("Identity") || (node.isOperator("Dropout") && node.inputs.count < 3)
        let maskIsUnread = node.outputs.dropFirst().allSatisfy { $0.map { uses[$0.index] == 0 } ?? true }
        guard isIdentity, maskIsUnread, let input = node.inputs.first.flatMap(\.self),
            let output = node.outputs.first.flatMap(\.self), !outputs.contains(output)
        else { return node }
        replacement[output] = input
        return nil
    }
}

/// Removes nodes none of whose outputs is read, and constants nobody reads.
func removeDeadNodes(in graph: inout Graph) {
    var isRead = [Bool](repeating: false, count: graph.valueCount)
    for value in graph.outputs { isRead[value.index] = true }
    var kept: [GraphNode] = []
    for node in graph.nodes.reversed()
    where node.outputs.contains(where: { $0.map { isRead[$0.index] } ?? false }) {
        kept.append(node)
        for value in node.reads { isRead[value.index] = true }
    }
    graph.nodes = kept.reversed()
    graph.constants = graph.constants.filter { isRead[$0.key.index] }
}

extension GraphNode {
    /// The node reading the replacements of its values.
    func replacing(_ replacement: [ValueID: ValueID]) -> GraphNode {
        if replacement.isEmpty { return self }
        func current(_ value: ValueID) -> ValueID { replacement[value] ?? value }
        var node = self
        node.inputs = inputs.map { $0.map(current) }
        for (name, subgraph) in subgraphs {
            var subgraph = subgraph
            subgraph.captures = subgraph.captures.map { (current($0.outer), $0.inner) }
            node.subgraphs[name] = subgraph
        }
        return node
    }
}
