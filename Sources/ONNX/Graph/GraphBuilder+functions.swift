import Kernels

extension GraphBuilder {
    /// Puts the nodes of a model-local function in the place of `call` (`FunctionProto`), names made unique
    /// by the number of the call.
    mutating func inline(_ function: FunctionDocument, for call: NodeDocument) throws(ONNXError) {
        guard depth + functionDepth < model.limits.depthMax else {
            throw .tooLarge(what: "the depth of function calls", limit: model.limits.depthMax)
        }
        let prefix = "\(call.title)#\(model.nodeCount)/"
        var names: [String: String] = [:]
        for (index, name) in function.inputs.enumerated() {
            names[name] = index < call.inputs.count ? call.inputs[index] : ""
        }
        for (index, name) in function.outputs.enumerated() where index < call.outputs.count {
            if !call.outputs[index].isEmpty, names[name] == nil { names[name] = call.outputs[index] }
        }
        let given = Dictionary(
            (call.attributes + function.defaults).map { ($0.name, $0.value) },
            uniquingKeysWith: { first, _ in first })
        functionDepth += 1
        defer { functionDepth -= 1 }
        let body = function.nodes.map { $0.renamed(names, prefix: prefix, attributes: given) }
        for node in body { try add(node, in: body) }
        // An output that is an input of the function needs a node of its own.
        for (index, name) in function.outputs.enumerated() where index < call.outputs.count {
            guard let source = names[name], source != call.outputs[index], !call.outputs[index].isEmpty else {
                continue
            }
            var copy = NodeDocument(name: prefix + name, operatorName: "Identity")
            (copy.inputs, copy.outputs) = ([source], [call.outputs[index]])
            try add(copy, in: [])
        }
    }
}

extension NodeDocument {
    /// The node with its values renamed and references to the function's attributes filled in.
    fileprivate func renamed(
        _ names: [String: String], prefix: String, attributes given: [String: AttributeDocument.Value]
    ) -> NodeDocument {
        func rename(_ name: String) -> String { name.isEmpty ? "" : names[name] ?? prefix + name }
        var node = self
        node.name = prefix + (name.isEmpty ? outputs.first ?? "" : name)
        node.inputs = inputs.map(rename)
        node.outputs = outputs.map(rename)
        node.attributes = attributes.compactMap { attribute in
            var attribute = attribute
            switch attribute.value {
            case .reference(let name):
                guard let value = given[name] else { return nil }
                attribute.value = value
            case .graph(let graph):
                attribute.value = .graph(graph.renamed(names, prefix: prefix, attributes: given))
            case .plain, .tensor, .other: break
            }
            return attribute
        }
        return node
    }
}

extension GraphDocument {
    fileprivate func renamed(
        _ names: [String: String], prefix: String, attributes: [String: AttributeDocument.Value]
    ) -> GraphDocument {
        var graph = self
        graph.nodes = nodes.map { $0.renamed(names, prefix: prefix, attributes: attributes) }
        func rename(_ name: String) -> String { names[name] ?? prefix + name }
        for index in graph.inputs.indices { graph.inputs[index].name = rename(inputs[index].name) }
        for index in graph.outputs.indices { graph.outputs[index].name = rename(outputs[index].name) }
        for index in graph.initializers.indices {
            graph.initializers[index].name = rename(initializers[index].name)
        }
        return graph
    }
}
