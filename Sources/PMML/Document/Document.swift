/// A parsed XML document as flat arrays: elements in document order, attributes and text in one byte store.
///
///     nodes      [ PMML | Header | DataDictionary | DataField | ... ]   0 = none
///     attributes [ name, at, count | ... ]                             owned by nodes
///     bytes      [ UTF-8 of every attribute value and leaf text ]
final class Document: Sendable {
    struct Node: Sendable {
        var name: UInt16
        var attributeCount: UInt16
        var line: UInt32
        var firstChild: UInt32 = 0
        var next: UInt32 = 0
        var attributesAt: UInt32
        var textAt: UInt32 = 0
        var textCount: UInt32 = 0
    }

    struct Attribute: Sendable {
        var name: UInt16
        var at: UInt32
        var count: UInt32
    }

    /// Nodes in document order; index 0 is the root element.
    let nodes: [Node]
    let attributes: [Attribute]
    let bytes: [UInt8]
    /// Element and attribute names by number.
    let names: [String]
    private let numbers: [String: UInt16]
    /// Namespace of the root element; empty for none.
    let namespace: String

    init(nodes: [Node], attributes: [Attribute], bytes: [UInt8], names: [String], namespace: String) {
        self.nodes = nodes
        self.attributes = attributes
        self.bytes = bytes
        self.names = names
        self.namespace = namespace
        numbers = Dictionary(names.enumerated().map { ($1, UInt16($0)) }, uniquingKeysWith: { a, _ in a })
    }

    /// The number of an element or attribute name, or nil where the document never uses it.
    func number(of name: String) -> UInt16? {
        numbers[name]
    }

    /// The root element.
    var root: Element { Element(document: self, index: 0) }
}
