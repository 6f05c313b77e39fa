extension Network {
    /// Text for `augur describe`: each node with its shapes and how it is run.
    package func describePlan() -> String {
        let graph = optimised.graph
        var lines = ["\(graph.nodes.count) nodes, \(graph.constants.count) constants"]
        for node in graph.nodes {
            var line = node.title
            if let weights = graph.constant(node.inputs.dropFirst().first.flatMap(\.self)) {
                line += "  weights \(weights.shape)"
            }
            lines.append(line)
        }
        return lines.joined(separator: "\n")
    }
}
