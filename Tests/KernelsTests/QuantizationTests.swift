import Kernels
import Tensors
import Testing

@Test func `Quantising rounds half to even and saturates`() throws {
    let zero = try Tensor(shape: [], elements: [UInt8(128)])
    let y = try evaluate(
        "QuantizeLinear", [floats([6], [0, 1, 3, -3, 1000, -1000]), floats([], [2]), zero])[0]
    #expect(y.elementType == .uint8)
    #expect(y.converted(to: Int64.self) == [128, 128, 130, 126, 255, 0])
}

@Test func `What was quantised comes back within half a step`() throws {
    let x = scattered(100)
    let scale = try floats([], [1.0 / 127])
    let zero = try Tensor(shape: [], elements: [Int8(0)])
    let quantised = try evaluate("QuantizeLinear", [floats([100], x), scale, zero])[0]
    let back = try evaluate("DequantizeLinear", [quantised, scale, zero])[0].floats()
    expectClose(back, x, 0.5 / 127 + 1e-6)
}

@Test func `A scale of another length than its axis is refused`() throws {
    let scales = try floats([3], [1, 2, 3])
    #expect(throws: KernelError.self) {
        try evaluate("QuantizeLinear", [floats([2, 2], [1, 2, 3, 4]), scales])
    }
}

@Test(arguments: ["Softmax", "LogSoftmax"])
func `A logit of a thousand does not overflow`(name: String) throws {
    let y = try evaluate(name, [floats([1, 3], [1000, 0, -1000])])[0].floats()
    #expect(y[0] == (name == "Softmax" ? 1 : 0))
    #expect(y.allSatisfy { $0.isFinite })
}

@Test func `Reductions agree on every choice of axes`() throws {
    let x = try floats([2, 3], [1, 2, 3, 4, 5, 6])
    #expect(try evaluate("ReduceSum", [x, integers([0])])[0].floats() == [5, 7, 9])
    #expect(try evaluate("ReduceMean", [x, integers([-1])])[0].floats() == [2, 5])
    #expect(try evaluate("ReduceMax", [x], ["keepdims": .integer(0)])[0].floats() == [6])
    #expect(try evaluate("ArgMax", [x], ["axis": .integer(1)])[0].converted(to: Int64.self) == [2, 2])
    #expect(throws: KernelError.self) { try evaluate("ReduceSum", [x, integers([5])]) }
}
