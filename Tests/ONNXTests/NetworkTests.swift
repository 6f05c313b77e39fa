import ONNX
import Testing

@Test func `A file that is not there is refused with its path`() {
    #expect(throws: ONNXError.self) { try Network.load(path: "/nowhere/model.onnx") }
}
