/// The character classes of RFC 9110 section 5.6 and RFC 3986, by byte.
enum ByteClass {
    /// `tchar`: what methods and field names are made of (RFC 9110 section 5.6.2).
    static func isToken(_ byte: UInt8) -> Bool {
        // Bit n of the two masks stands for byte n and byte 64 + n: no table to initialise or to index.
        if byte < 64 { return tokenLow & (1 << UInt64(byte)) != 0 }
        return byte < 128 && tokenHigh & (1 << UInt64(byte &- 64)) != 0
    }

    /// What a field value may hold: visible characters, space, tab, and bytes above 127 (RFC 9110 section
    /// 5.5).
    static func isFieldValue(_ byte: UInt8) -> Bool { (byte >= 0x20 && byte != 0x7F) || byte == 0x09 }

    /// What a request target may hold: visible ASCII other than a fragment's `#` (RFC 9112 section 3.2).
    static func isTarget(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "#") }

    /// What `Host` may hold: a registered name, an address, a port (RFC 9110 section 7.2, RFC 3986 section
    /// 3.2).
    static func isHost(_ byte: UInt8) -> Bool {
        if byte < 64 { return hostLow & (1 << UInt64(byte)) != 0 }
        return byte < 128 && hostHigh & (1 << UInt64(byte &- 64)) != 0
    }

    /// Space or tab.
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    /// The value of a hexadecimal digit, or nil.
    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// ASCII capitals as small letters, every other byte as it is.
    static func lowered(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    private static let tokenLow: UInt64 = 0x03FF_6CFA_0000_0000
    private static let tokenHigh: UInt64 = 0x57FF_FFFF_C7FF_FFFE
    private static let hostLow: UInt64 = 0x2FFF_6FF2_0000_0000
    private static let hostHigh: UInt64 = 0x47FF_FFFE_AFFF_FFFE
}
