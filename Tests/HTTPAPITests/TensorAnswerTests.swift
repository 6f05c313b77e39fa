import JSON
import ONNX
import Serving
import Tensors
import Testing

@testable import HTTPAPI

private func text(_ value: NetworkValue) -> String {
    var writer = JSONWriter(.compact)
    writer.answer(.outputs([(name: "y", value: value)]), labels: nil, top: nil)
    return String(decoding: writer.bytes, as: UTF8.self)
}

@Test(arguments: 0..<4) func `A sequence of tensors is an array whatever its length`(count: Int) throws {
    let tensor = NetworkValue.tensor(try Tensor(shape: [2], floats: [1, 2]))
    let parts = [String](repeating: "[1.0,2.0]", count: count).joined(separator: ",")
    #expect(text(.sequence([NetworkValue](repeating: tensor, count: count))) == #"{"y":[\#(parts)]}"#)
}

@Test func `The scores of one row are the row's own, not a batch of one`() {
    let scores = NetworkValue.map([(label: .text("a"), score: 0.5), (label: .integer(7), score: 0.25)])
    #expect(text(.sequence([scores])) == #"{"y":{"a":0.5,"7":0.25}}"#)
    #expect(text(.sequence([scores, scores])).hasPrefix(#"{"y":[{"a":0.5"#))
}
