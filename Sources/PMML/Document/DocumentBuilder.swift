/// Collects the events of one XML parse into a `Document`, within bounds.
///
/// Everything inside an `Extension` element is dropped: it never bears on results.
struct DocumentBuilder {
    private let limits: PMMLLimits
    private var nodes: [Document.Node] = []
    private var bytes: [UInt8] = []
    private var names = NameTable()
    /// Open elements with their last child so far; 0 for none.
    private var open: [(node: Int, lastChild: Int)] = []
    private var text: [UInt8] = []
    private var skippedDepth = 0
    private(set) var namespace = ""
    private(set) var fault: Fault?

    /// - Parameter expected: Bytes of the file, where they are known.
    init(limits: PMMLLimits, expected: Int) {
        self.limits = limits
        // A record is no longer than its attribute in UTF-8, and an element of a large document has some
        // fifty bytes. Pages that are not written to cost nothing, growing costs a copy.
        bytes.reserveCapacity(expected + 1024)
        nodes.reserveCapacity(expected / 32 + 64)
    }

    /// Stops the parse at its first fault.
    mutating func fail(line: Int, _ message: String) {
        guard fault == nil else { return }
        let element = open.last.map { names[nodes[$0.node].name] } ?? "PMML"
        fault = Fault(severity: .error, line: line, element: element, message: message)
    }

    /// The number of a name, or nil past the most there may be.
    mutating func number(of name: String) -> UInt16? {
        names.add(name)
    }

    var isSkipping: Bool { skippedDepth > 0 }

    /// Begins an element; `isExtension` drops it with all that it holds.
    mutating func start(name: UInt16?, isExtension: Bool, line: Int) {
        if skippedDepth > 0 || isExtension {
            skippedDepth += 1
            guard skippedDepth + open.count <= limits.depthMax else {
                return fail(line: line, "elements nest deeper than \(limits.depthMax)")
            }
            return
        }
        guard open.count < limits.depthMax else {
            return fail(line: line, "elements nest deeper than \(limits.depthMax)")
        }
        guard nodes.count < limits.elementsMax else {
            return fail(line: line, "more than \(limits.elementsMax) elements")
        }
        guard let name else { return fail(line: line, "more than 65534 different names") }
        append(name: name, line: line)
    }

    /// Whether no element has been met.
    var isEmpty: Bool { nodes.isEmpty }

    /// Notes the namespace of the root element.
    mutating func setNamespace(_ namespace: String) { self.namespace = namespace }

    private mutating func append(name: UInt16, line: Int) {
        let index = nodes.count
        nodes.append(
            Document.Node(
                name: name, counts: 0, line: UInt32(clamping: line), next: 0,
                recordsAt: UInt32(clamping: bytes.count)))
        if let parent = open.last {
            if parent.lastChild == 0 {
                nodes[parent.node].counts |= Document.Node.hasChildren
            } else {
                nodes[parent.lastChild].next = UInt32(clamping: index)
            }
            open[open.count - 1].lastChild = index
        }
        open.append((index, 0))
        text.removeAll(keepingCapacity: true)
    }

    /// Adds an attribute to the element just started.
    mutating func attribute(name: UInt16?, value: UnsafeRawBufferPointer, line: Int) {
        guard skippedDepth == 0, let node = open.last?.node, let name else {
            if name == nil { fail(line: line, "more than 65534 different names") }
            return
        }
        guard nodes[node].attributeCount < min(limits.attributesMax, Document.Node.attributesMax) else {
            return fail(line: line, "more than \(limits.attributesMax) attributes")
        }
        guard value.count <= limits.textBytesMax else {
            return fail(line: line, "attribute \(names[name]) is longer than \(limits.textBytesMax) bytes")
        }
        guard append(name: name, value) else { return fail(line: line, DocumentBuilder.tooMuch) }
        nodes[node].counts += 1
    }

    private static let tooMuch = "the document holds more than 4 GiB of values"

    /// Appends one record; false where there is no room for it.
    private mutating func append(name: UInt16, _ value: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= Int(UInt32.max) - value.count - 8 else { return false }
        bytes.append(UInt8(truncatingIfNeeded: name))
        bytes.append(UInt8(truncatingIfNeeded: name >> 8))
        var count = value.count
        while count >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: count) | 0x80)
            count >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: count))
        bytes.append(contentsOf: value)
        return true
    }

    /// Adds text to the element that is open, as long as it has no children.
    mutating func characters(_ value: UnsafeRawBufferPointer, line: Int) {
        guard skippedDepth == 0, let last = open.last, last.lastChild == 0 else { return }
        guard value.count <= limits.textBytesMax, text.count <= limits.textBytesMax - value.count else {
            return fail(line: line, "text is longer than \(limits.textBytesMax) bytes")
        }
        text.append(contentsOf: value)
    }

    mutating func end(line: Int) {
        if skippedDepth > 0 {
            skippedDepth -= 1
            return
        }
        guard let last = open.popLast() else { return }
        if last.lastChild == 0, !text.isEmpty {
            let text = text
            // SAFETY: the text is copied before the call returns.
            let isKept = text.withUnsafeBytes { append(name: .max, $0) }
            guard isKept else { return fail(line: line, DocumentBuilder.tooMuch) }
            nodes[last.node].counts |= Document.Node.hasText
        }
        text.removeAll(keepingCapacity: true)
    }

    /// The finished document, or nil where there was no element at all. The builder is empty afterwards.
    mutating func finish() -> Document? {
        guard !nodes.isEmpty else { return nil }
        defer {
            nodes = []
            bytes = []
        }
        return Document(nodes: nodes, bytes: bytes, names: names, namespace: namespace)
    }
}
