import Foundation
import JSON

private struct Features: Decodable {
    let id: String?
    let arguments: [String: Double]
}

/// JSON read by this project and by Foundation, and written.
func benchmarkJSON() {
    var generator = SystemRandomNumberGenerator()
    let floats = (0..<3072).map { _ in Float.random(in: -3...3, using: &generator) }
    let array = Array(("[" + floats.map(\.description).joined(separator: ",") + "]").utf8)
    let small = Array(
        #"{"id":"1","arguments":{"Sepal_Length":5.1,"Sepal_Width":3.5,"Petal_Length":1.4,"Petal_Width":0.2}}"#
            .utf8)
    compare(
        "3,072 floats, \(array.count) bytes",
        ours: { keep(try? JSONDocument.parse(array).root.floats(atMost: 4096)) },
        foundation: { keep(try? JSONDecoder().decode([Float].self, from: Data(array))) })
    compare(
        "small feature document, \(small.count) bytes",
        ours: { keep(readFeatures(small)) },
        foundation: { keep(try? JSONDecoder().decode(Features.self, from: Data(small))) })
    let parse = medianNanoseconds { keep(try? JSONDocument.parse(small)) }
    print("small feature document, parsed only: \(microseconds(parse)) us")
    let writing = medianNanoseconds {
        var writer = JSONWriter(.compact, capacity: 65_536)
        writer.floats(floats)
        keep(writer.bytes)
    }
    print("3,072 floats written: \(microseconds(writing)) us")
}

private func readFeatures(_ bytes: [UInt8]) -> Double {
    guard let arguments = try? JSONDocument.parse(bytes).root["arguments"] else { return .nan }
    return arguments.members.reduce(0) { sum, member in
        member.name == "Species" ? sum : sum + (member.value.asDouble ?? 0)
    }
}

private func compare(_ title: String, ours: () -> Void, foundation: () -> Void) {
    let (mine, theirs) = (medianNanoseconds(ours), medianNanoseconds(foundation))
    let ratio = Int((theirs / mine).rounded())
    print("\(title): \(microseconds(mine)) us, JSONDecoder \(microseconds(theirs)) us, \(ratio) times")
}
