import Tensors

/// A `TensorProto` as it stands in the file: where its elements are, not yet looked at.
struct TensorDocument {
    /// Where the elements are.
    enum Payload {
        case none
        /// Little-endian elements of the type's own size (`raw_data`, or one packed run of fixed-size
        /// numbers).
        case fixed(Range<Int>)
        /// Decoded numbers (`int32_data`, `int64_data`, `uint64_data`, or unpacked floats as bits).
        case numbers([Int64])
        case strings([Range<Int>])
        /// `external_data`: a file beside the model.
        case external(location: String, offset: Int64, length: Int64?)
    }

    var name = ""
    var dims: [Int64] = []
    var dataType = 0
    var payload = Payload.none
    /// Where the tensor starts in the file, for messages.
    var offset = 0
}

extension TensorDocument {
    /// Reads the message in `range`.
    /// - Throws: `ONNXError.malformed` or `.unsupported` (segments).
    init(_ bytes: ModelBytes, _ range: Range<Int>) throws(ONNXError) {
        offset = range.lowerBound
        var reader = WireReader(bytes, range)
        var external: [String: String] = [:]
        var isExternal = false
        while let (field, value) = try reader.next() {
            switch field {
            case 1: try appendNumbers(value, bytes, to: &dims, limit: 64)
            case 2: dataType = Int(truncatingIfNeeded: try value.integer(at: offset))
            case 3: throw .unsupported(node: "tensor at byte \(offset)", feature: "segments")
            case 4, 10: try appendFixed(value, bytes)
            case 5, 7, 11: try appendVarints(value, bytes)
            case 6: try appendString(try value.range(at: offset))
            case 8: name = try bytes.string(try value.range(at: offset))
            case 9: payload = .fixed(try value.range(at: offset))
            case 13:
                let entry = try readEntry(bytes, try value.range(at: offset))
                guard external.count < 16 else { throw .malformed(offset: offset, reason: "external_data") }
                external[entry.key] = entry.value
            case 14: isExternal = try value.integer(at: offset) == 1
            default: break
            }
        }
        if isExternal { payload = try Self.external(external, offset: offset) }
    }

    private static func external(_ entries: [String: String], offset: Int) throws(ONNXError) -> Payload {
        guard let location = entries["location"] else {
            throw .malformed(offset: offset, reason: "external data without a location")
        }
        guard let start = Int64(entries["offset"] ?? "0"), start >= 0 else {
            throw .malformed(offset: offset, reason: "external data offset")
        }
        let length = entries["length"].map { Int64($0) ?? -1 }
        guard length.map({ $0 >= 0 }) ?? true else {
            throw .malformed(offset: offset, reason: "external data length")
        }
        return .external(location: location, offset: start, length: length)
    }

    private mutating func appendFixed(_ value: WireValue, _ bytes: ModelBytes) throws(ONNXError) {
        var numbers: [Int64] = []
        switch (payload, value) {
        case (.none, .bytes(let range)):
            payload = .fixed(range)
            return
        case (.numbers(let earlier), _): numbers = earlier
        case (.none, _): break
        case (.fixed, _), (.strings, _), (.external, _):
            throw .malformed(offset: offset, reason: "two kinds of data in one tensor")
        }
        // Emptied first, so that appending does not copy what is there.
        payload = .none
        switch value {
        case .fixed32(let bits): numbers.append(Int64(bits))
        case .fixed64(let bits): numbers.append(Int64(bitPattern: bits))
        case .varint, .bytes: throw .malformed(offset: offset, reason: "float data in two forms")
        }
        payload = .numbers(numbers)
    }

    private mutating func appendVarints(_ value: WireValue, _ bytes: ModelBytes) throws(ONNXError) {
        var numbers: [Int64] = []
        switch payload {
        case .numbers(let earlier): numbers = earlier
        case .none: break
        case .fixed, .strings, .external:
            throw .malformed(offset: offset, reason: "two kinds of data in one tensor")
        }
        payload = .none
        try appendNumbers(value, bytes, to: &numbers, limit: Int(Int32.max))
        payload = .numbers(numbers)
    }

    private mutating func appendString(_ range: Range<Int>) throws(ONNXError) {
        switch payload {
        case .strings(var ranges):
            payload = .none
            ranges.append(range)
            payload = .strings(ranges)
        case .none: payload = .strings([range])
        case .fixed, .numbers, .external:
            throw .malformed(offset: offset, reason: "two kinds of data in one tensor")
        }
    }
}

/// Appends a repeated varint field, packed or not.
func appendNumbers(_ value: WireValue, _ bytes: ModelBytes, to numbers: inout [Int64], limit: Int)
    throws(ONNXError)
{
    switch value {
    case .varint(let number): numbers.append(Int64(bitPattern: number))
    case .bytes(let range):
        var reader = WireReader(bytes, range)
        while !reader.isAtEnd { numbers.append(Int64(bitPattern: try reader.varint())) }
    case .fixed32, .fixed64: throw .malformed(offset: 0, reason: "wire type of a number list")
    }
    guard numbers.count <= limit else { throw .tooLarge(what: "a list of numbers", limit: limit) }
}

/// A `StringStringEntryProto`.
func readEntry(_ bytes: ModelBytes, _ range: Range<Int>) throws(ONNXError) -> (key: String, value: String) {
    var reader = WireReader(bytes, range)
    var entry = (key: "", value: "")
    while let (field, value) = try reader.next() {
        switch field {
        case 1: entry.key = try bytes.string(try value.range(at: range.lowerBound))
        case 2: entry.value = try bytes.string(try value.range(at: range.lowerBound))
        default: break
        }
    }
    return entry
}
