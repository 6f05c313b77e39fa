import Glibc
import JSON
import PMML

/// Runs every PMML case below `directory` and prints how each kind of model and the whole went.
///
/// A case is a folder with `model.pmml`, `input.csv`, `expected.jsonl` and `meta.json`. The last line is
/// `N passed, N failed, N refused, N beyond`, of cases; *beyond* are those that the reference cannot load, or
/// whose document it finds at fault, and that evaluate here by the standard.
package func runPMMLConformance(directory: String, print: (String) -> Void) -> PMMLCorpusCount {
    var total = PMMLCorpusCount()
    var byModel: [String: PMMLCorpusCount] = [:]
    for name in namesInFolder(directory) where !name.hasPrefix(".") {
        let report = PMMLCase(path: directory + "/" + name, name: name).run()
        total.add(report)
        byModel[report.model, default: PMMLCorpusCount()].add(report)
        if let difference = report.difference { print("\(report.verdict.rawValue) \(name): \(difference)") }
    }
    for (model, count) in byModel.sorted(by: { $0.key < $1.key }) { print("\(model): \(count.details)") }
    print("all: \(total.details)")
    print(total.summary)
    return total
}

/// How the cases of the PMML corpus went, and their rows.
package struct PMMLCorpusCount: Sendable, Hashable {
    /// Passed, failed, refused and beyond.
    package struct Tally: Sendable, Hashable {
        package var passed = 0
        package var failed = 0
        package var refused = 0
        package var beyond = 0

        /// The four counts as text.
        package var summary: String {
            "\(passed) passed, \(failed) failed, \(refused) refused, \(beyond) beyond"
        }
    }

    /// Cases, and their rows.
    package var cases = Tally()
    package var rows = Tally()

    /// The last line of a report.
    package var summary: String { cases.summary }

    var details: String { "cases \(cases.summary); rows \(rows.summary)" }

    mutating func add(_ report: PMMLCaseReport) {
        switch report.verdict {
        case .passed: cases.passed += 1
        case .failed: cases.failed += 1
        case .refused: cases.refused += 1
        case .beyond: cases.beyond += 1
        }
        rows.passed += report.rows.passed
        rows.failed += report.rows.failed
        rows.refused += report.rows.refused
        rows.beyond += report.rows.beyond
    }
}

/// How one case went.
struct PMMLCaseReport {
    enum Verdict: String {
        case passed, failed, refused, beyond
    }

    let model: String
    let verdict: Verdict
    let rows: PMMLCorpusCount.Tally
    /// The first difference of a failed case, or why it was refused.
    let difference: String?
}

/// Reads a whole file, or nil.
func contents(ofFile path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = fread(&chunk, 1, chunk.count, file)
        if count == 0 { return bytes }
        bytes.append(contentsOf: chunk[0..<count])
    }
}
