/// simdjson's tape: one 64-bit word for each value, its type in the top byte and a payload in the other
/// seven.
///
///     {"a": [1, 2.5]}  ->  r  {  "a"  [  l 1  d 2.5  ]  }  r
///
/// A container's payload is the index after its end (low 32 bits) and its count of children (24 bits, the
/// largest meaning "or more"); a string's is its place in the string buffer, where a 32-bit length precedes
/// the bytes; a number's is the next word. Indices come only from walking the tape from its root.
struct Tape {
    // SAFETY: both belong to the parser that the document holds until its own end, and are not written
    // meanwhile.
    let words: UnsafePointer<UInt64>
    let strings: UnsafePointer<UInt8>

    /// The type letter of a word.
    enum Tag {
        static let object = UInt8(ascii: "{")
        static let array = UInt8(ascii: "[")
        static let string = UInt8(ascii: "\"")
        static let signed = UInt8(ascii: "l")
        static let unsigned = UInt8(ascii: "u")
        static let double = UInt8(ascii: "d")
        static let yes = UInt8(ascii: "t")
        static let no = UInt8(ascii: "f")
    }

    func tag(at index: Int) -> UInt8 { UInt8(truncatingIfNeeded: words[index] >> 56) }

    /// The number's bits, in the word after its tag.
    func bits(at index: Int) -> UInt64 { words[index + 1] }

    func double(at index: Int) -> Double { Double(bitPattern: bits(at: index)) }

    /// The index after the value at `index`.
    func end(of index: Int) -> Int {
        switch tag(at: index) {
        case Tag.object, Tag.array: Int(words[index] & 0xFFFF_FFFF)
        case Tag.signed, Tag.unsigned, Tag.double: index + 2
        default: index + 1
        }
    }

    /// The index of a container's own closing word.
    func closing(of index: Int) -> Int { Int(words[index] & 0xFFFF_FFFF) - 1 }

    /// Children of a container, unless there are too many for the tape to say.
    func statedCount(at index: Int) -> Int? {
        let count = Int((words[index] >> 32) & 0xFF_FFFF)
        return count == 0xFF_FFFF ? nil : count
    }

    /// The bytes of a string or member name, UTF-8, without quotes and escapes.
    func string(at index: Int) -> UnsafeBufferPointer<UInt8> {
        // SAFETY: simdjson writes a 32-bit length before each string's bytes, all within its string buffer.
        let start = strings + Int(words[index] & 0x00FF_FFFF_FFFF_FFFF)
        let count = UnsafeRawPointer(start).loadUnaligned(as: UInt32.self)
        return UnsafeBufferPointer(start: start + 4, count: Int(count))
    }
}

extension Tape {
    /// Whether a string or member name is `text`, byte for byte.
    func string(at index: Int, is text: inout String) -> Bool {
        // SAFETY: both buffers live through the call, and are compared within their counts.
        text.withUTF8 { string(at: index).count == $0.count && string(at: index).elementsEqual($0) }
    }
}

extension JSONText {
    /// The bytes in place, valid during the call only.
    package func withUTF8<Value>(_ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
        body(document.tape.string(at: index))
    }
}
