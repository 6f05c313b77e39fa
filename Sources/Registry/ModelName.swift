/// The name of a model: `[a-zA-Z0-9][a-zA-Z0-9\-._]*`, at most 200 characters.
///
/// The first character rule keeps `.` and `..` out, so every name is safe as a folder's; names that differ
/// only in case are different models.
package struct ModelName: Sendable, Hashable {
    package let text: String

    /// `nil` for a text that is no name.
    package init?(_ text: String) {
        let bytes = text.utf8
        guard let first = bytes.first, Self.isAlphanumeric(first), bytes.count <= 200 else { return nil }
        let rest: Set<UInt8> = [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_")]
        guard bytes.allSatisfy({ Self.isAlphanumeric($0) || rest.contains($0) }) else { return nil }
        self.text = text
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}
