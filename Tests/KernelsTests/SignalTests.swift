import Glibc
import Kernels
import Tensors
import Testing

/// The transform by its definition, pairs of real and imaginary parts.
private func transformed(_ x: [Float]) -> [Double] {
    x.indices.flatMap { k -> [Double] in
        let angles = x.indices.map { -2 * .pi * Double($0 * k % x.count) / Double(x.count) }
        return [
            zip(x, angles).reduce(0) { $0 + Double($1.0) * cos($1.1) },
            zip(x, angles).reduce(0) { $0 + Double($1.0) * sin($1.1) },
        ]
    }
}

private func expectClose(_ actual: [Float], _ expected: [Double], _ tolerance: Double = 1e-4) {
    #expect(actual.count == expected.count)
    for (a, e) in zip(actual, expected) { #expect(abs(Double(a) - e) <= tolerance, "\(a) \(e)") }
}

@Test(arguments: [1, 2, 3, 4, 5, 7, 8, 12, 31, 64, 100])
func `A Fourier transform of any length agrees with its definition and can be undone`(length: Int) throws {
    let x = scattered(length)
    let y = try evaluate("DFT", [floats([1, length, 1], x)])[0]
    #expect(y.shape.dims == [1, length, 2])
    expectClose(y.floats(), transformed(x))
    let back = try evaluate("DFT", [y], ["inverse": .integer(1)])[0].floats()
    expectClose(back, x.flatMap { [Double($0), 0] })
    let half = try evaluate("DFT", [floats([1, length, 1], x)], ["onesided": .integer(1)])[0]
    expectClose(half.floats(), Array(transformed(x)[..<(2 * (length / 2 + 1))]))
    let whole = try evaluate(
        "DFT", [half, integers([Int64(length)])], ["inverse": .integer(1), "onesided": .integer(1)])[0]
    #expect(whole.shape.dims == [1, length, 1])
    expectClose(whole.floats(), x.map(Double.init))
}

@Test func `A transform runs along the axis that is asked for, padded or cut`() throws {
    let x = scattered(6)
    let columns = try evaluate("DFT", [floats([3, 2, 1], x), nil, integers([0])])[0].floats()
    let first = transformed([x[0], x[2], x[4]])
    expectClose((0..<3).flatMap { [columns[$0 * 4], columns[$0 * 4 + 1]] }, first)
    let padded = try evaluate("DFT", [floats([1, 6, 1], x), integers([8])])[0].floats()
    expectClose(padded, transformed(x + [0, 0]))
    let cut = try evaluate("DFT", [floats([1, 6, 1], x), integers([4])])[0].floats()
    expectClose(cut, transformed(Array(x[..<4])))
}

@Test func `Pieces of a signal are windowed and transformed one by one`() throws {
    let x = scattered(10)
    let window: [Float] = [0.5, 1, 1, 0.5]
    let y = try evaluate("STFT", [floats([1, 10, 1], x), integers([3]), floats([4], window)])[0]
    #expect(y.shape.dims == [1, 3, 3, 2])
    for piece in 0..<3 {
        let part = (0..<4).map { x[piece * 3 + $0] * window[$0] }
        expectClose(Array(y.floats()[(piece * 6)..<(piece * 6 + 6)]), Array(transformed(part)[..<6]))
    }
}

@Test(arguments: [0, -1, 1 << 40]) func `A transform of no length or a huge one is refused`(length: Int64) {
    #expect(throws: KernelError.self) {
        try evaluate("DFT", [floats([1, 4, 1], [1, 2, 3, 4]), integers([length])])
    }
}

@Test(arguments: [(0, 4), (-2, 4), (1, 0), (1, 11), (1, -4)])
func `Pieces that do not fit their signal are refused`(step: Int64, length: Int64) {
    #expect(throws: KernelError.self) {
        try evaluate("STFT", [floats([1, 10, 1], scattered(10)), integers([step]), nil, integers([length])])
    }
}

@Test(
    arguments: [
        ("HannWindow", [0.0, 0.5, 1, 0.5]), ("HammingWindow", [4.0 / 46, 25.0 / 46, 1, 25.0 / 46]),
        ("BlackmanWindow", [0.0, 0.34, 1, 0.34]),
    ] as [(String, [Double])])
func `A window of four places rises to one and falls`(name: String, expected: [Double]) throws {
    expectClose(try evaluate(name, [integers([4])])[0].floats(), expected, 1e-6)
    let symmetric = try evaluate(name, [integers([5])], ["periodic": .integer(0)])[0].floats()
    expectClose(symmetric, expected + [expected[0]], 1e-6)
    #expect(throws: KernelError.self) { try evaluate(name, [integers([-1])]) }
    #expect(throws: KernelError.self) { try evaluate(name, [integers([1 << 50])]) }
}

@Test func `Each band of a mel matrix is a triangle of height one`() throws {
    let edges = try [floats([], [0]), floats([], [8000])]
    let inputs = try [integers([8]), integers([256]), integers([16000])] + edges
    let y = try evaluate("MelWeightMatrix", inputs)[0]
    #expect(y.shape == [129, 8])
    let weights = y.floats()
    for band in 0..<8 {
        let column = (0..<129).map { weights[$0 * 8 + band] }
        #expect(column.max() == 1)
        let peak = try #require(column.firstIndex(of: 1))
        #expect(zip(column[..<peak], column[1...peak]).allSatisfy { $0 <= $1 })
        #expect(zip(column[peak...], column[peak...].dropFirst()).allSatisfy { $0 >= $1 })
    }
    #expect(throws: KernelError.self) {
        try evaluate("MelWeightMatrix", [integers([8]), integers([256]), integers([0])] + edges)
    }
    #expect(throws: KernelError.self) {
        try evaluate("MelWeightMatrix", [integers([1 << 40]), integers([256]), integers([16000])] + edges)
    }
}
