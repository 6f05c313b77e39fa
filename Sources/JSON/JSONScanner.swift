/// Finds the first fault of a text that simdjson refused: simdjson says that, not where.
///
/// A strict reading of RFC 8259's grammar without recursion; one pass, and no memory but one bit a level.
struct JSONScanner {
    let bytes: [UInt8]
    let limits: JSONLimits
    var position = 0
    /// True for each open object, false for each open array.
    private var open: [Bool] = []
    /// Where each integer ends that 64 bits do not hold (simdjson refuses those, we do not).
    private(set) var wideIntegerEnds: [Int] = []

    /// A fault at a byte; the line is counted only once it is known.
    struct Fault: Error {
        let reason: JSONError.Reason
        let offset: Int
    }

    init(_ bytes: [UInt8], _ limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    /// The first fault, or nil when the text is JSON within the limits.
    mutating func firstFault() -> JSONError? {
        do {
            try scan()
            return nil
        } catch {
            return located(error)
        }
    }

    func byte(at offset: Int) -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

    mutating func note(wideIntegerEndingAt end: Int) { wideIntegerEnds.append(end) }

    private mutating func scan() throws(Fault) {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw Fault(reason: .byteOrderMark, offset: 0) }
        skipSpace()
        if position == bytes.count { throw Fault(reason: .empty, offset: position) }
        try value()
        while let isObject = open.last { try next(inObject: isObject) }
        skipSpace()
        if let byte = byte(at: position) { throw Fault(reason: .trailing(byte), offset: position) }
    }

    /// One value; a container that holds something is left open after its first element was read.
    private mutating func value() throws(Fault) {
        var isOpening = true
        while isOpening {
            isOpening = false
            switch byte(at: position) {
            case UInt8(ascii: "{"): isOpening = try opens(isObject: true)
            case UInt8(ascii: "["): isOpening = try opens(isObject: false)
            case UInt8(ascii: "\""): try string()
            case UInt8(ascii: "t"): try literal("true")
            case UInt8(ascii: "f"): try literal("false")
            case UInt8(ascii: "n"): try literal("null")
            case .some(UInt8(ascii: "-")), .some(0x30...0x39): try number()
            default: throw unexpected(.value)
            }
        }
    }

    /// Reads a container's bracket, and in an object the first name; false when it is empty.
    private mutating func opens(isObject: Bool) throws(Fault) -> Bool {
        let start = position
        position += 1
        skipSpace()
        if byte(at: position) == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
            position += 1
            return false
        }
        guard open.count < limits.depthMax else {
            throw Fault(reason: .tooDeep(limit: limits.depthMax), offset: start)
        }
        open.append(isObject)
        if isObject { try name(expected: .memberNameOrEnd) }
        return true
    }

    /// What follows an element: a comma and another one, or the container's end.
    private mutating func next(inObject isObject: Bool) throws(Fault) {
        skipSpace()
        switch byte(at: position) {
        case UInt8(ascii: ","):
            position += 1
            skipSpace()
            if isObject { try name(expected: .memberName) }
            try value()
        case UInt8(ascii: "}") where isObject, UInt8(ascii: "]") where !isObject:
            position += 1
            open.removeLast()
        default:
            throw unexpected(isObject ? .commaOrObjectEnd : .commaOrArrayEnd)
        }
    }

    private mutating func name(expected: JSONError.Expected) throws(Fault) {
        guard byte(at: position) == UInt8(ascii: "\"") else { throw unexpected(expected) }
        try string()
        skipSpace()
        guard byte(at: position) == UInt8(ascii: ":") else { throw unexpected(.colon) }
        position += 1
        skipSpace()
    }

    private mutating func literal(_ word: String) throws(Fault) {
        guard bytes[position...].starts(with: word.utf8) else { throw unexpected(.value) }
        position += word.utf8.count
        if let byte = byte(at: position), Self.isWordByte(byte) { throw unexpected(.value) }
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte >= 0x80 || (0x30...0x39).contains(byte)
            || (0x61...0x7A).contains(byte | 0x20)
    }

    private mutating func skipSpace() {
        while let byte = byte(at: position), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    func unexpected(_ expected: JSONError.Expected) -> Fault {
        guard let byte = byte(at: position) else {
            return Fault(reason: .unexpectedEnd(expected: expected), offset: position)
        }
        return Fault(reason: .unexpected(byte, expected: expected), offset: position)
    }

    /// Lines end at a line feed; columns count the scalars, that is all but the continuation bytes.
    private func located(_ fault: Fault) -> JSONError {
        var (line, column) = (1, 1)
        for byte in bytes[..<fault.offset] {
            if byte == 0x0A {
                (line, column) = (line + 1, 1)
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return JSONError(reason: fault.reason, offset: fault.offset, line: line, column: column)
    }
}
