/// Looks over XML before libxml2 does, and stops a start tag with more attributes than a document may have.
///
/// libxml2 compares each attribute of a tag with every other one before it tells anybody of the tag: a tag
/// with 100,000 of them would keep it busy for seconds.
struct TagGuard {
    private enum State {
        case text
        /// Behind `<`, and behind `<!`.
        case opened, declared
        case tag
        /// Inside an attribute's value, up to this quote.
        case quoted(UInt8)
        /// Inside a comment, a CDATA section or an instruction, which end with `>` behind this many `mark`s.
        case until(mark: UInt8, needed: Int, seen: Int)
    }

    private let attributesMax: Int
    private let width: XMLEncoding.Width
    /// The first byte of a UTF-16 unit whose second has not come yet.
    private var half: UInt8?
    private var state = State.text
    private var attributes = 0

    init(attributesMax: Int, width: XMLEncoding.Width) {
        self.attributesMax = attributesMax
        self.width = width
    }

    /// Whether the next bytes of the document keep within the bound.
    mutating func admits(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard width != .byte else { return admits(units: bytes) }
        var units: [UInt8] = []
        units.reserveCapacity(bytes.count / 2 + 1)
        for byte in bytes {
            guard let first = half else {
                half = byte
                continue
            }
            half = nil
            let (low, high) = width == .little ? (first, byte) : (byte, first)
            // No byte of a unit is a mark of XML unless the whole unit is: the others look like a letter's.
            units.append(high == 0 ? low : 0x80)
        }
        return admits(units: units[...])
    }

    private mutating func admits(units: ArraySlice<UInt8>) -> Bool {
        for byte in units {
            switch state {
            case .text:
                if byte == UInt8(ascii: "<") { state = .opened }
            case .quoted(let quote):
                if byte == quote { state = .tag }
            case .tag:
                if byte == UInt8(ascii: ">") {
                    state = .text
                } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                    state = .quoted(byte)
                    attributes += 1
                    if attributes > attributesMax { return false }
                }
            case .opened, .declared, .until: step(byte)
            }
        }
        return true
    }

    private mutating func step(_ byte: UInt8) {
        switch state {
        case .opened:
            attributes = 0
            switch byte {
            case UInt8(ascii: "?"): state = .until(mark: byte, needed: 1, seen: 0)
            case UInt8(ascii: "!"): state = .declared
            default: state = .tag
            }
        case .declared:
            switch byte {
            case UInt8(ascii: "-"): state = .until(mark: byte, needed: 2, seen: 0)
            case UInt8(ascii: "["): state = .until(mark: UInt8(ascii: "]"), needed: 2, seen: 0)
            // A document type: libxml2's callback refuses the document.
            default: state = .text
            }
        case .until(let mark, let needed, let seen):
            if byte == UInt8(ascii: ">"), seen >= needed {
                state = .text
            } else {
                state = .until(mark: mark, needed: needed, seen: byte == mark ? seen + 1 : 0)
            }
        case .text, .tag, .quoted: break
        }
    }
}

/// The encodings in which a document may come: those of XML itself and the usual ones of its countries. In
/// all of them the bytes of XML's own marks are ASCII's (or ASCII's with a zero byte, in UTF-16).
enum XMLEncoding {
    private static let names: Set<String> = [
        "utf-8", "utf8", "us-ascii", "ascii", "utf-16", "utf-16le", "utf-16be", "koi8-r", "koi8-u", "gbk",
        "gb2312", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "euc-tw",
    ]

    /// The units of a document's text: bytes, or those of UTF-16 by the order of their bytes.
    enum Width: Sendable {
        case byte, little, big
    }

    /// The units as the document's first bytes tell them.
    static func width(_ head: ArraySlice<UInt8>) -> Width {
        let first = Array(head.prefix(4))
        guard first.count == 4 else { return .byte }
        switch (first[0], first[1]) {
        case (0xFF, 0xFE), (0x3C, 0): return .little
        case (0xFE, 0xFF), (0, 0x3C): return .big
        default: return .byte
        }
    }

    /// The declared encoding, where it is one that is not read.
    static func refused(_ head: ArraySlice<UInt8>) -> String? {
        if head.starts(with: [0, 0, 0xFE, 0xFF]) || head.starts(with: [0xFF, 0xFE, 0, 0]) {
            return "UTF-32"
        }
        if head.starts(with: [0x4C, 0x6F, 0xA7, 0x94]) { return "EBCDIC" }
        let ascii = head.prefix(1024).filter { $0 != 0 }
        let text = String(decoding: ascii, as: UTF8.self)
        guard let end = text.firstRange(of: "?>"), text[..<end.lowerBound].contains("<?xml"),
            let key = text[..<end.lowerBound].firstRange(of: "encoding")
        else { return nil }
        let value = text[key.upperBound..<end.lowerBound].drop { $0 != "\"" && $0 != "'" }.dropFirst()
        let name = String(value.prefix { $0 != "\"" && $0 != "'" })
        let lower = name.lowercased()
        let isKnown =
            names.contains(lower) || lower.hasPrefix("iso-8859-") || lower.hasPrefix("windows-125")
        return isKnown ? nil : name
    }
}
