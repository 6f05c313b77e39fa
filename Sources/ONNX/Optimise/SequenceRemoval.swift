import Kernels
import Tensors

/// Puts plain operators in the place of sequences whose making and reading are both in sight: what PyTorch's
/// exporter writes for `split`, `unbind`, `stack` and lists. The rest of the graph can then be planned.
///
/// The nodes that made the sequences are dead afterwards, unless somebody else reads them.
func removeSequences(in graph: inout Graph) {
    let view = GraphView(graph)
    var rewriting = SequenceRewriting(view: view, graph: graph)
    for number in graph.nodes.indices { rewriting.rewrite(number) }
    graph = rewriting.graph
    graph.nodes = rewriting.nodes
}

/// The nodes of a graph as they are rewritten one after another.
private struct SequenceRewriting {
    let view: GraphView
    var graph: Graph
    var nodes: [GraphNode] = []
    /// The parts that take the place of a sequence made by `SplitToSequence` of known sizes.
    private var parts: [ValueID: [ValueID]] = [:]

    init(view: GraphView, graph: Graph) { (self.view, self.graph) = (view, graph) }

    /// Appends node `number`, or what takes its place.
    mutating func rewrite(_ number: Int) {
        let node = view.graph.nodes[number]
        guard node.domain.isEmpty else { return nodes.append(node) }
        let rewritten: Bool =
            switch node.operatorName {
            case "SplitToSequence": split(node)
            case "SequenceAt": element(node)
            case "SequenceLength": length(node)
            case "ConcatFromSequence": concatenation(node)
            default: false
            }
        if !rewritten { nodes.append(node) }
    }

    /// The values that a sequence holds, where they are known one by one.
    private func elements(_ sequence: ValueID?) -> [ValueID]? {
        if let sequence, let known = parts[sequence] { return known }
        guard let number = view.producer(sequence, "SequenceConstruct") else { return nil }
        let inputs = view.graph.nodes[number].inputs.compactMap(\.self)
        return inputs.count == view.graph.nodes[number].inputs.count ? inputs : nil
    }

    private mutating func constant(_ values: [Int64], dims: [Int]) -> ValueID? {
        guard let tensor = try? Tensor(shape: Shape(dims), elements: values) else { return nil }
        let value = graph.makeValue()
        graph.constants[value] = tensor
        return value
    }

    private mutating func append(
        _ name: String, in place: GraphNode, _ inputs: [ValueID?], _ outputs: [ValueID?], axis: Int64? = nil
    ) {
        nodes.append(
            GraphNode(
                title: place.title, operatorName: name, domain: "", opset: place.opset, inputs: inputs,
                outputs: outputs, attributes: Attributes(axis.map { ["axis": .integer($0)] } ?? [:])))
    }

    /// Sizes given one by one: `Split`, each part a value. Needs the sizes as input of `Split` (opset 13).
    private mutating func split(_ node: GraphNode) -> Bool {
        guard node.opset >= 13, node.inputs.count > 1, let sizes = view.graph.constant(node.inputs[1]),
            sizes.shape.rank == 1, (1...4096).contains(sizes.count), let output = node.outputs.first ?? nil,
            let axis = axis(of: node)
        else { return false }
        let values = (0..<sizes.count).map { _ in graph.makeValue() }
        append("Split", in: node, [node.inputs[0], node.inputs[1]], values, axis: axis)
        parts[output] = values
        // Whoever reads the whole sequence still finds it; if nobody does, the node is dead.
        append("SequenceConstruct", in: node, values, [output])
        return true
    }

    private func axis(of node: GraphNode) -> Int64? {
        (try? node.attributes.integer("axis", default: 0)).map { Int64($0) }
    }

    /// `SequenceAt` of a known place: the value itself, or a slice of what was split.
    private mutating func element(_ node: GraphNode) -> Bool {
        guard node.inputs.count == 2, let place = view.scalar(node.inputs[1]), abs(place) < 1e12 else {
            return false
        }
        if let elements = elements(node.inputs[0]) {
            let index = place < 0 ? Int(place) + elements.count : Int(place)
            guard elements.indices.contains(index) else { return false }
            append("Identity", in: node, [elements[index]], node.outputs)
            return true
        }
        guard let number = view.producer(node.inputs[0], "SplitToSequence") else { return false }
        let maker = view.graph.nodes[number]
        guard let axis = axis(of: maker), let source = maker.inputs.first ?? nil else { return false }
        guard maker.inputs.count > 1, maker.inputs[1] != nil else {
            // One slice each; without `keepdims` the axis goes.
            let keepsAxis = (try? maker.attributes.flag("keepdims", default: true)) ?? true
            guard let index = constant([Int64(place)], dims: keepsAxis ? [1] : []) else { return false }
            append("Gather", in: node, [source, index], node.outputs, axis: axis)
            return true
        }
        guard let size = view.graph.constant(maker.inputs[1]), size.shape.rank == 0, node.opset >= 10,
            let width = view.scalar(maker.inputs[1]), (1...1e9).contains(width), (0..<1e9).contains(place)
        else { return false }
        let start = Int64(place) * Int64(width)
        guard let first = constant([start], dims: [1]),
            let end = constant([start + Int64(width)], dims: [1]), let axes = constant([axis], dims: [1])
        else { return false }
        append("Slice", in: node, [source, first, end, axes], node.outputs)
        nodes[nodes.count - 1].attributes.values[sequencePartAttribute] = .integer(1)
        return true
    }

    private mutating func length(_ node: GraphNode) -> Bool {
        guard let elements = elements(node.inputs.first ?? nil), let output = node.outputs.first ?? nil,
            let tensor = try? Tensor(shape: [], elements: [Int64(elements.count)])
        else { return false }
        graph.constants[output] = tensor
        return true
    }

    /// `ConcatFromSequence`: `Concat`, along a new axis after an `Unsqueeze` of each (opset 13).
    private mutating func concatenation(_ node: GraphNode) -> Bool {
        guard var elements = elements(node.inputs.first ?? nil), let axis = axis(of: node), !elements.isEmpty,
            let isNew = try? node.attributes.flag("new_axis")
        else { return false }
        if isNew {
            guard node.opset >= 13, let axes = constant([axis], dims: [1]) else { return false }
            elements = elements.map { element in
                let widened = graph.makeValue()
                append("Unsqueeze", in: node, [element, axes], [widened])
                return widened
            }
        }
        append("Concat", in: node, elements, node.outputs, axis: axis)
        return true
    }
}
