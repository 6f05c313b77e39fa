import Glibc

/// PMML element `NeuralNetwork`.
final class NeuralNetwork: ScoringModel {
    /// Attribute `activationFunction`.
    enum Activation: String, Sendable {
        case threshold, logistic, tanh, identity, exponential, reciprocal, square, sine, cosine, arctan,
            rectifier
        case gauss = "Gauss"
        case elliott = "Elliott"
        case radialBasis

        /// The neuron's output from its weighted input.
        func apply(_ x: Double, threshold: Double) -> Double {
            switch self {
            case .threshold: x > threshold ? 1 : 0
            case .logistic: 1 / (1 + Glibc.exp(-x))
            case .tanh: Glibc.tanh(x)
            case .identity: x
            case .exponential: Glibc.exp(x)
            case .reciprocal: 1 / x
            case .square: x * x
            case .gauss: Glibc.exp(-(x * x))
            case .sine: Glibc.sin(x)
            case .cosine: Glibc.cos(x)
            case .elliott: x / (1 + abs(x))
            case .arctan: 2 * Glibc.atan(x) / Double.pi
            // A NaN stays, as with Java's `max`.
            case .rectifier: x < 0 ? 0 : x
            case .radialBasis: x
            }
        }
    }

    /// Attribute `normalizationMethod` of a layer.
    enum Normalisation: String, Sendable {
        case none, softmax, simplemax
    }

    /// PMML element `NeuralLayer`: neuron `i` reads `inputs[ starts[i] ..< starts[i + 1] ]`.
    struct Layer: Sendable {
        let activation: Activation
        let normalisation: Normalisation
        let threshold: Double
        let altitudes: [Double]
        let widths: [Double]
        let biases: [Double]
        let starts: [Int]
        /// Positions of the neurons read, and their weights.
        let inputs: [Int]
        let weights: [Double]
    }

    /// PMML element `NeuralOutput`.
    enum Decoding: Sendable {
        /// `NormContinuous`: back to the target's own scale.
        case denormalised(NormContinuous)
        /// `FieldRef`: the neuron's output itself.
        case identity
        /// `NormDiscrete`: the score of a category.
        case category(String)
    }

    /// The outputs that belong to one target.
    struct TargetOutput: Sendable {
        let target: Target
        let neurons: [Int]
        let entityIds: [String]
        let decodings: [Decoding]
        /// Nil for regression.
        let categories: Categories?
    }

    let inputs: [any Expression]
    let layers: [Layer]
    let outputs: [TargetOutput]
    let math: MathContext
    private let neuronCount: Int

    init(inputs: [any Expression], layers: [Layer], outputs: [TargetOutput], math: MathContext) {
        self.inputs = inputs
        self.layers = layers
        self.outputs = outputs
        self.math = math
        neuronCount = inputs.count + layers.reduce(0) { $0 + $1.biases.count }
    }

    var form: String {
        "neural network: "
            + ([inputs.count] + layers.map(\.biases.count)).map(String.init).joined(separator: "-")
    }

    func score(_ frame: Frame) throws(EvaluationError) -> Outcome {
        guard let values = try activations(frame) else { return try nothing() }
        guard outputs.count > 1 else { return try decode(outputs[0], values) }
        var targets: [(target: String, outcome: Outcome)] = []
        for output in outputs {
            targets.append((output.target.name ?? "", try decode(output, values)))
        }
        return .several(targets)
    }

    private func nothing() throws(EvaluationError) -> Outcome {
        guard let first = outputs.first else { return .missing }
        return first.categories == nil
            ? try first.target.regression(nil) : try first.target.classificationDefault()
    }

    /// The output of every neuron, inputs first; nil where an input is missing.
    private func activations(_ frame: Frame) throws(EvaluationError) -> [Double]? {
        var values: [Double] = []
        values.reserveCapacity(neuronCount)
        for input in inputs {
            let field = try input.evaluate(frame)
            if field.isMissing { return nil }
            guard let number = try field.value.cast(to: .double).number else { return nil }
            values.append(math.rounded(number))
        }
        for layer in layers { evaluate(layer, &values) }
        return values
    }

    private func evaluate(_ layer: Layer, _ values: inout [Double]) {
        let first = values.count
        for neuron in layer.biases.indices {
            let range = layer.starts[neuron]..<layer.starts[neuron + 1]
            values.append(
                layer.activation == .radialBasis
                    ? radial(layer, neuron, range, values) : weighted(layer, neuron, range, values))
        }
        switch layer.normalisation {
        case .none: break
        case .softmax: softmax(&values, from: first)
        case .simplemax: simplemax(&values, from: first)
        }
    }

    private func weighted(_ layer: Layer, _ neuron: Int, _ range: Range<Int>, _ values: [Double]) -> Double {
        var sum = 0.0
        for index in range {
            sum = math.rounded(sum + math.rounded(values[layer.inputs[index]] * layer.weights[index]))
        }
        sum = math.rounded(sum + layer.biases[neuron])
        return math.rounded(layer.activation.apply(sum, threshold: layer.threshold))
    }

    /// `exp(fanIn * log(altitude) - distance^2 / (2 * width^2))`.
    private func radial(_ layer: Layer, _ neuron: Int, _ range: Range<Int>, _ values: [Double]) -> Double {
        var distance = 0.0
        for index in range {
            let difference = layer.weights[index] - values[layer.inputs[index]]
            distance = math.rounded(distance + math.rounded(difference * difference))
        }
        let width = layer.widths[neuron]
        let exponent =
            Double(range.count) * Glibc.log(layer.altitudes[neuron]) - distance / (2 * width * width)
        return math.rounded(Glibc.exp(exponent))
    }

    private func softmax(_ values: inout [Double], from first: Int) {
        guard let greatest = values[first...].max() else { return }
        for index in first..<values.count {
            values[index] = math.rounded(exponential(math.rounded(values[index] - greatest)))
        }
        simplemax(&values, from: first)
    }

    private func simplemax(_ values: inout [Double], from first: Int) {
        let sum = values[first...].reduce(0) { math.rounded($0 + $1) }
        for index in first..<values.count { values[index] = math.rounded(values[index] / sum) }
    }

    private func decode(_ output: TargetOutput, _ values: [Double]) throws(EvaluationError) -> Outcome {
        guard let categories = output.categories else {
            guard let neuron = output.neurons.first else { return .missing }
            return try regression(output, values[neuron])
        }
        let distribution = Distribution(
            categories: categories, scores: output.neurons.map { values[$0] }, isFloat: math.isFloat)
        let best = distribution.best
        let value = best.map { categories.values[$0] } ?? .missing
        return .full(
            Prediction(
                value: FieldValue(value, output.target.opType ?? .categorical), probability: distribution,
                entity: Prediction.Entity(id: best.map { output.entityIds[$0] })))
    }

    /// The answer of an output for a number, from what its neuron gives.
    func regression(_ output: TargetOutput, _ value: Double) throws(EvaluationError) -> Outcome {
        guard let decoding = output.decodings.first else { return .missing }
        switch decoding {
        case .denormalised(let norm):
            return try output.target.regression(norm.denormalised(value).map(math.rounded))
        case .identity, .category: return try output.target.regression(value)
        }
    }
}
