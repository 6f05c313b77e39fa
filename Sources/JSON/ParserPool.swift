import CSimdjson
import Synchronization

/// One simdjson parser with the buffers of the largest document it has seen.
///
/// In use by one document at a time: the pool hands it out, the document's end gives it back.
final class Parser: @unchecked Sendable {
    // SAFETY: made by `augur_json_parser_create`, destroyed once, in `deinit`; used by one document at a
    // time.
    let handle: OpaquePointer

    init?() {
        guard let handle = augur_json_parser_create() else { return nil }
        self.handle = handle
    }

    deinit { augur_json_parser_destroy(handle) }

    /// Longest document, in bytes, that fits without growing.
    var capacity: Int { Int(augur_json_parser_capacity(handle)) }

    /// The tape of a whole text, valid until the parser's next text or its end; nil when the text is refused.
    func parse(_ bytes: [UInt8], depthMax: Int) -> Tape? {
        var tape = augur_json_tape()
        let outcome = augur_json_parse(handle, bytes, bytes.count, depthMax, &tape)
        guard outcome == AUGUR_JSON_OK, let words = tape.tape, let strings = tape.strings else { return nil }
        return Tape(words: words, strings: strings)
    }
}

/// Parsers at rest, so that a small document costs no allocation.
enum ParserPool {
    private static let resting = Mutex<[Parser]>([])
    /// A parser keeps about 14 bytes for each byte of its capacity.
    private static let restingMax = 8
    private static let restingCapacityMax = 256 << 10

    static func take() -> Parser? {
        resting.withLock { $0.popLast() } ?? Parser()
    }

    static func give(_ parser: Parser) {
        guard parser.capacity <= restingCapacityMax else { return }
        resting.withLock { if $0.count < restingMax { $0.append(parser) } }
    }
}
