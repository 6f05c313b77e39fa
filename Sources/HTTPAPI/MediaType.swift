/// A media type with its parameters (RFC 9110, section 8.3.1).
package struct MediaType: Sendable, Equatable {
    /// Lower case, such as `text`.
    package let type: String
    /// Lower case, such as `csv`.
    package let subtype: String
    /// Parameter names in lower case, values as sent, quotes removed.
    package let parameters: [String: String]

    /// `application/json`, the most frequent one.
    static let json = MediaType(type: "application", subtype: "json")

    private init(type: String, subtype: String) {
        self.type = type
        self.subtype = subtype
        essence = "\(type)/\(subtype)"
        parameters = [:]
    }

    /// Type and subtype joined by a slash, without parameters.
    package let essence: String

    /// `nil` when the text is not `type/subtype` with well-formed parameters.
    package init?(_ text: String) {
        var scanner = ParameterScanner(text)
        guard let leading = scanner.leading() else { return nil }
        let halves = leading.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, let type = Self.token(halves[0]), let subtype = Self.token(halves[1]) else {
            return nil
        }
        var parameters: [String: String] = [:]
        while let (name, value) = scanner.next() { parameters[name] = value }
        guard scanner.isWellFormed else { return nil }
        self.type = type
        self.subtype = subtype
        self.essence = "\(type)/\(subtype)"
        self.parameters = parameters
    }

    private static func token(_ text: Substring) -> String? {
        let trimmed = text.utf8.filter { $0 != 0x20 && $0 != 0x09 }
        let legal = !trimmed.isEmpty && trimmed.allSatisfy { isTokenByte($0) }
        return legal && trimmed.count == text.utf8.count
            ? String(decoding: trimmed, as: UTF8.self).lowercased() : nil
    }
}

/// Whether the byte may stand in a token (RFC 9110, section 5.6.2).
func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: true
    default: false
    }
}

/// Walks `leading; name=value; name="quoted value"` (RFC 9110, section 5.6.6).
package struct ParameterScanner {
    private let bytes: [UInt8]
    private var at = 0
    /// False once something that is not a parameter was met.
    package private(set) var isWellFormed = true

    /// Before the first character.
    package init(_ text: String) { bytes = Array(text.utf8) }

    /// The text before the first semicolon, spaces trimmed; `nil` when empty.
    package mutating func leading() -> String? {
        let end = bytes.firstIndex(of: UInt8(ascii: ";")) ?? bytes.count
        at = end
        let text = trimmed(bytes[..<end])
        return text.isEmpty ? nil : text
    }

    /// The next parameter, its name in lower case; `nil` at the end or at a fault.
    package mutating func next() -> (name: String, value: String)? {
        repeat {
            guard at < bytes.count, bytes[at] == UInt8(ascii: ";") else { return nil }
            at += 1
            skipSpaces()
        } while at < bytes.count && bytes[at] == UInt8(ascii: ";")
        guard at < bytes.count else { return nil }
        let start = at
        while at < bytes.count, isTokenByte(bytes[at]) { at += 1 }
        guard at > start, at < bytes.count, bytes[at] == UInt8(ascii: "=") else { return fault() }
        let name = String(decoding: bytes[start..<at], as: UTF8.self).lowercased()
        at += 1
        guard let value = value() else { return fault() }
        skipSpaces()
        guard at == bytes.count || bytes[at] == UInt8(ascii: ";") else { return fault() }
        return (name, value)
    }

    private mutating func value() -> String? {
        guard at < bytes.count else { return nil }
        guard bytes[at] == UInt8(ascii: "\"") else {
            let start = at
            while at < bytes.count, bytes[at] != UInt8(ascii: ";") { at += 1 }
            return trimmed(bytes[start..<at])
        }
        at += 1
        var value: [UInt8] = []
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: value, as: UTF8.self) }
            if byte == UInt8(ascii: "\\"), at < bytes.count {
                value.append(bytes[at])
                at += 1
            } else {
                value.append(byte)
            }
        }
        return nil
    }

    private mutating func skipSpaces() {
        while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x09 { at += 1 }
    }

    private mutating func fault() -> (name: String, value: String)? {
        isWellFormed = false
        at = bytes.count
        return nil
    }

    private func trimmed(_ slice: ArraySlice<UInt8>) -> String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        let tail = slice.drop(while: isSpace)
        let end = tail.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? tail.startIndex
        return String(decoding: tail[tail.startIndex..<end], as: UTF8.self)
    }
}

/// What a client will take (RFC 9110, section 12.5.1).
package struct AcceptedTypes {
    private struct Range {
        let type: String
        let subtype: String
        let isRefused: Bool
        var precision: Int { type == "*" ? 0 : subtype == "*" ? 1 : 2 }
    }
    private let ranges: [Range]

    /// `nil` or a header without any readable range accepts everything.
    package init(_ header: String?) {
        let entries = (header ?? "").split(separator: ",").prefix(64)
        ranges = entries.compactMap { entry in
            guard let range = MediaType(String(entry)) else { return nil }
            let weight = range.parameters["q"].map { Double($0) ?? 0 } ?? 1
            return Range(type: range.type, subtype: range.subtype, isRefused: !(weight > 0))
        }
    }

    /// Whether the most precise range that matches `type/subtype` has a weight above zero.
    package func allows(_ type: String, _ subtype: String) -> Bool {
        guard !ranges.isEmpty else { return true }
        let matching = ranges.filter { range in
            (range.type == "*" || range.type == type) && (range.subtype == "*" || range.subtype == subtype)
        }
        guard let best = matching.map(\.precision).max() else { return false }
        return matching.contains { $0.precision == best && !$0.isRefused }
    }
}
