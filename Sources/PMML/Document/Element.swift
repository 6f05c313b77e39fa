/// One element of a document: a position, cheap to copy.
struct Element: Sendable {
    let document: Document
    let index: Int

    private var node: Document.Node { document.nodes[index] }

    /// Local name, or `prefix:name` outside PMML's namespace.
    var name: String { document.names[node.name] }

    /// Line of the start tag, from 1.
    var line: Int { Int(node.line) }

    /// The value of an attribute, or nil where it is absent.
    subscript(attribute: String) -> String? {
        guard let number = document.number(of: attribute) else { return nil }
        return value(ofAttribute: number)
    }

    /// The value of an attribute whose name's number is known (loops over many elements look it up once).
    func value(ofAttribute number: UInt16) -> String? {
        let node = node
        var at = Int(node.recordsAt)
        for _ in 0..<node.attributeCount {
            let record = document.record(at: at)
            if record.name == number { return decoded(record.range) }
            at = record.range.upperBound
        }
        return nil
    }

    /// Whether the attribute is there.
    func has(_ attribute: String) -> Bool {
        guard let number = document.number(of: attribute) else { return false }
        return attributeNumbers.contains(number)
    }

    /// The numbers of the attributes' names, in document order.
    var attributeNumbers: [UInt16] { records.map(\.name) }

    /// The attributes: names and where their values stand.
    var records: Records {
        let node = node
        return Records(document: document, at: Int(node.recordsAt), left: node.attributeCount)
    }

    /// Attribute names with their values, in document order.
    var attributes: [(name: String, value: String)] {
        records.map { (document.names[$0.name], decoded($0.range)) }
    }

    /// The text of an element without children.
    var text: String { String(decoding: textBytes, as: UTF8.self) }

    /// The bytes of that text.
    var textBytes: ArraySlice<UInt8> {
        guard node.hasText else { return [] }
        var at = Int(node.recordsAt)
        for _ in 0..<node.attributeCount { at = document.record(at: at).range.upperBound }
        return document.bytes[document.record(at: at).range]
    }

    func decoded(_ range: Range<Int>) -> String {
        String(decoding: document.bytes[range], as: UTF8.self)
    }

    /// Child elements in order.
    var children: Children {
        Children(document: document, position: node.hasChildren ? UInt32(truncatingIfNeeded: index + 1) : 0)
    }

    /// Child elements with this name, in order.
    func children(_ name: String) -> [Element] {
        guard let number = document.number(of: name) else { return [] }
        return children.filter { $0.node.name == number }
    }

    /// The first child element with this name.
    func child(_ name: String) -> Element? {
        guard let number = document.number(of: name) else { return nil }
        return children.first { $0.node.name == number }
    }

    /// The number of this element's name.
    var nameNumber: UInt16 { node.name }

    /// The attributes of one element.
    struct Records: Sequence, IteratorProtocol {
        fileprivate let document: Document
        fileprivate var at: Int
        fileprivate var left: Int

        mutating func next() -> Document.Record? {
            guard left > 0 else { return nil }
            let record = document.record(at: at)
            at = record.range.upperBound
            left -= 1
            return record
        }
    }

    /// The children of one element.
    struct Children: Sequence, IteratorProtocol {
        let document: Document
        var position: UInt32

        mutating func next() -> Element? {
            guard position != 0 else { return nil }
            let index = Int(position)
            position = document.nodes[index].next
            return Element(document: document, index: index)
        }
    }
}
