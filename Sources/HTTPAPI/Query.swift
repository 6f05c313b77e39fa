/// The parameters of a query component or of a form (application/x-www-form-urlencoded).
package struct Query: Sendable {
    /// In the order sent; at most 64.
    package let items: [(name: String, value: String)]

    init(items: [(name: String, value: String)]) { self.items = items }

    /// - Throws: `badRequest` for a broken percent escape, bytes that are not UTF-8, or more than 64
    ///   parameters.
    package init(_ raw: String?) throws(APIError) {
        var items: [(name: String, value: String)] = []
        for pair in (raw ?? "").split(separator: "&") {
            guard items.count < 64 else { throw .badRequest("More than 64 query parameters") }
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decode(halves[0]),
                let value = Self.decode(halves.count > 1 ? halves[1] : "")
            else {
                throw .badRequest("The query has a broken percent escape: \(pair.prefix(80))")
            }
            items.append((name, value))
        }
        self.items = items
    }

    /// The first value of that name.
    package subscript(name: String) -> String? { items.first { $0.name == name }?.value }

    /// `%xx` and `+` decoded; `nil` for a broken escape or bytes that are not UTF-8.
    package static func decode(_ text: Substring) -> String? {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return String(text)
        }
        var bytes: [UInt8] = []
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(0x20)
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(hexValue), let low = rest.next().flatMap(hexValue) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
