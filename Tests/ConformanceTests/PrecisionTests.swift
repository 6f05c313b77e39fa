import Testing

@testable import Conformance

@Suite struct PrecisionTests {
    private func result(_ fast: [[Double]], _ exact: [[Double]], _ labels: [Int?] = []) -> PrecisionResult {
        var result = PrecisionResult()
        result.add(fast, exact, labels)
        return result
    }

    @Test func `Probabilities within a thousandth and the same classes pass`() {
        let close = result([[0.7004, 0.2996], [0.1, 0.9]], [[0.7, 0.3], [0.1, 0.9]], [0, 0])
        #expect(close.isPassed)
        #expect(close.rows == 2 && close.changed == 0 && close.right == 1)
        #expect(abs(close.largest - 4e-4) < 1e-12)
    }

    @Test(
        arguments: [
            ([[0.702, 0.298]], [[0.7, 0.3]]),  // too far off
            ([[0.4999, 0.5001]], [[0.5001, 0.4999]]),  // close, but another class
            ([[]], [[]]),  // no class at all
            ([], []),  // nothing was compared
            ([[0.7, 0.3]], [[0.7, 0.3], [0.1, 0.9]]),  // a row was lost
            ([[0.7, 0.3], [0.1, 0.9]], [[0.7, 0.3]]),  // a row too many
            ([[0.7]], [[0.7, 0.3]]),  // a class was lost
        ] as [([[Double]], [[Double]])])
    func `Anything else fails`(fast: [[Double]], exact: [[Double]]) {
        #expect(!result(fast, exact).isPassed)
    }

    @Test func `The bundled networks are within a thousandth of 64-bit floats on the drawn pictures`() {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        var lines: [String] = []
        let count = runPrecision(
            directory: "/\(root)/models", images: "/\(root)/Tests/Fixtures", countMax: 8
        ) { lines.append($0) }
        #expect(count.passed == 2 && count.failed == 0, "\(lines)")
    }
}
