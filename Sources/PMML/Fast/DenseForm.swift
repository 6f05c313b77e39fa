import CScoring

/// A neural network whose layers are full: each a matrix product and an activation.
struct DenseForm: Sendable {
    /// One layer; `weights` has a row for each input and a column for each neuron, filled up to 8 neurons.
    struct Layer: Sendable {
        let inputs: Int
        let neurons: Int
        let columns: Int
        let weights: FixedTable<Double>
        let biases: FixedTable<Double>
        let activation: NeuralNetwork.Activation
        let normalisation: NeuralNetwork.Normalisation
        let threshold: Double
    }

    let network: NeuralNetwork
    let output: NeuralNetwork.TargetOutput
    let layers: [Layer]
    /// The results among the last layer's neurons.
    let results: Range<Int>
    let isClassification: Bool
    private let inputs: [(place: Int, shift: Double, scale: Double)]
    /// The widest layer.
    private let width: Int

    /// - Throws: `Unfit` for networks of another shape.
    init(_ network: NeuralNetwork, _ types: SlotTypes, _ layout: inout PlaneLayout) throws(Unfit) {
        guard !network.math.isFloat else { throw Unfit("32-bit arithmetic") }
        guard let output = network.outputs.first, network.outputs.count == 1 else {
            throw Unfit("several targets")
        }
        self.network = network
        self.output = output
        var inputs: [(place: Int, shift: Double, scale: Double)] = []
        for input in network.inputs {
            let affine = try Affine(input, types)
            inputs.append((layout.number(affine.slot), affine.shift, affine.scale))
        }
        self.inputs = inputs
        var first = 0
        var count = inputs.count
        var layers: [Layer] = []
        for layer in network.layers {
            layers.append(try DenseForm.dense(layer, first..<first + count))
            first += count
            count = layer.biases.count
        }
        guard !layers.isEmpty else { throw Unfit("no layers") }
        self.layers = layers
        let last = first..<first + count
        guard let neuron = output.neurons.first, last.contains(neuron),
            output.neurons.elementsEqual(neuron..<neuron + output.neurons.count),
            neuron + output.neurons.count <= last.upperBound
        else { throw Unfit("outputs in another order than the last layer") }
        guard output.categories?.count ?? output.neurons.count == output.neurons.count else {
            throw Unfit("outputs without a category")
        }
        results = neuron - last.lowerBound..<neuron - last.lowerBound + output.neurons.count
        isClassification = output.categories != nil
        width = max(inputs.count, layers.map(\.columns).max() ?? 0)
    }

    private static func dense(_ layer: NeuralNetwork.Layer, _ before: Range<Int>) throws(Unfit) -> Layer {
        guard layer.activation != .radialBasis else { throw Unfit("radial basis functions") }
        let neurons = layer.biases.count
        // Before the matrix is made: layers that are not full would make it larger than the document.
        guard layer.inputs.count == before.count * neurons else { throw Unfit("layers that are not full") }
        let columns = (neurons + 7) / 8 * 8
        var weights = [Double](repeating: 0, count: before.count * columns)
        for neuron in 0..<neurons {
            let range = layer.starts[neuron]..<layer.starts[neuron + 1]
            guard layer.inputs[range].elementsEqual(before) else { throw Unfit("layers that are not full") }
            for (input, weight) in layer.weights[range].enumerated() {
                weights[input * columns + neuron] = weight
            }
        }
        return Layer(
            inputs: before.count, neurons: neurons, columns: columns, weights: FixedTable(weights),
            biases: FixedTable(layer.biases + [Double](repeating: 0, count: columns - neurons)),
            activation: layer.activation, normalisation: layer.normalisation, threshold: layer.threshold)
    }

    /// What it takes of a plane, values aside: two rows of neurons.
    var size: PlaneSize { PlaneSize(values: 0, columns: 0, sums: 2 * width) }

    /// The outputs of the last layer's neurons: neuron `k` of row `r` to `plane.sums[k * stride + r]`.
    func score(_ plane: Plane, rows: Int, stride: Int) {
        // SAFETY: `sums` holds two rows of `width` neurons for 64 rows each.
        var (from, to) = (plane.sums, plane.sums + width * stride)
        if layers.count % 2 == 1 { swap(&from, &to) }
        for (index, input) in inputs.enumerated() {
            let (x, y) = (plane.values + input.place * stride, from + index * stride)
            var sum = 0.0
            for row in 0..<rows {
                y[row] = (x[row] - input.shift) / input.scale
                sum += x[row]
            }
            // Infinities of both signs come here too, and find no NaN.
            guard sum.isNaN else { continue }
            for row in 0..<rows where x[row].isNaN { plane.isGeneral[row] = true }
        }
        for layer in layers {
            if stride == 1 {
                cs_layer_one(
                    layer.weights.pointer, layer.biases.pointer, layer.inputs, layer.columns, from, to)
            } else {
                cs_layer_many(
                    layer.weights.pointer, layer.biases.pointer, layer.inputs, layer.columns, from, rows, to)
            }
            activate(layer, to, rows: rows, stride: stride)
            swap(&from, &to)
        }
    }

    private func activate(_ layer: Layer, _ values: UnsafeMutablePointer<Double>, rows: Int, stride: Int) {
        // Whole columns at once where most of their rows count.
        let (runs, length) =
            stride == 1 || 2 * rows > stride ? (1, layer.neurons * stride) : (layer.neurons, rows)
        // SAFETY: `values` holds `columns * stride` numbers, and `columns` is at least `neurons`.
        switch layer.activation {
        case .identity: break
        case .rectifier:
            for run in 0..<runs {
                for index in run * stride..<run * stride + length {
                    values[index] = values[index] < 0 ? 0 : values[index]
                }
            }
        case .threshold, .logistic, .tanh, .exponential, .reciprocal, .square, .sine, .cosine, .arctan,
            .gauss,
            .elliott, .radialBasis:
            for neuron in 0..<layer.neurons {
                for index in neuron * stride..<neuron * stride + rows {
                    values[index] = layer.activation.apply(values[index], threshold: layer.threshold)
                }
            }
        }
        guard layer.normalisation != .none else { return }
        for row in 0..<rows { normalise(layer, values + row, stride: stride) }
    }

    /// As `NeuralNetwork` does, over the neurons of one row.
    private func normalise(_ layer: Layer, _ values: UnsafeMutablePointer<Double>, stride: Int) {
        // SAFETY: neuron `k` is at `k * stride`.
        if layer.normalisation == .softmax {
            var greatest = values[0]
            for neuron in 1..<max(1, layer.neurons) where values[neuron * stride] > greatest {
                greatest = values[neuron * stride]
            }
            for neuron in 0..<layer.neurons {
                values[neuron * stride] = exponential(values[neuron * stride] - greatest)
            }
        }
        var sum = 0.0
        for neuron in 0..<layer.neurons { sum += values[neuron * stride] }
        for neuron in 0..<layer.neurons { values[neuron * stride] /= sum }
    }
}
