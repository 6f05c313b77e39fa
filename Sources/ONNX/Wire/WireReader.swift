/// One value of a protobuf message as it stands on the wire (protobuf encoding specification).
enum WireValue {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    /// Length-delimited: the range of its bytes in the file.
    case bytes(Range<Int>)
}

/// Walks the fields of one protobuf message inside `bytes` without copying anything.
///
///     position -> | tag | value | tag | length | bytes... | ... | <- end
struct WireReader {
    let bytes: ModelBytes
    private(set) var position: Int
    private let end: Int

    /// A reader of the message in `range`.
    init(_ bytes: ModelBytes, _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    /// The next field's number and value, nil at the end of the message.
    /// - Throws: `ONNXError.malformed` for a cut or overlong field, a group or field number 0.
    mutating func next() throws(ONNXError) -> (field: Int, value: WireValue)? {
        guard position < end else { return nil }
        let start = position
        let tag = try varint()
        let field = Int(tag >> 3)
        guard field > 0, tag <= UInt64(UInt32.max) else { throw malformed(start, "field number") }
        switch tag & 7 {
        case 0: return (field, .varint(try varint()))
        case 1: return (field, .fixed64(try fixed(UInt64.self)))
        case 2:
            let length = try varint()
            guard length <= UInt64(end - position) else {
                throw malformed(start, "field \(field) runs past its end")
            }
            let first = position
            position += Int(length)
            return (field, .bytes(first..<position))
        case 5: return (field, .fixed32(try fixed(UInt32.self)))
        default: throw malformed(start, "wire type \(tag & 7)")
        }
    }

    /// True at the end of the message.
    var isAtEnd: Bool { position >= end }

    /// The next base-128 number.
    mutating func varint() throws(ONNXError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        let start = position
        while position < end, shift < 64 {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw malformed(start, "a number is cut short or too long")
    }

    private mutating func fixed<Value: FixedWidthInteger>(_ type: Value.Type) throws(ONNXError) -> Value {
        guard end - position >= Value.bitWidth / 8 else { throw malformed(position, "a number is cut short") }
        defer { position += Value.bitWidth / 8 }
        return bytes.number(at: position, as: type)
    }

    private func malformed(_ offset: Int, _ reason: String) -> ONNXError {
        .malformed(offset: offset, reason: reason)
    }
}

extension ModelBytes {
    /// The string in `range`.
    /// - Throws: `ONNXError.malformed` when it is not UTF-8, or longer than 2^20 bytes.
    func string(_ range: Range<Int>) throws(ONNXError) -> String {
        guard range.count <= 1 << 20 else {
            throw .malformed(offset: range.lowerBound, reason: "a string of \(range.count) bytes")
        }
        guard let text = String(validating: buffer(range), as: UTF8.self) else {
            throw .malformed(offset: range.lowerBound, reason: "a string that is not UTF-8")
        }
        return text
    }
}

extension WireValue {
    /// The range of a length-delimited value.
    func range(at offset: Int) throws(ONNXError) -> Range<Int> {
        guard case .bytes(let range) = self else {
            throw .malformed(offset: offset, reason: "wire type of a field")
        }
        return range
    }

    /// A varint as a signed number.
    func integer(at offset: Int) throws(ONNXError) -> Int64 {
        guard case .varint(let value) = self else {
            throw .malformed(offset: offset, reason: "wire type of a field")
        }
        return Int64(bitPattern: value)
    }
}
