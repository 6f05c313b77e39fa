import Kernels

/// A graph in two: nodes that can be planned before a run is given its data, and the rest.
///
///     inputs ---> front ---> boundary ---> back ---> outputs
///       '-----------------------^
///
/// A node waits for data when it steers the graph or makes sequences, when as many elements come out of it as
/// its operands' elements say, or when one of its operands comes from such a node. A detector's network is
/// planned that way, and what selects among its boxes runs behind it by the reference operators.
struct GraphCut {
    /// What is planned. Its outputs are the boundary's values that it makes.
    private(set) var front: Graph
    /// What runs on the boundary's values, which are its inputs; nil when everything can be planned.
    private(set) var back: Graph?

    /// Cuts `graph` before the first nodes that wait for data.
    init(_ graph: Graph) {
        var sorting = NodeSorting(graph)
        for node in graph.nodes { sorting.add(node) }
        front = graph
        guard !sorting.back.isEmpty else { return }
        var (planned, rest) = (graph, graph)
        (planned.nodes, rest.nodes) = (sorting.front, sorting.back)
        let made = Set(planned.nodes.flatMap { $0.outputs.compactMap(\.self) })
        let isOutside = { (value: ValueID) in made.contains(value) || graph.inputs.contains(value) }
        var boundary: [ValueID] = []
        var seen: Set<ValueID> = []
        for value in rest.nodes.flatMap(\.reads) + graph.outputs where isOutside(value) {
            if seen.insert(value).inserted { boundary.append(value) }
        }
        planned.outputs = boundary.filter(made.contains)
        rest.inputs = boundary
        removeDeadNodes(in: &planned)
        removeDeadNodes(in: &rest)
        (front, back) = (planned, rest)
    }

    /// The boundary's values, given the graph's inputs and what the front made of them.
    func boundary<Value>(_ inputs: [Value], _ made: [Value]) -> [Value?] {
        var values = Dictionary(zip(front.inputs, inputs), uniquingKeysWith: { first, _ in first })
        values.merge(zip(front.outputs, made)) { _, later in later }
        return (back?.inputs ?? []).map { values[$0] }
    }
}

extension Graph {
    /// Whether a fast kernel could have anything to do here.
    var isWorthPlanning: Bool {
        nodes.contains { node in ["Conv", "Gemm", "MatMul"].contains(where: node.isOperator) }
    }
}

/// Sorts nodes in the order of the graph into those that wait for data and those that do not.
private struct NodeSorting {
    private(set) var front: [GraphNode] = []
    private(set) var back: [GraphNode] = []
    /// Values that the back makes.
    private var late: Set<ValueID> = []
    /// Values that shapes alone decide.
    private var fixed: Set<ValueID>

    init(_ graph: Graph) { fixed = Set(graph.constants.keys) }

    mutating func add(_ node: GraphNode) {
        let outputs = node.outputs.compactMap(\.self)
        if node.reads.contains(where: late.contains) || waits(node) {
            back.append(node)
            late.formUnion(outputs)
            return
        }
        front.append(node)
        let isOfShapes = node.isOperator("Shape") || node.isOperator("Size")
        let isRandom = node.domain.isEmpty && isRandomOperator(node.operatorName)
        if isOfShapes || (!isRandom && node.reads.allSatisfy(fixed.contains)) { fixed.formUnion(outputs) }
    }

    /// Whether the shapes of the node's results are not known before its operands are.
    private func waits(_ node: GraphNode) -> Bool {
        if ControlOperator(node) != nil || !node.subgraphs.isEmpty { return true }
        switch node.domain {
        case "": break
        case "com.microsoft": return true
        default: return false
        }
        if countingOperators.contains(node.operatorName) { return true }
        let places = sizingOperands[node.operatorName] ?? 0
        return node.inputs.enumerated().contains { index, value in
            index < 8 && places >> UInt8(index) & 1 == 1 && value.map { !fixed.contains($0) } ?? false
        }
    }
}

/// Operators of as many results as they find.
private let countingOperators: Set<String> = [
    "Compress", "NonMaxSuppression", "NonZero", "StringNormalizer", "StringSplit", "Unique",
]

/// Operands whose elements say what shape the result has, a bit for each.
private let sizingOperands: [String: UInt8] = [
    "AffineGrid": 0b10, "BlackmanWindow": 0b1, "CenterCropPad": 0b10, "Col2Im": 0b110,
    "ConstantOfShape": 0b1, "DFT": 0b110, "Expand": 0b10, "HammingWindow": 0b1, "HannWindow": 0b1,
    "MaxUnpool": 0b100, "MelWeightMatrix": 0b11, "OneHot": 0b10, "Pad": 0b1010, "Range": 0b111,
    "ReduceL1": 0b10, "ReduceL2": 0b10, "ReduceLogSum": 0b10, "ReduceLogSumExp": 0b10, "ReduceMax": 0b10,
    "ReduceMean": 0b10, "ReduceMin": 0b10, "ReduceProd": 0b10, "ReduceSum": 0b10, "ReduceSumSquare": 0b10,
    "Reshape": 0b10, "Resize": 0b1110, "STFT": 0b1010, "Slice": 0b11110, "Split": 0b10, "Squeeze": 0b10,
    "Tile": 0b10, "TopK": 0b10, "Unsqueeze": 0b10, "Upsample": 0b10,
]
