import Kernels
import Tensors

/// A graph with what pattern matching asks of it: who makes a value, who reads it, and what a constant is.
struct GraphView {
    let graph: Graph
    private let producers: [Int?]
    private let uses: [Int]
    private let readers: [Int?]

    init(_ graph: Graph) {
        self.graph = graph
        producers = graph.producers()
        uses = graph.useCounts()
        var readers = [Int?](repeating: nil, count: graph.valueCount)
        for (number, node) in graph.nodes.enumerated() {
            for value in node.reads { readers[value.index] = number }
        }
        self.readers = readers
    }

    /// The number of the node that makes `value`, when its operator is among `names`.
    func producer(_ value: ValueID?, _ names: String...) -> Int? {
        guard let value, let number = producers[value.index],
            names.contains(where: graph.nodes[number].isOperator)
        else { return nil }
        return number
    }

    /// The number of the only node that reads `value`, when its operator is among `names`.
    func onlyReader(_ value: ValueID?, _ names: String...) -> Int? {
        guard let value, uses[value.index] == 1, let number = readers[value.index],
            names.contains(where: graph.nodes[number].isOperator)
        else { return nil }
        return number
    }

    /// True when one node reads `value`, and no graph output is it.
    func isReadOnce(_ value: ValueID?) -> Bool { value.map { uses[$0.index] == 1 } ?? false }

    /// The one number of a constant of one element.
    func scalar(_ value: ValueID?) -> Double? {
        guard let tensor = graph.constant(value), tensor.count == 1, tensor.elementType != .string else {
            return nil
        }
        return tensor.doubles().first
    }

    /// Whether `value` is a constant within a millionth of `expected`.
    func isScalar(_ value: ValueID?, _ expected: Double) -> Bool {
        guard let found = scalar(value) else { return false }
        return abs(found - expected) <= 1e-6 * max(1, abs(expected))
    }

    /// For a node of two inputs, the other one when one of them is the constant `expected`.
    func input(of number: Int, besideScalar expected: Double) -> ValueID? {
        let inputs = graph.nodes[number].inputs
        guard inputs.count == 2 else { return nil }
        if isScalar(inputs[1], expected) { return inputs[0] }
        return isScalar(inputs[0], expected) ? inputs[1] : nil
    }

    /// For a node of two inputs, the other one when one of them is `value`.
    func input(of number: Int, beside value: ValueID?) -> ValueID? {
        let inputs = graph.nodes[number].inputs
        guard inputs.count == 2, value != nil else { return nil }
        if inputs[0] == value { return inputs[1] }
        return inputs[1] == value ? inputs[0] : nil
    }

    /// The first output of node `number`.
    func output(_ number: Int?) -> ValueID? {
        number.flatMap { graph.nodes[$0].outputs.first.flatMap(\.self) }
    }
}
