/// The charsets in which a table may come and go.
package enum Charset: String, Sendable, CaseIterable {
    case utf8 = "utf-8"
    case ascii = "us-ascii"
    case latin1 = "iso-8859-1"

    /// By the `charset` parameter; UTF-8 without one.
    ///
    /// - Throws: `unsupportedMediaType` for a charset that is not in this list.
    package init(_ type: MediaType?) throws(APIError) {
        guard let name = type?.parameters["charset"]?.lowercased() else {
            self = .utf8
            return
        }
        switch name {
        case "utf-8", "utf8": self = .utf8
        case "us-ascii", "ascii": self = .ascii
        case "iso-8859-1", "iso8859-1", "latin1", "iso_8859-1": self = .latin1
        default: throw .unsupportedMediaType
        }
    }

    /// To UTF-8; a byte order mark at the start is dropped. A later piece of a text is not its start.
    package func decode(_ bytes: [UInt8], isFirst: Bool = true) -> [UInt8] {
        switch self {
        case .utf8, .ascii:
            return isFirst && bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        case .latin1:
            let wideCount = bytes.reduce(0) { $1 < 0x80 ? $0 : $0 + 1 }
            guard wideCount > 0 else { return bytes }
            var text: [UInt8] = []
            text.reserveCapacity(bytes.count + wideCount)
            for byte in bytes {
                if byte < 0x80 {
                    text.append(byte)
                } else {
                    text.append(0xC0 | byte >> 6)
                    text.append(0x80 | byte & 0x3F)
                }
            }
            return text
        }
    }

    /// From UTF-8; a character that the charset lacks becomes `?`.
    package func encode(_ bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .utf8: return bytes
        case .ascii, .latin1:
            guard bytes.contains(where: { $0 >= 0x80 }) else { return bytes }
            let largest: UInt32 = self == .ascii ? 0x7F : 0xFF
            return String(decoding: bytes, as: UTF8.self).unicodeScalars.map { scalar in
                scalar.value <= largest ? UInt8(truncatingIfNeeded: scalar.value) : UInt8(ascii: "?")
            }
        }
    }
}
