import JSON
import ONNX
import Tensors
import Testing

@testable import HTTPAPI
@testable import Serving

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

@Test func `Tensors of every type are nested arrays of their elements`() throws {
    let floats = try Tensor(shape: [2, 2], floats: [1, 0, -2, 3])
    let whole: [ElementType] = [.int8, .int16, .int32, .int64]
    for type in whole {
        #expect(text(.tensor(try floats.cast(to: type))) == #"{"y":[[1,0],[-2,3]]}"#, "\(type)")
    }
    for type in [ElementType.float16, .bfloat16, .float32, .float64] {
        #expect(text(.tensor(try floats.cast(to: type))) == #"{"y":[[1.0,0.0],[-2.0,3.0]]}"#, "\(type)")
    }
    let positive = try Tensor(shape: [1, 3], floats: [1, 0, 200])
    for type in [ElementType.uint8, .uint16, .uint32, .uint64] {
        #expect(text(.tensor(try positive.cast(to: type))) == #"{"y":[1,0,200]}"#, "\(type)")
    }
    #expect(text(.tensor(try positive.cast(to: .bool))) == #"{"y":[true,false,true]}"#)
    let largest = try Tensor(shape: [], elements: [UInt64.max])
    #expect(text(.tensor(largest)) == #"{"y":18446744073709551615}"#)
    #expect(text(.tensor(try Tensor(shape: [1, 1], strings: ["a"]))) == #"{"y":"a"}"#)
    #expect(text(.tensor(try Tensor(shape: [2, 0], floats: []))) == #"{"y":[[],[]]}"#)
    #expect(text(.tensor(try Tensor(shape: [1, 0], floats: []))) == #"{"y":[]}"#)
}

/// Bytes written before the writer stopped at its bound of 1,000.
private func bytes(_ value: NetworkValue) -> Int {
    var writer = JSONWriter(.compact, bytesMax: 1_000)
    writer.answer(.outputs([(name: "y", value: value)]), labels: nil, top: nil)
    let hasRoom = writer.hasRoom(for: 0)
    #expect(!hasRoom)
    return writer.bytes.count
}

@Test func `Of what an answer has no room for nothing is written`() throws {
    let most = 1_050
    let empty = [[1_000, 0], [1, 1 << 40, 0], [1 << 20, 1 << 20, 0], [2, 1 << 39, 0]]
    for dims in empty { #expect(bytes(.tensor(try Tensor(shape: Shape(dims), floats: []))) < most) }
    #expect(
        bytes(.tensor(try Tensor(shape: [40, 30], floats: [Float](repeating: 0.5, count: 1_200)))) < most)
    let long = String(repeating: "\u{1}", count: 900)
    #expect(bytes(.tensor(try Tensor(shape: [1], strings: [long]))) < most)
    // A sequence whose elements are all one has as many leaves as it likes.
    var shared = NetworkValue.tensor(try Tensor(shape: [], floats: [0]))
    for _ in 0..<6 { shared = .sequence([NetworkValue](repeating: shared, count: 1_000)) }
    #expect(bytes(shared) < most)
    let scores = (0..<1_000).map { (label: MapLabel.integer($0), score: Float(0.5)) }
    #expect(bytes(.map(scores)) < most)
}

@Test(arguments: [ElementType.float32, .float64, .int8, .uint64, .bool])
func `A tensor that is certainly too long is not begun, the longest that fits is whole`(_ type: ElementType)
    throws
{
    let ones = try Tensor(shape: [10, 10], floats: [Float](repeating: 1, count: 100)).cast(to: type)
    let length = text(.tensor(ones)).utf8.count
    for (bytesMax, isWhole) in [(length, true), (length - 1, false), (150, false)] {
        var writer = JSONWriter(.compact, bytesMax: bytesMax)
        writer.answer(.outputs([(name: "y", value: .tensor(ones))]), labels: nil, top: nil)
        let hasRoom = writer.hasRoom(for: 0)
        #expect(hasRoom == isWhole)
        if bytesMax == 150 { #expect(writer.bytes.count < 10) }
    }
}

@Test func `Classes stop at an answer's bound`() {
    var writer = JSONWriter(.compact, bytesMax: 1_000)
    let classes = Classification(probabilities: [Float](repeating: 0.5, count: 1_000))
    writer.answer(.classification(classes), labels: nil, top: nil)
    let hasRoom = writer.hasRoom(for: 0)
    #expect(!hasRoom)
    #expect(writer.bytes.count < 1_050)
}
