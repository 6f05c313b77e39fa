/// A string or member name where it lies in the document: compared and hashed without a copy.
package struct JSONText: Sendable {
    let document: JSONDocument
    let index: Int

    /// A copy of the text.
    package var string: String { withUTF8 { String(decoding: $0, as: UTF8.self) } }

    /// Length in bytes of UTF-8.
    package var utf8Count: Int { document.tape.string(at: index).count }

    /// The bytes, valid during the call only.
    package func withUTF8<Value>(_ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
        body(document.tape.string(at: index))
    }

    /// Whether the text is `other`, byte for byte (no Unicode normalisation: names are compared as sent).
    package static func == (text: JSONText, other: String) -> Bool {
        var other = other
        return other.withUTF8 { text.hasBytes($0) }
    }

    func hasBytes(_ wanted: UnsafeBufferPointer<UInt8>) -> Bool {
        let own = document.tape.string(at: index)
        return own.count == wanted.count && own.elementsEqual(wanted)
    }
}
