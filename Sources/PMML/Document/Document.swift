/// A parsed XML document as two flat arrays: elements in document order, and the bytes of what they say.
///
///     nodes  [ PMML | Header | DataDictionary | DataField | ... ]   16 bytes each
///     bytes  [ record | record | ... ]      of node 0, of node 1, ...: its attributes, then a leaf's text
///     record [ name, 2 bytes | length, 1 to 5 bytes | UTF-8 ]       the name of a text is UInt16.max
///
/// An element's first child is the element after it, so that only the next sibling is written down. A large
/// document takes less memory this way than as a file.
final class Document: Sendable {
    struct Node: Sendable {
        var name: UInt16
        /// Attributes in the low bits, with the two flags below.
        var counts: UInt16
        var line: UInt32
        /// The next sibling; 0 for none.
        var next: UInt32
        /// Where its records begin.
        var recordsAt: UInt32

        static let hasChildren: UInt16 = 0x8000
        static let hasText: UInt16 = 0x4000
        /// Most attributes that `counts` holds.
        static let attributesMax = 0x3FFF

        var attributeCount: Int { Int(counts & 0x3FFF) }
        var hasChildren: Bool { counts & Node.hasChildren != 0 }
        var hasText: Bool { counts & Node.hasText != 0 }
    }

    /// One attribute or text: where its bytes are.
    struct Record {
        let name: UInt16
        let range: Range<Int>
    }

    /// Nodes in document order; index 0 is the root element.
    let nodes: [Node]
    let bytes: [UInt8]
    /// Element and attribute names by number.
    let names: NameTable
    /// Namespace of the root element; empty for none.
    let namespace: String

    init(nodes: [Node], bytes: [UInt8], names: NameTable, namespace: String) {
        self.nodes = nodes
        self.bytes = bytes
        self.names = names
        self.namespace = namespace
    }

    /// The number of an element or attribute name, or nil where the document never uses it.
    func number(of name: String) -> UInt16? {
        names.number(of: name)
    }

    /// The record that begins at `at`.
    func record(at: Int) -> Record {
        let name = UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8
        var position = at + 2
        var count = 0
        var shift = 0
        while true {
            let byte = bytes[position]
            position += 1
            count |= Int(byte & 0x7F) << shift
            if byte < 0x80 { break }
            shift += 7
        }
        return Record(name: name, range: position..<position + count)
    }

    /// The root element.
    var root: Element { Element(document: self, index: 0) }
}

/// The names of a document's elements and attributes, each with a number.
struct NameTable: Sendable {
    private(set) var names: [String] = []
    /// Number + 1 of the name whose hash leads here, 0 for none; a power of two, at most half full.
    private var table = [UInt16](repeating: 0, count: 256)

    subscript(number: UInt16) -> String { names[Int(number)] }

    /// The number of a name, or nil for one that is not here.
    func number(of name: String) -> UInt16? {
        let place = place(of: name)
        return table[place] == 0 ? nil : table[place] - 1
    }

    /// The number of a name, which is added where it is new; nil past 65,534 names.
    mutating func add(_ name: String) -> UInt16? {
        var place = place(of: name)
        if table[place] != 0 { return table[place] - 1 }
        guard names.count < Int(UInt16.max) - 1 else { return nil }
        if (names.count + 1) * 2 > table.count {
            grow()
            place = self.place(of: name)
        }
        names.append(name)
        table[place] = UInt16(names.count)
        return UInt16(names.count - 1)
    }

    private mutating func grow() {
        table = [UInt16](repeating: 0, count: table.count * 2)
        for (index, name) in names.enumerated() { table[place(of: name)] = UInt16(index + 1) }
    }

    /// Where the name stands, or would stand.
    private func place(of name: String) -> Int {
        // FNV-1a over 32 bits: names are short, and the standard library's keyed hash costs more than the
        // rest of a lookup. A document made to collide is bounded by the number of names.
        var text = name
        let hash = text.withUTF8 { bytes in
            var hash: UInt32 = 0x811C_9DC5
            for byte in bytes { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
            return hash
        }
        let mask = table.count - 1
        var place = Int(hash ^ hash >> 15) & mask
        while table[place] != 0, names[Int(table[place]) - 1] != name { place = (place + 1) & mask }
        return place
    }
}
