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
            // What is drawn by lot has a type and a shape, but no right values.
            if network.isRandom { return try haveExpectedForms(outputs.map(\.value)) }
            var worst = 0.0
            for (index, output) in outputs.enumerated() {
                guard let verdict = try verdict(output.value, index) else { continue }
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

    private func haveExpectedForms(_ values: [NetworkValue]) throws -> Outcome {
        for (index, value) in values.enumerated() {
            let expected = try readTensor(path: "\(dataSet)/output_\(index).pb")
            guard value.tensor?.shape == expected.shape, value.tensor?.elementType == expected.elementType
            else {
                return .failed("output \(index): another type or shape than \(expected.shape)")
            }
        }
        return .passed(0)
    }

    private func verdict(_ value: NetworkValue, _ index: Int) throws -> ONNXVerdict? {
        let path = "\(dataSet)/output_\(index)"
        if exists(path + ".pb"), case .sequence(let elements) = value {
            return compare(elements, with: try readSequence(path: path + ".pb"), tolerance)
        }
        if exists(path + ".pb") { return compare(value, with: try readTensor(path: path + ".pb"), tolerance) }
        guard let bytes = readFile(path + ".json") else { return nil }
        return compare(value, with: try JSONDocument.parse(bytes).root, tolerance)
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
