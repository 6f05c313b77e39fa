/// Base64 text to bytes (RFC 4648, sections 4 and 5).
package enum Base64 {
    /// The bytes of `text`: both alphabets, padding optional, white space between characters ignored, and a
    /// `data:...;base64,` prefix skipped. `nil` when a character or the length is wrong.
    package static func decode(_ text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8 { decode(Array($0)) }
    }

    /// As `decode(_:)` of a string, from its UTF-8 bytes.
    package static func decode(_ characters: [UInt8]) -> [UInt8]? {
        guard let start = payloadStart(of: characters) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity((characters.count - start) / 4 * 3 + 3)
        var bits: UInt32 = 0
        var held = 0
        var padding = 0
        for character in characters[start...] {
            let value = values[Int(character)]
            switch value {
            case space: continue
            case pad: padding += 1
            case wrong: return nil
            default:
                guard padding == 0 else { return nil }
                bits = (bits << 6) | UInt32(value)
                held += 1
                if held == 4 {
                    bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
                    bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
                    bytes.append(UInt8(truncatingIfNeeded: bits))
                    bits = 0
                    held = 0
                }
            }
        }
        guard padding == 0 || padding + held == 4, held != 1, padding <= 2 else { return nil }
        if held >= 2 { bytes.append(UInt8(truncatingIfNeeded: held == 2 ? bits >> 4 : bits >> 10)) }
        if held == 3 { bytes.append(UInt8(truncatingIfNeeded: bits >> 2)) }
        return bytes
    }

    private static let space: UInt8 = 0xFE
    private static let pad: UInt8 = 0xFD
    private static let wrong: UInt8 = 0xFF

    /// The meaning of each byte: 0 to 63, or one of the three marks above.
    private static let values: [UInt8] = {
        var table = [UInt8](repeating: wrong, count: 256)
        for (value, character) in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
            .enumerated()
        {
            table[Int(character)] = UInt8(value)
        }
        table[Int(UInt8(ascii: "-"))] = 62
        table[Int(UInt8(ascii: "_"))] = 63
        table[Int(UInt8(ascii: "="))] = pad
        for character in " \t\r\n".utf8 { table[Int(character)] = space }
        return table
    }()

    /// After the comma of a `data:` URL that says `;base64`, or 0 when there is none.
    private static func payloadStart(of characters: [UInt8]) -> Int? {
        guard characters.starts(with: "data:".utf8) else { return 0 }
        guard let comma = characters.prefix(256).firstIndex(of: UInt8(ascii: ",")),
            characters[..<comma].suffix(7).elementsEqual(";base64".utf8)
        else { return nil }
        return comma + 1
    }
}
