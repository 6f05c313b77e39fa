import Conformance
import Glibc
import Testing

/// Cases of our own, handmade and generated: at least one for each element, function and value.
private let fixtures =
    #filePath.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/Fixtures/pmml"

@Test func `No fixture fails`() {
    var failures: [String] = []
    let count = runPMMLConformance(directory: fixtures) { line in
        if line.hasPrefix("failed") { failures.append(line) }
    }
    #expect(count.cases.failed == 0, "\(failures)")
    #expect(count.cases.passed > 100)
}

@Test func `A folder without cases gives a count of nothing`() {
    var lines: [String] = []
    let count = runPMMLConformance(directory: "/nowhere") { lines.append($0) }
    #expect(count.cases.passed == 0)
    #expect(lines.last == "0 passed, 0 failed, 0 refused, 0 beyond")
}
