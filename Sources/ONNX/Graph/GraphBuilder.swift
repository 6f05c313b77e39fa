import Kernels
import Tensors

/// Turns a parsed graph into one of numbered values, checking names, order and operators on the way.
struct GraphBuilder {
    /// What all graphs of one model share.
    final class Model {
        let source: TensorSource
        let limits: NetworkLimits
        let opsets: [String: Int]
        let functions: [FunctionKey: FunctionDocument]
        /// Nodes built so far, inlined ones among them.
        var nodeCount = 0
        /// Operators and types that this build does not run, in the order found.
        var unsupported: [(node: String, feature: String)] = []

        init(_ document: ModelDocument, source: TensorSource, limits: NetworkLimits) {
            self.source = source
            self.limits = limits
            opsets = document.metadata.opsets
            functions = Dictionary(
                document.functions.map { (FunctionKey(domain: $0.domain, name: $0.name), $0) },
                uniquingKeysWith: { first, _ in first })
        }
    }

    struct FunctionKey: Hashable {
        let domain: String
        let name: String
    }

    let model: Model
    var graph = Graph()
    /// Values by the name that is in scope.
    var scope: [String: ValueID] = [:]
    /// Names visible in the enclosing graphs, outermost first.
    let outer: [[String: ValueID]]
    /// Names of enclosing graphs that this one reads, and the values that stand for them here.
    var captures: [(name: String, inner: ValueID)] = []
    let depth: Int
    /// Local functions being inlined around the current node.
    var functionDepth = 0

    init(model: Model, outer: [[String: ValueID]] = [], depth: Int = 0) {
        (self.model, self.outer, self.depth) = (model, outer, depth)
    }

    /// Builds the main graph.
    /// - Throws: the first fault; all unsupported operators at once.
    static func build(_ document: ModelDocument, source: TensorSource, limits: NetworkLimits)
        throws(ONNXError) -> ValidatedGraph
    {
        let model = Model(document, source: source, limits: limits)
        var builder = GraphBuilder(model: model)
        let initialized = Set(document.graph.initializers.map(\.name))
        try builder.add(document.graph, initialized: initialized)
        if let first = model.unsupported.first {
            let features = Set(model.unsupported.map(\.feature)).sorted().joined(separator: ", ")
            throw .unsupported(node: first.node, feature: features)
        }
        let inputs = try document.graph.inputs.filter { !initialized.contains($0.name) }.map(inputPort)
        return ValidatedGraph(
            graph: builder.graph, inputs: inputs, outputs: try document.graph.outputs.map(port))
    }

    /// A request gives tensors; a graph that wants anything else cannot be asked.
    private static func inputPort(_ document: PortDocument) throws(ONNXError) -> Port {
        guard !document.isOptional, document.kind == .tensor else {
            let kind = document.isOptional ? "an optional value" : "a \(document.kind)"
            throw .unsupported(node: "graph", feature: "an input that is \(kind)")
        }
        return try port(document)
    }

    private static func port(_ document: PortDocument) throws(ONNXError) -> Port {
        for case .fixed(let size) in document.dims where size < 0 {
            throw .invalid(node: "graph", reason: "'\(document.name)' has a dimension of \(size)")
        }
        // An output may leave its type open; float32 is then as good a guess as any.
        guard let type = ElementType(dataType: document.dataType == 0 ? 1 : document.dataType) else {
            throw .unsupported(node: "graph", feature: "element type \(dataTypeName(document.dataType))")
        }
        return Port(
            name: document.name, elementType: type, dims: document.dims, hasShape: document.hasShape,
            kind: document.kind)
    }

    /// Adds the values and nodes of `document`.
    mutating func add(_ document: GraphDocument, initialized: Set<String>) throws(ONNXError) {
        for tensor in document.initializers {
            guard !tensor.name.isEmpty else {
                throw .invalid(node: "graph", reason: "an initializer without a name")
            }
            let value = try define(tensor.name, by: "initializer")
            graph.constants[value] = try model.source.tensor(tensor)
        }
        for input in document.inputs where !initialized.contains(input.name) {
            graph.inputs.append(try define(input.name, by: "graph input"))
        }
        for node in document.nodes { try add(node, in: document.nodes) }
        for output in document.outputs {
            guard let value = lookUp(output.name) else {
                throw .invalid(node: "graph", reason: "no node makes the output '\(output.name)'")
            }
            graph.outputs.append(value)
        }
    }

    private mutating func define(_ name: String, by title: String) throws(ONNXError) -> ValueID {
        guard scope[name] == nil else {
            throw .invalid(node: title, reason: "the value '\(name)' is made twice")
        }
        let value = graph.makeValue(name)
        scope[name] = value
        return value
    }

    /// The value called `name` here or in an enclosing graph.
    private mutating func lookUp(_ name: String) -> ValueID? {
        if let value = scope[name] { return value }
        guard outer.contains(where: { $0[name] != nil }) else { return nil }
        let value = graph.makeValue(name)
        captures.append((name, value))
        scope[name] = value
        return value
    }

    mutating func add(_ node: NodeDocument, in siblings: [NodeDocument]) throws(ONNXError) {
        model.nodeCount += 1
        guard model.nodeCount <= model.limits.nodesMax else {
            throw .tooLarge(what: "the number of nodes", limit: model.limits.nodesMax)
        }
        let domain = node.domain == "ai.onnx" ? "" : node.domain
        if let function = model.functions[FunctionKey(domain: node.domain, name: node.operatorName)] {
            return try inline(function, for: node)
        }
        let inputs = try node.inputs.map { (name) throws(ONNXError) -> ValueID? in
            if name.isEmpty { return nil }
            if let value = lookUp(name) { return value }
            let isLater = siblings.contains { $0.outputs.contains(name) }
            throw .invalid(
                node: node.title,
                reason: isLater
                    ? "input '\(name)' is made by a later node or a cycle" : "input '\(name)' is missing")
        }
        var built = GraphNode(
            title: node.title, operatorName: node.operatorName, domain: domain,
            opset: model.opsets[domain] ?? 1,
            inputs: inputs, outputs: [], attributes: Attributes())
        guard inputs.count >= built.inputsLeast || !isSupported(built) else {
            throw .invalid(
                node: node.title, reason: "\(inputs.count) inputs where \(built.inputsLeast) belong")
        }
        for attribute in node.attributes { try add(attribute, to: &built) }
        built.outputs = try node.outputs.map { (name) throws(ONNXError) -> ValueID? in
            name.isEmpty ? nil : try define(name, by: node.title)
        }
        if !isSupported(built) {
            let name = domain.isEmpty ? node.operatorName : "\(domain).\(node.operatorName)"
            model.unsupported.append((node.title, "operator \(name)"))
        }
        guard built.outputs.contains(where: { $0 != nil }) else { return }
        graph.nodes.append(built)
    }

    private mutating func add(_ attribute: AttributeDocument, to node: inout GraphNode) throws(ONNXError) {
        switch attribute.value {
        case .plain(let value): node.attributes.values[attribute.name] = value
        case .tensor(let tensor):
            node.attributes.values[attribute.name] = .tensor(try model.source.tensor(tensor))
        case .graph(let document):
            guard depth < model.limits.depthMax else {
                throw .tooLarge(what: "the depth of graphs", limit: model.limits.depthMax)
            }
            var builder = GraphBuilder(model: model, outer: outer + [scope], depth: depth + 1)
            try builder.add(document, initialized: Set(document.initializers.map(\.name)))
            let captures = builder.captures.compactMap { capture in
                lookUp(capture.name).map { ($0, capture.inner) }
            }
            node.subgraphs[attribute.name] = Subgraph(graph: builder.graph, captures: captures)
        case .reference(let name):
            throw .invalid(
                node: node.title, reason: "attribute \(attribute.name) refers to '\(name)' outside a function"
            )
        case .other(let kind):
            // Attributes that no operator here reads may be of any kind.
            guard attribute.name.isEmpty || kind.hasPrefix("attribute type") else {
                throw .invalid(node: node.title, reason: "attribute \(attribute.name) holds \(kind)")
            }
        }
    }

    /// Whether this build runs the node's operator, as an operator or as control flow.
    private func isSupported(_ node: GraphNode) -> Bool {
        ControlOperator(node) != nil || referenceOperator(node.operatorName, domain: node.domain) != nil
    }
}
