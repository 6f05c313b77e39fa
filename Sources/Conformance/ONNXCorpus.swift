import Glibc
import JSON
import ONNX

/// Runs every ONNX case below `directory` and prints how each operator and the whole went.
///
/// A case is a folder with `model.onnx` and `test_data_set_K/{input,output}_J.pb`. A folder with
/// `seeded_data_set_0` is run once more with the weights that `materialise_light.py` (above it) makes,
/// wherever `AUGUR_PYTHON` or `python3` has onnx and numpy. The last line is `N passed, N failed, N refused`.
package func runONNXConformance(directory: String, print: (String) -> Void) -> ConformanceCount {
    var corpus = ONNXCorpus(root: directory)
    corpus.find(in: directory, depth: 0)
    var count = ConformanceCount()
    var groups: [String: ONNXGroup] = [:]
    for item in corpus.cases {
        let outcome = item.run()
        groups[item.group, default: ONNXGroup()].add(outcome, to: &count)
        if case .failed(let reason) = outcome { print("failed \(item.name): \(reason)") }
    }
    corpus.removeMadeModels()
    for (name, group) in groups.sorted(by: { $0.key < $1.key }) { print("\(name): \(group.summary)") }
    for note in corpus.notes { print(note) }
    print(count.summary)
    return count
}

/// The cases of one operator.
private struct ONNXGroup {
    private var count = ConformanceCount()
    private var largest = 0.0
    private var refusals: Set<String> = []

    mutating func add(_ outcome: ONNXCase.Outcome, to total: inout ConformanceCount) {
        switch outcome {
        case .passed(let error):
            count.passed += 1
            total.passed += 1
            largest = max(largest, error)
        case .failed:
            count.failed += 1
            total.failed += 1
        case .refused(let feature):
            count.refused += 1
            total.refused += 1
            refusals.insert(feature)
        }
    }

    var summary: String {
        let percent = (largest * 1000).rounded() / 10
        let reasons = refusals.isEmpty ? "" : " (" + refusals.sorted().joined(separator: "; ") + ")"
        return count.summary + reasons + ", largest error \(percent) % of the tolerance"
    }
}

/// What is to be run.
private struct ONNXCorpus {
    let root: String
    private(set) var cases: [ONNXCase] = []
    private(set) var notes: [String] = []
    private var groupNames: [String: String] = [:]
    private var made: [String] = []
    private var python: String??

    init(root: String) {
        self.root = root
        readIndex("index_node.json", field: "op")
        readIndex("index_models.json", field: "kind")
    }

    private mutating func readIndex(_ name: String, field: String) {
        guard let bytes = readFile("\(root)/\(name)"), let document = try? JSONDocument.parse(bytes) else {
            return
        }
        for entry in document.root.elements {
            guard let folder = entry["dir"]?.asString, let group = entry[field]?.asString else { continue }
            groupNames[folder] = group
        }
    }

    mutating func find(in folder: String, depth: Int) {
        let names = namesInFolder(folder)
        if names.contains("model.onnx") { return addModel(folder, names) }
        guard depth < 8 else { return }
        for name in names where !name.hasPrefix(".") && !name.contains(".") || name.contains("@") {
            find(in: "\(folder)/\(name)", depth: depth + 1)
        }
    }

    private mutating func addModel(_ folder: String, _ names: [String]) {
        let relative =
            folder.hasPrefix(root) ? String(folder.dropFirst(root.count).drop { $0 == "/" }) : folder
        var tolerance = ONNXTolerance()
        // Operators are compared by element, whole models by norm, wherever the walk began.
        if !folder.split(separator: "/").contains("node") {
            tolerance.relativeNorm = relative.contains("int8_") ? 5e-2 : 1e-4
        }
        let group = groupNames[relative] ?? relative.split(separator: "/").first.map(String.init) ?? "models"
        for set in names where set.hasPrefix("test_data_set_") {
            cases.append(
                ONNXCase(
                    name: "\(relative)/\(set)", group: group, model: "\(folder)/model.onnx",
                    dataSet: "\(folder)/\(set)", tolerance: tolerance))
        }
        for set in names where set.hasPrefix("seeded_data_set_") {
            guard let model = materialise(folder) else { continue }
            cases.append(
                ONNXCase(
                    name: "\(relative)/\(set)", group: "\(group) (seeded)", model: model,
                    dataSet: "\(folder)/\(set)", tolerance: tolerance))
        }
    }

    private mutating func materialise(_ folder: String) -> String? {
        let script = "\(folder)/../../materialise_light.py"
        if python == nil {
            let candidates = [getenv("AUGUR_PYTHON").map { String(cString: $0) }, "python3"].compactMap(
                \.self)
            python = candidates.first { succeeds([$0, "-c", "import onnx, numpy"]) }
            if python == .some(nil) { notes.append("seeded data skipped: no Python with onnx and numpy") }
        }
        guard let interpreter = python.flatMap(\.self), exists(script) else { return nil }
        let target = "/tmp/augur-seeded-\(getpid())-\(made.count).onnx"
        guard succeeds([interpreter, script, "\(folder)/model.onnx", target, "1"]) else {
            notes.append("seeded data of \(folder) skipped: the model could not be made")
            return nil
        }
        made.append(target)
        return target
    }

    func removeMadeModels() {
        for path in made { unlink(path) }
    }
}
