import Kernels
import Tensors

/// One activation spelt as several nodes: its input, the node whose output is the result, and the one
/// operator.
private struct ActivationMatch {
    let input: ValueID
    let last: Int
    let operatorName: String
    var attributes: [String: AttributeValue] = [:]
}

/// Rewrites the long spellings of GELU (by `Erf` and by `Tanh`), SiLU and HardSwish to one node each.
/// The nodes that only they read are then dead.
func joinActivations(in graph: inout Graph) {
    let view = GraphView(graph)
    for number in graph.nodes.indices {
        let node = graph.nodes[number]
        let match: ActivationMatch? =
            switch node.domain.isEmpty ? node.operatorName : "" {
            case "Erf": view.erfGELU(number)
            case "Tanh": view.tanhGELU(number)
            case "Sigmoid", "HardSigmoid": view.gated(number)
            case "Clip": view.clippedSwish(number)
            default: nil
            }
        guard let match else { continue }
        graph.nodes[match.last] = GraphNode(
            title: graph.nodes[match.last].title, operatorName: match.operatorName, domain: "",
            opset: node.opset, inputs: [match.input], outputs: graph.nodes[match.last].outputs,
            attributes: Attributes(match.attributes))
    }
}

extension GraphView {
    /// `0.5 * x * (1 + Erf(x / sqrt(2)))`, the factors in any order.
    fileprivate func erfGELU(_ erf: Int) -> ActivationMatch? {
        guard let scaled = graph.nodes[erf].inputs.first.flatMap(\.self) else { return nil }
        var input: ValueID?
        if let divided = producer(scaled, "Div"),
            isScalar(graph.nodes[divided].inputs.last.flatMap(\.self), 2.0.squareRoot())
        {
            input = graph.nodes[divided].inputs[0]
        } else if let multiplied = producer(scaled, "Mul") {
            input = self.input(of: multiplied, besideScalar: 0.5.squareRoot())
        }
        guard let input, let last = halfGate(output(erf), by: input) else { return nil }
        return ActivationMatch(input: input, last: last, operatorName: "Gelu")
    }

    /// `0.5 * x * (1 + Tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))`.
    fileprivate func tanhGELU(_ tanh: Int) -> ActivationMatch? {
        guard let scaled = producer(graph.nodes[tanh].inputs.first.flatMap(\.self), "Mul"),
            let sum = producer(input(of: scaled, besideScalar: 0.7978845608028654), "Add")
        else { return nil }
        for input in graph.nodes[sum].inputs.compactMap(\.self) {
            guard let cubic = producer(self.input(of: sum, beside: input), "Mul"),
                let cube = self.input(of: cubic, besideScalar: 0.044715), isCube(cube, of: input),
                let last = halfGate(output(tanh), by: input)
            else { continue }
            return ActivationMatch(
                input: input, last: last, operatorName: "Gelu", attributes: ["approximate": .text("tanh")])
        }
        return nil
    }

    private func isCube(_ value: ValueID, of input: ValueID) -> Bool {
        if let power = producer(value, "Pow") {
            return graph.nodes[power].inputs.first == input
                && isScalar(graph.nodes[power].inputs.last.flatMap(\.self), 3)
        }
        guard let product = producer(value, "Mul"),
            let square = producer(self.input(of: product, beside: input), "Mul")
        else { return false }
        return graph.nodes[square].inputs.allSatisfy { $0 == input }
    }

    /// The last node of `0.5 * x * (1 + gate)`, whichever two factors are multiplied first.
    private func halfGate(_ gate: ValueID?, by input: ValueID) -> Int? {
        guard let raised = onlyReader(gate, "Add"), self.input(of: raised, besideScalar: 1) == gate,
            let product = onlyReader(output(raised), "Mul"),
            let factor = self.input(of: product, beside: output(raised))
        else { return nil }
        if let half = producer(factor, "Mul"), self.input(of: half, besideScalar: 0.5) == input {
            return product
        }
        guard let last = onlyReader(output(product), "Mul") else { return nil }
        if factor == input, self.input(of: last, besideScalar: 0.5) == output(product) { return last }
        if isScalar(factor, 0.5), self.input(of: last, beside: output(product)) == input { return last }
        return nil
    }

    /// `x * Sigmoid(x)`, and `x * HardSigmoid(x)` with the slope and offset of HardSwish.
    fileprivate func gated(_ gate: Int) -> ActivationMatch? {
        let node = graph.nodes[gate]
        guard let input = node.inputs.first.flatMap(\.self), let product = onlyReader(output(gate), "Mul"),
            self.input(of: product, beside: output(gate)) == input
        else { return nil }
        if node.isOperator("Sigmoid") {
            return ActivationMatch(
                input: input, last: product, operatorName: "Swish", attributes: ["alpha": .float(1)])
        }
        guard case .float(let alpha)? = node.attributes.values["alpha"], abs(alpha - 1 / 6) < 1e-6,
            (try? node.attributes.float("beta", default: 0.5)) == 0.5
        else { return nil }
        return ActivationMatch(input: input, last: product, operatorName: "HardSwish")
    }

    /// `x * Clip(x + 3, 0, 6) / 6`, the division before or after the product.
    fileprivate func clippedSwish(_ clip: Int) -> ActivationMatch? {
        let node = graph.nodes[clip]
        let low =
            node.opset < 11
            ? (try? node.attributes.float("min")).flatMap { $0.map(Double.init) }
            : scalar(node.inputs.count > 1 ? node.inputs[1] : nil)
        let high =
            node.opset < 11
            ? (try? node.attributes.float("max")).flatMap { $0.map(Double.init) }
            : scalar(node.inputs.count > 2 ? node.inputs[2] : nil)
        guard low == 0, high == 6, let sum = producer(node.inputs.first.flatMap(\.self), "Add"),
            let input = self.input(of: sum, besideScalar: 3)
        else { return nil }
        var gate = output(clip)
        var isDivided = false
        if let division = onlyReader(gate, "Div", "Mul"), divides(division, gate) {
            (gate, isDivided) = (output(division), true)
        }
        guard let product = onlyReader(gate, "Mul"), self.input(of: product, beside: gate) == input else {
            return nil
        }
        if isDivided { return ActivationMatch(input: input, last: product, operatorName: "HardSwish") }
        guard let last = onlyReader(output(product), "Div", "Mul"), divides(last, output(product)) else {
            return nil
        }
        return ActivationMatch(input: input, last: last, operatorName: "HardSwish")
    }

    /// Whether node `number` divides `value` by 6.
    private func divides(_ number: Int, _ value: ValueID?) -> Bool {
        let node = graph.nodes[number]
        if node.isOperator("Mul") { return input(of: number, besideScalar: 1 / 6) == value }
        return node.inputs.first == value && isScalar(node.inputs.last.flatMap(\.self), 6)
    }
}
