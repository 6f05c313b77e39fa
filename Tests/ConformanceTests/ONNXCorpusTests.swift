import Conformance
import Glibc
import Testing

/// The shared corpora: `AUGUR_SHARED`, or `../shared` beside the package; nil where there are none.
private func sharedFolder(_ name: String) -> String? {
    let root = getenv("AUGUR_SHARED").map { String(cString: $0) } ?? "../shared"
    let path = "\(root)/\(name)"
    guard access(path, R_OK) == 0 else {
        print("skipped: no \(path)")
        return nil
    }
    return path
}

@Test func `A folder without cases counts nothing`() {
    var lines: [String] = []
    let count = runONNXConformance(directory: "/nowhere") { lines.append($0) }
    #expect(count.passed + count.failed + count.refused == 0)
    #expect(lines.last == "0 passed, 0 failed, 0 refused")
}

@Test(arguments: ["models", "node", "tabular"])
func `No case of the corpus fails`(part: String) {
    guard let folder = sharedFolder("onnx/\(part)") else { return }
    var failures: [String] = []
    let count = runONNXConformance(directory: folder) { line in
        if line.hasPrefix("failed") { failures.append(line) }
    }
    #expect(count.failed == 0, "\(failures)")
    #expect(count.passed > 0)
}
