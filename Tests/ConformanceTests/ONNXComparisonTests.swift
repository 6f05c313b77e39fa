import ONNX
import Tensors
import Testing

@testable import Conformance

private func isClose(_ verdict: ONNXVerdict) -> Bool {
    if case .close = verdict { true } else { false }
}

@Test func `One rounding is held to its last bit in bfloat16, several steps to two units`() throws {
    let stored = try Tensor(shape: [1], elements: [BFloat16(1)])
    let next = try Tensor(shape: [1], elements: [BFloat16(1.0078125)])
    var tolerance = ONNXTolerance()
    #expect(isClose(compare(.tensor(next), with: stored, tolerance)))
    tolerance.halfRelative = 0
    #expect(!isClose(compare(.tensor(next), with: stored, tolerance)))
    #expect(isClose(compare(.tensor(stored), with: stored, tolerance)))
}

@Test(
    arguments: [
        ("RandomUniformLike", [0, 0.99], true), ("RandomUniformLike", [1.5], false),
        ("Bernoulli", [0, 1, 1], true), ("Bernoulli", [0.5], false), ("RandomNormalLike", [-9], true),
        ("RandomNormalLike", [.nan], false),
    ] as [(String, [Double], Bool)])
func `What is drawn by lot is drawn from its range`(name: String, values: [Double], mayBe: Bool) throws {
    // ModelProto: ir_version 8, a graph of one node from x to y, operator set 17.
    func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        [number << 3 | 2, UInt8(bytes.count)] + bytes
    }
    func port(_ name: String) -> [UInt8] {
        field(1, Array(name.utf8)) + field(2, field(1, [1 << 3, 1] + field(2, field(1, [1 << 3, 2]))))
    }
    let node = field(1, Array("x".utf8)) + field(2, Array("y".utf8)) + field(4, Array(name.utf8))
    let graph = field(1, node) + field(11, port("x")) + field(12, port("y"))
    let network = try Network.load(bytes: [1 << 3, 8] + field(7, graph) + field(8, [2 << 3, 17]))
    #expect(network.isRandom)
    #expect(network.mayDraw(values) == mayBe)
}
