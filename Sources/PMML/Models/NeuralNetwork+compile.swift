extension NeuralNetwork {
    /// Compiles a `NeuralNetwork` element.
    static func compile(_ model: ModelContext) throws(Fault) -> any ScoringModel {
        var builder = NeuralBuilder(model: model)
        try builder.readInputs()
        for layer in model.element.children("NeuralLayer") { try builder.read(layer: layer) }
        let outputs = try builder.outputs()
        guard !outputs.isEmpty else { throw model.element.fault("element NeuralOutputs is required") }
        return NeuralNetwork(
            inputs: builder.inputs, layers: builder.layers, outputs: outputs, math: model.math)
    }
}

private struct NeuralBuilder {
    let model: ModelContext
    var inputs: [any Expression] = []
    var layers: [NeuralNetwork.Layer] = []
    private var positions: [String: Int] = [:]
    private var ids: [String] = []

    init(model: ModelContext) {
        self.model = model
    }

    private mutating func name(_ element: Element) throws(Fault) {
        let id = try element.required("id")
        guard positions[id] == nil else { throw element.fault("neuron \"\(id)\" is defined twice") }
        positions[id] = ids.count
        ids.append(id)
    }

    mutating func readInputs() throws(Fault) {
        for element in try model.element.requiredChild("NeuralInputs").children("NeuralInput") {
            try name(element)
            let derived = try element.requiredChild("DerivedField")
            inputs.append(DerivedExpression(field: try DerivedField(derived, scope: model.scope)))
        }
    }

    mutating func read(layer element: Element) throws(Fault) {
        let network = model.element
        func inherited(_ attribute: String) throws(Fault) -> Double? {
            guard let own = try element.number(attribute) else { return try network.number(attribute) }
            return own
        }
        let source = element["activationFunction"] == nil ? network : element
        guard let text = source["activationFunction"],
            let activation = NeuralNetwork.Activation(rawValue: text)
        else { throw source.fault("attribute activationFunction is missing or unknown") }
        let normalised = element["normalizationMethod"] == nil ? network : element
        let threshold = try inherited("threshold") ?? 0
        let altitude = try inherited("altitude") ?? 1
        let width = try inherited("width")
        var connections = Connections()
        for neuron in element.children("Neuron") {
            connections.biases.append(model.math.rounded(try neuron.number("bias") ?? 0))
            connections.altitudes.append(try neuron.number("altitude") ?? altitude)
            guard let width = try neuron.number("width") ?? (activation == .radialBasis ? width : 1) else {
                throw neuron.fault("attribute width is required")
            }
            connections.widths.append(width)
            for connection in neuron.children("Con") {
                let from = try connection.required("from")
                guard let position = positions[from] else {
                    throw connection.fault("there is no neuron \"\(from)\" before this one")
                }
                guard let weight = try connection.number("weight") else {
                    throw connection.fault("attribute weight is required")
                }
                connections.inputs.append(position)
                connections.weights.append(model.math.rounded(weight))
            }
            connections.starts.append(connections.inputs.count)
        }
        for neuron in element.children("Neuron") { try name(neuron) }
        layers.append(
            NeuralNetwork.Layer(
                activation: activation,
                normalisation: try normalised.choice(
                    "normalizationMethod", default: NeuralNetwork.Normalisation.none),
                threshold: threshold, altitudes: connections.altitudes, widths: connections.widths,
                biases: connections.biases, starts: connections.starts, inputs: connections.inputs,
                weights: connections.weights))
    }

    private struct Connections {
        var altitudes: [Double] = []
        var widths: [Double] = []
        var biases: [Double] = []
        var starts = [0]
        var inputs: [Int] = []
        var weights: [Double] = []
    }

    /// Groups the outputs by the target that they name.
    func outputs() throws(Fault) -> [NeuralNetwork.TargetOutput] {
        var order: [String] = []
        var grouped: [String: [(neuron: Int, decoding: NeuralNetwork.Decoding)]] = [:]
        for element in try model.element.requiredChild("NeuralOutputs").children("NeuralOutput") {
            let id = try element.required("outputNeuron")
            guard let neuron = positions[id] else { throw element.fault("there is no neuron \"\(id)\"") }
            let (field, decoding) = try decoding(try element.requiredChild("DerivedField"))
            if grouped[field] == nil { order.append(field) }
            grouped[field, default: []].append((neuron, decoding))
        }
        var outputs: [NeuralNetwork.TargetOutput] = []
        for field in order {
            let target = model.targets.first { $0.name == field } ?? model.target
            outputs.append(try output(grouped[field] ?? [], target))
        }
        return outputs
    }

    private func output(
        _ neurons: [(neuron: Int, decoding: NeuralNetwork.Decoding)], _ target: Target
    ) throws(Fault) -> NeuralNetwork.TargetOutput {
        var texts: [String] = []
        for (_, decoding) in neurons { if case .category(let text) = decoding { texts.append(text) } }
        var categories: Categories?
        if !texts.isEmpty {
            // The reference fails every row of such a network.
            guard texts.count == neurons.count else {
                throw model.element.fault("NormDiscrete is required in every NeuralOutput of a target")
            }
            guard let typed = try? Categories(texts: texts, type: target.categoryType) else {
                throw model.element.fault("a category is not of the target's type")
            }
            categories = typed
        }
        return NeuralNetwork.TargetOutput(
            target: target, neurons: neurons.map(\.neuron), entityIds: neurons.map { ids[$0.neuron] },
            decodings: neurons.map(\.decoding), categories: categories)
    }

    private func decoding(_ derived: Element) throws(Fault) -> (String, NeuralNetwork.Decoding) {
        for child in derived.children {
            switch child.name {
            case "NormDiscrete":
                return (try child.required("field"), .category(try child.required("value")))
            case "NormContinuous":
                let norm = try model.scope.normContinuous(child)
                return (try child.required("field"), .denormalised(norm))
            case "FieldRef":
                let field = try child.required("field")
                // The reference may go through a derived field that normalises the target.
                if let inner = derivedField(field) { return try decoding(inner) }
                return (field, .identity)
            default: continue
            }
        }
        throw derived.fault("a FieldRef, NormContinuous or NormDiscrete is required")
    }

    private func derivedField(_ name: String) -> Element? {
        model.element.child("LocalTransformations")?.children("DerivedField").first { $0["name"] == name }
            ?? model.compiler.globalDerived[name]
    }
}

/// A derived field used in place, without a name.
struct DerivedExpression: Expression {
    let field: DerivedField

    func evaluate(_ frame: Frame) throws(EvaluationError) -> FieldValue { try field.evaluate(frame) }
}
