import Glibc
import JSON
import ONNX
import Tensors

/// One model of the corpus with one folder of inputs and outputs.
struct ONNXCase {
    /// Path of the model's folder below the corpus.
    let name: String
    /// The operator or kind it is counted under.
    let group: String
    let model: String
    let dataSet: String
    let tolerance: ONNXTolerance

    /// How a case went.
    enum Outcome {
        /// The largest error as a share of the tolerance.
        case passed(Double)
        case failed(String)
        case refused(String)
    }

    /// Loads the model, runs it on the stored inputs and compares every stored output.
    func run() -> Outcome {
        do {
            let network = try Network.load(path: model)
            var inputs: [String: Tensor] = [:]
            for (index, port) in network.inputs.enumerated() {
                let path = "\(dataSet)/input_\(index).pb"
                if exists(path) { inputs[port.name] = try readTensor(path: path) }
            }
            let outputs = try network.run(inputs)
            guard !outputs.isEmpty else { return .failed("nothing to compare") }
            // What is drawn by lot has a type, a shape and a range, but no right values.
            if network.isRandom { return try haveExpectedForms(outputs.map(\.value), network) }
            var tolerance = tolerance
            if network.roundsOnce { tolerance.halfRelative = 0 }
            var worst = 0.0
            for (index, output) in outputs.enumerated() {
                guard let verdict = try verdict(output.value, index, tolerance) else {
                    return .failed("output \(index) (\(output.name)): there is none to compare with")
                }
                switch verdict {
                case .close(let error): worst = max(worst, error)
                case .wrong(let reason): return .failed("output \(index) (\(output.name)): \(reason)")
                }
            }
            return .passed(worst)
        } catch let error as ONNXError {
            if case .unsupported(_, let feature) = error { return .refused(feature) }
            return .failed("\(error)")
        } catch {
            return .failed("\(error)")
        }
    }

    private func haveExpectedForms(_ values: [NetworkValue], _ network: Network) throws -> Outcome {
        for (index, value) in values.enumerated() {
            let expected = try readTensor(path: "\(dataSet)/output_\(index).pb")
            guard value.tensor?.shape == expected.shape, value.tensor?.elementType == expected.elementType
            else {
                return .failed("output \(index): another type or shape than \(expected.shape)")
            }
            guard network.mayDraw(value.tensor?.doubles() ?? []) else {
                return .failed("output \(index): numbers outside the range that they are drawn from")
            }
        }
        return .passed(0)
    }

    private func verdict(_ value: NetworkValue, _ index: Int, _ tolerance: ONNXTolerance) throws
        -> ONNXVerdict?
    {
        let path = "\(dataSet)/output_\(index)"
        if exists(path + ".pb"), case .sequence(let elements) = value {
            return compare(elements, with: try readSequence(path: path + ".pb"), tolerance)
        }
        if exists(path + ".pb") { return compare(value, with: try readTensor(path: path + ".pb"), tolerance) }
        guard let bytes = readFile(path + ".json") else { return nil }
        return compare(value, with: try JSONDocument.parse(bytes).root, tolerance)
    }
}

extension Network {
    /// Operators that round a result once, or move it as it is.
    private static let singleSteps: Set<String> = [
        "Cast", "CastLike", "Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Concat",
        "Split", "Slice", "Gather", "GatherElements", "GatherND", "Expand", "Tile", "Pad", "Where", "Abs",
        "Neg", "Max", "Min", "Clip", "Relu", "Add", "Sub", "Mul", "Div", "Sqrt",
    ]

    /// Whether no result of this network is rounded more than once.
    fileprivate var roundsOnce: Bool {
        let names = optimised.graph.nodes.map(\.operatorName)
        return names.count <= 1 && names.allSatisfy(Self.singleSteps.contains)
    }

    /// Whether a network that is one node which draws lots may have drawn `values`.
    func mayDraw(_ values: [Double]) -> Bool {
        guard let node = optimised.graph.nodes.first, optimised.graph.nodes.count == 1 else { return true }
        func number(_ name: String, _ fallback: Double) -> Double {
            if case .float(let value)? = node.attributes.values[name] { Double(value) } else { fallback }
        }
        switch node.operatorName {
        case "Bernoulli": return values.allSatisfy { $0 == 0 || $0 == 1 }
        case "RandomUniform", "RandomUniformLike":
            let (low, high) = (number("low", 0), number("high", 1))
            return values.allSatisfy { $0 >= low && $0 <= high }
        case "Multinomial": return values.allSatisfy { $0 >= 0 && $0 == $0.rounded() }
        default: return values.allSatisfy(\.isFinite)
        }
    }
}

/// The bytes of the file at `path`, nil when it cannot be read or is longer than 256 MiB.
func readFile(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= 256 << 20 {
        let count = fread(&chunk, 1, chunk.count, file)
        if count == 0 { return bytes }
        bytes += chunk[..<count]
    }
    return nil
}
