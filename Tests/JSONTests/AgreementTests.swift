import Testing

@testable import JSON

/// simdjson decides, the scanner explains: on any text both must give the same verdict.
@Suite struct AgreementTests {
    private static let limits = JSONLimits(depthMax: 6)

    private static func agree(_ bytes: [UInt8]) -> Bool {
        var scanner = JSONScanner(bytes, limits)
        let isFaultless = scanner.firstFault() == nil && scanner.wideIntegerEnds.isEmpty
        return isFaultless == (JSONDocument.accepted(bytes, limits) != nil)
    }

    @Test func `the scanner and simdjson agree on every case of the tables`() {
        for text in GrammarTests.accepted + GrammarTests.refused {
            #expect(Self.agree(Array(text.utf8)), "\(text)")
        }
    }

    @Test(arguments: 0..<16) func `they agree on damaged documents`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2500 {
            var bytes = Self.randomDocument(&generator)
            for _ in 0..<Int.random(in: 0...3, using: &generator) { Self.damage(&bytes, &generator) }
            #expect(Self.agree(bytes), "\(String(decoding: bytes, as: UTF8.self)) as bytes \(bytes)")
        }
    }

    private static func randomDocument(_ generator: inout SeededGenerator, depth: Int = 0) -> [UInt8] {
        let scalars = [
            "0", "-1", "3.25", "1e5", "1e308", "18446744073709551615", "9223372036854775808", "true", "false",
            "null",
            "\"\"", "\"é😀\"", #""\u00e9\n""#, #""\uD83D\uDE00""#,
            "\"abcdefghijklmnopqrstuvwxyz0123456789abcdefgh\"",
        ]
        let choice = depth > 5 ? 2 : Int.random(in: 0...3, using: &generator)
        let count = Int.random(in: 0...3, using: &generator)
        switch choice {
        case 0:
            let items = (0..<count).map { _ in randomDocument(&generator, depth: depth + 1) }
            return Array("[".utf8) + items.joined(separator: Array(", ".utf8)) + Array("]".utf8)
        case 1:
            let items = (0..<count).map {
                Array("\"k\($0)\" :".utf8) + randomDocument(&generator, depth: depth + 1)
            }
            return Array("{".utf8) + items.joined(separator: Array(",\n".utf8)) + Array("}".utf8)
        default:
            return Array((scalars.randomElement(using: &generator) ?? "0").utf8)
        }
    }

    private static func damage(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        let alphabet =
            Array("{}[]\",:\\/ \n\t0123456789+-.eEuUdDcCtrfalsn\u{0}é".utf8) + [0xFF, 0xED, 0xA0, 0x80, 0xC0]
        let byte = alphabet.randomElement(using: &generator) ?? 0
        guard let place = bytes.indices.randomElement(using: &generator) else { return }
        switch Int.random(in: 0...4, using: &generator) {
        case 0: bytes[place] = byte
        case 1: bytes.insert(byte, at: place)
        case 2: bytes.remove(at: place)
        case 3: bytes.removeSubrange(place...)
        default: bytes.insert(contentsOf: bytes[place...].prefix(5), at: place)
        }
    }
}
