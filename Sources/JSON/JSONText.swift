/// A string or member name where it lies in the document: compared without a copy.
package struct JSONText: Sendable {
    let document: JSONDocument
    let index: Int

    /// A copy of the text.
    package var string: String { withUTF8 { String(decoding: $0, as: UTF8.self) } }

    /// A copy of the text's UTF-8.
    package var bytes: [UInt8] { withUTF8 { Array($0) } }

    /// Length in bytes of UTF-8.
    package var utf8Count: Int { document.tape.string(at: index).count }

    /// Whether the text is `other`, byte for byte (no Unicode normalisation: names are compared as sent).
    package static func == (text: JSONText, other: String) -> Bool {
        var other = other
        return text.document.tape.string(at: text.index, is: &other)
    }
}
