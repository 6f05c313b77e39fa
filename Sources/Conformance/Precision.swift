import Glibc
import Imaging
import ONNX
import Serving
import Tensors

/// Holds every image network below `directory` against itself in 64-bit floats, and prints how far its class
/// probabilities are off.
///
/// The fast kernels run in the least exact form that measuring could choose for each convolution. A network
/// with a `model.yaml` sees the pictures of `images` (`CLASS/NAME.jpg`; at most `countMax` of them), others
/// the first input of their `test_data_set_0`. It passes when no probability is off by more than 1e-3 and no
/// picture's class changes; quantised networks are left out, since rounding is what they are about.
package func runPrecision(
    directory: String, images: String?, countMax: Int, print: (String) -> Void
) -> ConformanceCount {
    var count = ConformanceCount()
    let pictures = images.map { LabelledPicture.find(in: $0, countMax: countMax) } ?? []
    for folder in modelFolders(directory, depth: 0) {
        do {
            guard let network = try PrecisionCase(folder, pictures) else { continue }
            let result = try network.run()
            if result.isPassed { count.passed += 1 } else { count.failed += 1 }
            print("\(result.isPassed ? "passed" : "failed") \(folder): \(result.summary)")
        } catch {
            count.failed += 1
            print("failed \(folder): \(error)")
        }
    }
    print(count.summary)
    return count
}

/// Folders below `folder` that hold a `model.onnx`.
private func modelFolders(_ folder: String, depth: Int) -> [String] {
    let names = namesInFolder(folder)
    if names.contains("model.onnx") { return [folder] }
    guard depth < 4 else { return [] }
    return names.filter { !$0.hasPrefix(".") && !$0.contains(".") }.flatMap {
        modelFolders("\(folder)/\($0)", depth: depth + 1)
    }
}

/// A picture and the folder that names its class.
struct LabelledPicture {
    let label: String
    let path: String

    /// Pictures `CLASS/NAME.jpg` below `folder`: the first of each class in turn, `countMax` at most.
    static func find(in folder: String, countMax: Int) -> [LabelledPicture] {
        let classes = namesInFolder(folder).map { label in
            namesInFolder("\(folder)/\(label)").filter { $0.hasSuffix(".jpg") }.map {
                LabelledPicture(label: label, path: "\(folder)/\(label)/\($0)")
            }
        }
        let longest = classes.map(\.count).max() ?? 0
        let turns = (0..<longest).lazy.flatMap { turn in
            classes.compactMap { $0.indices.contains(turn) ? $0[turn] : nil }
        }
        return Array(turns.prefix(countMax))
    }
}

/// How far a network's probabilities were from those in 64-bit floats.
struct PrecisionResult {
    var rows = 0
    /// The largest difference of a probability.
    var largest = 0.0
    /// Rows whose most probable class is another.
    var changed = 0
    /// Rows, or classes of a row, that one of the two lacks.
    var missing = 0
    /// Rows whose most probable class is the picture's, where that is known.
    var right: Int?

    /// What is asked of every image network.
    static let differenceMax = 1e-3

    var isPassed: Bool { rows > 0 && largest <= Self.differenceMax && changed == 0 && missing == 0 }

    var summary: String {
        let hits = right.map { ", \($0) classes right (\(Double($0) * 10_000 / Double(rows) / 100) %)" } ?? ""
        let lack = missing > 0 ? ", \(missing) missing" : ""
        return "\(rows) rows, probabilities within \(largest), \(changed) classes changed" + lack + hits
    }

    /// Takes in the probabilities of some rows, in 32 and in 64 bits.
    mutating func add(_ fast: [[Double]], _ exact: [[Double]], _ labels: [Int?]) {
        missing += abs(fast.count - exact.count)
        for (index, (mine, truth)) in zip(fast, exact).enumerated() {
            rows += 1
            missing += abs(mine.count - truth.count)
            largest = max(largest, zip(mine, truth).map { abs($0 - $1) }.max() ?? .infinity)
            let best = mine.indices.max { mine[$0] < mine[$1] }
            if best != truth.indices.max(by: { truth[$0] < truth[$1] }) { changed += 1 }
            if let label = labels.indices.contains(index) ? labels[index] : nil, best == label {
                right = (right ?? 0) + 1
            }
        }
    }
}

/// One network with its inputs.
private struct PrecisionCase {
    let fast: Network
    let exact: Network
    let input: String
    /// Batches, with the class of each row where it is known.
    let batches: [() throws -> (tensor: Tensor, labels: [Int?])]

    /// Nil for what is no float image network.
    init?(_ folder: String, _ pictures: [LabelledPicture]) throws {
        var options = NetworkOptions()
        options.arithmetic = .leastExact
        fast = try Network.load(path: "\(folder)/model.onnx", options: options)
        let operators = Set(fast.optimised.graph.nodes.map(\.operatorName))
        guard operators.contains("Conv"), operators.allSatisfy({ !$0.contains("Quantize") }),
            let port = fast.inputs.first, fast.inputs.count == 1
        else { return nil }
        options.arithmetic = .doubles
        exact = try Network.load(path: "\(folder)/model.onnx", options: options)
        input = port.name
        if let yaml = readFile("\(folder)/model.yaml") {
            let configuration = try ModelConfiguration(yaml: yaml)
            guard let recipe = configuration.image, !pictures.isEmpty else { return nil }
            let pipeline = try ImagePipeline(recipe)
            batches = stride(from: 0, to: pictures.count, by: 50).map { start in
                let part = pictures[start..<min(start + 50, pictures.count)]
                return { try batch(part, pipeline, recipe, configuration.labels ?? []) }
            }
        } else {
            let path = "\(folder)/test_data_set_0/input_0.pb"
            guard exists(path) else { return nil }
            batches = [{ (try readTensor(path: path), []) }]
        }
    }

    func run() throws -> PrecisionResult {
        var result = PrecisionResult()
        for batch in batches {
            let (tensor, labels) = try batch()
            result.add(try rows(fast, tensor), try rows(exact, tensor), labels)
        }
        return result
    }

    /// The first output as probabilities: one row for each image, or for each pixel of an image.
    private func rows(_ network: Network, _ tensor: Tensor) throws -> [[Double]] {
        guard let output = try network.run([input: tensor]).first?.value.tensor, output.shape.rank >= 2 else {
            return []
        }
        let (images, classes) = (output.shape.dims[0], output.shape.dims[1])
        let pixels = output.shape.dims.dropFirst(2).reduce(1, *)
        let values = output.doubles()
        return (0..<images * pixels).map { row in
            let (image, pixel) = row.quotientAndRemainder(dividingBy: pixels)
            return probabilities((0..<classes).map { values[(image * classes + $0) * pixels + pixel] })
        }
    }
}

/// Logits by softmax; what is a distribution already stays as it is.
private func probabilities(_ scores: [Double]) -> [Double] {
    if scores.allSatisfy({ $0 >= 0 && $0 <= 1 }), abs(scores.reduce(0, +) - 1) < 1e-4 { return scores }
    let largest = scores.max() ?? 0
    let powers = scores.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
}

private func batch(
    _ pictures: ArraySlice<LabelledPicture>, _ pipeline: ImagePipeline, _ recipe: ImageRecipe,
    _ labels: [String]
) throws -> (tensor: Tensor, labels: [Int?]) {
    var floats: [Float] = []
    for picture in pictures {
        floats += try pipeline.tensor(decoding: readFile(picture.path) ?? [])
    }
    let shape = Shape([pictures.count] + recipe.shape.dropFirst())
    return (try Tensor(shape: shape, floats: floats), pictures.map { labels.firstIndex(of: $0.label) })
}
