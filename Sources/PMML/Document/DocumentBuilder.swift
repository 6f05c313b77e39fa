/// Collects the events of one XML parse into a `Document`, within bounds.
///
/// Everything inside an `Extension` element is dropped: it never bears on results.
final class DocumentBuilder {
    private let limits: PMMLLimits
    private var nodes: [Document.Node] = []
    private var attributes: [Document.Attribute] = []
    private var bytes: [UInt8] = []
    private var names: [String] = []
    private var numbers: [String: UInt16] = [:]
    /// Open elements with their last child so far.
    private var open: [(node: Int, lastChild: Int)] = []
    private var text: [UInt8] = []
    private var skippedDepth = 0
    private(set) var namespace = ""
    private(set) var fault: Fault?

    init(limits: PMMLLimits) {
        self.limits = limits
    }

    /// Stops the parse at its first fault.
    func fail(line: Int, _ message: String) {
        guard fault == nil else { return }
        let element = open.last.map { names[Int(nodes[$0.node].name)] } ?? "PMML"
        fault = Fault(severity: .error, line: line, element: element, message: message)
    }

    /// The number of a name, or nil past 65,535 distinct names.
    func number(of name: String) -> UInt16? {
        if let known = numbers[name] { return known }
        guard let number = UInt16(exactly: names.count) else { return nil }
        names.append(name)
        numbers[name] = number
        return number
    }

    func start(name: String, namespace: String, line: Int) {
        if skippedDepth > 0 || name == "Extension" {
            skippedDepth += 1
            guard skippedDepth <= limits.depthMax else {
                return fail(line: line, "elements nest deeper than \(limits.depthMax)")
            }
            return
        }
        guard open.count < limits.depthMax else {
            return fail(line: line, "elements nest deeper than \(limits.depthMax)")
        }
        guard nodes.count < limits.elementsMax, let number = number(of: name) else {
            return fail(line: line, "more than \(limits.elementsMax) elements")
        }
        if nodes.isEmpty { self.namespace = namespace }
        append(name: number, line: line)
    }

    private func append(name: UInt16, line: Int) {
        let index = nodes.count
        nodes.append(
            Document.Node(
                name: name, attributeCount: 0, line: UInt32(clamping: line),
                attributesAt: UInt32(clamping: attributes.count)))
        if let parent = open.last {
            if parent.lastChild == 0 {
                nodes[parent.node].firstChild = UInt32(clamping: index)
            } else {
                nodes[parent.lastChild].next = UInt32(clamping: index)
            }
            open[open.count - 1].lastChild = index
        }
        open.append((index, 0))
        text.removeAll(keepingCapacity: true)
    }

    var isSkipping: Bool { skippedDepth > 0 }

    /// Adds an attribute to the element just started.
    func attribute(name: String, value: UnsafeRawBufferPointer, line: Int) {
        guard skippedDepth == 0, let node = open.last?.node else { return }
        guard nodes[node].attributeCount < limits.attributesMax, let number = number(of: name) else {
            return fail(line: line, "more than \(limits.attributesMax) attributes")
        }
        guard value.count <= limits.textBytesMax, bytes.count <= Int(UInt32.max) - value.count else {
            return fail(line: line, "attribute \(name) is longer than \(limits.textBytesMax) bytes")
        }
        attributes.append(
            Document.Attribute(
                name: number, at: UInt32(clamping: bytes.count), count: UInt32(clamping: value.count)))
        bytes.append(contentsOf: value)
        nodes[node].attributeCount += 1
    }

    func characters(_ value: UnsafeRawBufferPointer, line: Int) {
        guard skippedDepth == 0, let last = open.last, last.lastChild == 0 else { return }
        guard text.count <= limits.textBytesMax - value.count else {
            return fail(line: line, "text is longer than \(limits.textBytesMax) bytes")
        }
        text.append(contentsOf: value)
    }

    func end(line: Int) {
        if skippedDepth > 0 {
            skippedDepth -= 1
            return
        }
        guard let last = open.popLast() else { return }
        if last.lastChild == 0, !text.isEmpty {
            guard bytes.count <= Int(UInt32.max) - text.count else {
                return fail(line: line, "the document holds more than 4 GiB of text")
            }
            nodes[last.node].textAt = UInt32(clamping: bytes.count)
            nodes[last.node].textCount = UInt32(clamping: text.count)
            bytes.append(contentsOf: text)
        }
        text.removeAll(keepingCapacity: true)
    }

    /// The finished document, or nil where there was no element at all.
    func finish() -> Document? {
        guard !nodes.isEmpty else { return nil }
        return Document(
            nodes: nodes, attributes: attributes, bytes: bytes, names: names, namespace: namespace)
    }
}
