extension JSONScanner {
    /// A string from its opening quote to past the closing one.
    mutating func string() throws(Fault) {
        position += 1
        while let byte = byte(at: position) {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return
            case UInt8(ascii: "\\"): try escape()
            case 0..<0x20: throw Fault(reason: .controlCharacter(byte), offset: position)
            case 0x80...: try multibyteScalar(first: byte)
            default: position += 1
            }
        }
        throw Fault(reason: .unexpectedEnd(expected: .quote), offset: position)
    }

    private mutating func escape() throws(Fault) {
        let start = position
        guard let letter = byte(at: position + 1) else {
            throw Fault(reason: .unexpectedEnd(expected: .quote), offset: position + 1)
        }
        guard letter == UInt8(ascii: "u") else {
            guard #""\/bfnrt"#.utf8.contains(letter) else {
                throw Fault(reason: .invalidEscape, offset: start)
            }
            position += 2
            return
        }
        let unit = try hexadecimal(at: start + 2)
        position += 6
        switch unit {
        case 0xD800..<0xDC00:
            guard byte(at: position) == UInt8(ascii: "\\"), byte(at: position + 1) == UInt8(ascii: "u"),
                (0xDC00..<0xE000).contains(try hexadecimal(at: position + 2))
            else { throw Fault(reason: .loneSurrogate, offset: start) }
            position += 6
        case 0xDC00..<0xE000: throw Fault(reason: .loneSurrogate, offset: start)
        default: break
        }
    }

    private func hexadecimal(at offset: Int) throws(Fault) -> UInt32 {
        var value: UInt32 = 0
        for place in offset..<offset + 4 {
            guard let byte = byte(at: place), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw Fault(reason: .invalidEscape, offset: offset - 2)
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    /// RFC 3629, section 4: no overlong forms, no surrogates, nothing above U+10FFFF.
    private mutating func multibyteScalar(first: UInt8) throws(Fault) {
        let (length, second): (Int, ClosedRange<UInt8>)
        switch first {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw Fault(reason: .invalidUTF8, offset: position)
        }
        for place in 1..<length {
            let allowed = place == 1 ? second : 0x80...0xBF
            guard let byte = byte(at: position + place), allowed.contains(byte) else {
                throw Fault(reason: .invalidUTF8, offset: position)
            }
        }
        position += length
    }

    /// RFC 8259, section 6: `-`? int frac? exp?, within a double's range.
    mutating func number() throws(Fault) {
        let start = position
        if byte(at: position) == UInt8(ascii: "-") { position += 1 }
        let isZero = byte(at: position) == UInt8(ascii: "0")
        let digits = try digits(from: start)
        if isZero && digits > 1 { throw Fault(reason: .invalidNumber, offset: start) }
        var isInteger = true
        if byte(at: position) == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            _ = try self.digits(from: start)
        }
        if let byte = byte(at: position), byte | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            position += 1
            if let sign = self.byte(at: position), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                position += 1
            }
            _ = try self.digits(from: start)
        }
        try checkRange(from: start, isInteger: isInteger)
    }

    /// At least one digit; how many there were.
    private mutating func digits(from start: Int) throws(Fault) -> Int {
        let first = position
        while let byte = byte(at: position), (0x30...0x39).contains(byte) { position += 1 }
        guard position > first else { throw Fault(reason: .invalidNumber, offset: start) }
        return position - first
    }

    private mutating func checkRange(from start: Int, isInteger: Bool) throws(Fault) {
        // Up to 18 characters are an integer of 64 bits, or without an exponent a small fraction.
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let value = Double(text), value.isFinite else {
            throw Fault(reason: .numberTooLarge, offset: start)
        }
        if isInteger && Int64(text) == nil && UInt64(text) == nil { note(wideIntegerEndingAt: position) }
    }
}
