/// Looks over a whole document for what PMML does not know: elements, attributes, values and names.
///
/// The compiler stops at the first fault of a part, and does not read what no evaluation needs; this check
/// finds everything that can be told without knowing what the parts mean. By itself it refuses nothing:
/// what it finds is an error where the compiler refuses the document anyway, and else a warning.
struct GrammarCheck {
    private let document: Document
    private let names: [String]
    private let bytes: [UInt8]
    /// Rules by the number of an element's name, as far as they were needed.
    private var rules: [BoundRule?]
    private(set) var faults: [Fault] = []
    /// With so many the check ends; the last element may add its own.
    static let faultsMax = 1000

    /// A rule in terms of one document's names.
    private struct BoundRule {
        let isKnown: Bool
        let isOpaque: Bool
        var kinds: [(name: UInt16, kind: AttributeKind)] = []
        var required: [(name: UInt16?, text: String)] = []
        var attributes: [String] = []
        /// Children that must have different names.
        var unique: [(child: String, attribute: String, word: String)] = []
    }

    /// Children that must have different names: parent, child, naming attribute, and what to call them.
    private static let unique: [String: [(child: String, attribute: String, word: String)]] = [
        "DataDictionary": [("DataField", "name", "field")],
        "TransformationDictionary": [
            ("DerivedField", "name", "derived field"), ("DefineFunction", "name", "function"),
        ],
        "LocalTransformations": [("DerivedField", "name", "derived field")],
        "MiningSchema": [("MiningField", "name", "mining field")],
        "Output": [("OutputField", "name", "output field")],
        "Segmentation": [("Segment", "id", "segment")],
        "ParameterList": [("Parameter", "name", "parameter")],
        "NeuralInputs": [("NeuralInput", "id", "neural input")],
    ]

    /// Checks the document.
    init(_ document: Document) {
        self.document = document
        names = document.names.names
        bytes = document.bytes
        rules = Array(repeating: nil, count: document.names.names.count)
        var waiting = [0]
        while let index = waiting.popLast() {
            let element = Element(document: document, index: index)
            guard faults.count < Self.faultsMax else {
                faults.append(element.warning("more than \(Self.faultsMax) faults; the check ends here"))
                return
            }
            let rule = rule(of: element.nameNumber)
            let node = document.nodes[index]
            if node.next != 0 { waiting.append(Int(node.next)) }
            if !rule.isOpaque, node.hasChildren { waiting.append(index + 1) }
            check(element, rule)
        }
    }

    private mutating func rule(of number: UInt16) -> BoundRule {
        if let known = rules[Int(number)] { return known }
        let name = names[Int(number)]
        let bound: BoundRule
        if let rule = ElementRule.all[name] {
            bound = BoundRule(
                isKnown: true, isOpaque: rule.isOpaque,
                kinds: rule.attributes.compactMap { attribute in
                    document.number(of: attribute.name).map { ($0, attribute.kind) }
                },
                required: rule.attributes.filter(\.isRequired).map {
                    (document.number(of: $0.name), $0.name)
                },
                attributes: rule.attributes.map(\.name), unique: Self.unique[name] ?? [])
        } else {
            // What has a prefix or begins with `X-` is an extension.
            let isExtension = name.contains(":") || name.lowercased().hasPrefix("x-")
            bound = BoundRule(isKnown: isExtension, isOpaque: true)
        }
        rules[Int(number)] = bound
        return bound
    }

    private mutating func check(_ element: Element, _ rule: BoundRule) {
        guard rule.isKnown else {
            let near = nearest(element.name, among: Array(ElementRule.all.keys))
            return faults.append(element.warning("the element is not known\(near)"))
        }
        guard !rule.isOpaque else { return }
        var seen = 0
        for record in element.records {
            if let kind = rule.kinds.first(where: { $0.name == record.name })?.kind {
                check(record, kind, element)
            } else {
                checkUnknown(names[Int(record.name)], element, rule)
            }
            if rule.required.contains(where: { $0.name == record.name }) { seen += 1 }
        }
        if seen < rule.required.count {
            for (number, text) in rule.required
            where number.map({ element.value(ofAttribute: $0) == nil }) ?? true {
                faults.append(element.warning("attribute \(text) is required"))
            }
        }
        if !rule.unique.isEmpty { checkNames(element, rule.unique) }
    }

    private mutating func checkUnknown(_ name: String, _ element: Element, _ rule: BoundRule) {
        guard !name.contains(":"), !name.lowercased().hasPrefix("x-") else { return }
        let near = nearest(name, among: rule.attributes)
        faults.append(element.warning("attribute \(name) is not known here\(near)"))
    }

    private mutating func check(_ record: Document.Record, _ kind: AttributeKind, _ element: Element) {
        let expected: String
        switch kind {
        case .text: return
        case .number:
            if isNumber(record.range) || JavaNumber.double(element.decoded(record.range)) != nil { return }
            expected = "a number"
        case .integer:
            let number = JavaNumber.double(element.decoded(record.range))
            if number.flatMap({ Int(exactly: $0) }) != nil { return }
            expected = "an integer"
        case .flag:
            if ["true", "false", "1", "0"].contains(element.decoded(record.range)) { return }
            expected = "true or false"
        case .dataType:
            if DataType(name: element.decoded(record.range)) != nil { return }
            expected = "a PMML data type"
        case .opType:
            if OpType(name: element.decoded(record.range)) != nil { return }
            expected = "continuous, categorical or ordinal"
        case .choice(let choices):
            let value = bytes[record.range]
            if choices.contains(where: { value.elementsEqual($0) }) || value.starts(with: "x-".utf8) {
                return
            }
            let words = choices.map { String(decoding: $0, as: UTF8.self) }
            expected = words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
        }
        let text = element.decoded(record.range).prefix(80)
        faults.append(
            element.warning("attribute \(names[Int(record.name)]) is \"\(text)\"; \(expected) was expected"))
    }

    /// Whether the bytes are a number of the usual kind.
    private func isNumber(_ range: Range<Int>) -> Bool {
        ShortDecimal(bytes.span.extracting(range)) != nil
    }

    private mutating func checkNames(
        _ element: Element, _ unique: [(child: String, attribute: String, word: String)]
    ) {
        for (child, attribute, word) in unique {
            guard let number = document.number(of: child) else { continue }
            var seen: Set<String> = []
            for child in element.children where child.nameNumber == number {
                guard let name = child[attribute], !seen.insert(name).inserted else { continue }
                guard faults.count < Self.faultsMax else { return }
                faults.append(child.warning("\(word) \"\(name)\" is declared twice"))
            }
        }
    }

    /// `; did you mean ...?` where one of the words is at most two letters away.
    private func nearest(_ name: String, among words: [String]) -> String {
        guard name.utf8.count <= 40 else { return "" }
        let best = words.map { (distance: GrammarCheck.distance(name, $0), word: $0) }.min { $0 < $1 }
        guard let best, best.distance <= 2 else { return "" }
        return "; did you mean \(best.word)?"
    }

    /// Letters to change, add or drop (Levenshtein), regardless of case; names too long to be meant are far.
    static func distance(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a.lowercased().utf8), Array(b.lowercased().utf8))
        guard abs(a.count - b.count) <= 2 else { return .max }
        var row = Array(0...b.count)
        for (i, left) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, right) in b.enumerated() {
                let above = row[j + 1]
                row[j + 1] = min(above + 1, row[j] + 1, diagonal + (left == right ? 0 : 1))
                diagonal = above
            }
        }
        return row[b.count]
    }
}
