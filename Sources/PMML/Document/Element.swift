/// One element of a document: a position, cheap to copy.
struct Element: Sendable {
    let document: Document
    let index: Int

    private var node: Document.Node { document.nodes[index] }

    /// Local name, or `prefix:name` outside PMML's namespace.
    var name: String { document.names[Int(node.name)] }

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
        let start = Int(node.attributesAt)
        for attribute in document.attributes[start..<start + Int(node.attributeCount)]
        where attribute.name == number {
            return decoded(attribute.at, attribute.count)
        }
        return nil
    }

    /// Attribute names with their values, in document order.
    var attributes: [(name: String, value: String)] {
        let start = Int(node.attributesAt)
        return document.attributes[start..<start + Int(node.attributeCount)].map {
            (document.names[Int($0.name)], decoded($0.at, $0.count))
        }
    }

    /// The text of an element without children.
    var text: String { decoded(node.textAt, node.textCount) }

    /// The bytes of that text.
    var textBytes: ArraySlice<UInt8> {
        document.bytes[Int(node.textAt)..<Int(node.textAt) + Int(node.textCount)]
    }

    private func decoded(_ at: UInt32, _ count: UInt32) -> String {
        String(decoding: document.bytes[Int(at)..<Int(at) + Int(count)], as: UTF8.self)
    }

    /// Child elements in order.
    var children: Children { Children(document: document, position: node.firstChild) }

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
