extension SequenceRules {
    /// Steps of all rules beyond which a document is refused.
    static let stepsMax = 1 << 20

    /// Compiles a `SequenceModel` element.
    static func compile(_ model: ModelContext) throws(Fault) -> any ScoringModel {
        var builder = SequenceRulesBuilder(model: model)
        try builder.readSets()
        try builder.readSequences()
        try builder.readRules()
        let fields = model.scope.miningOrder
        let active = fields.filter { $0.usage == .active }
        guard let item = active.first, active.count == 1 else {
            throw model.element.fault("one active field, that of the items, was expected")
        }
        if let field = builder.predicateField, !sameText(field, item.name) {
            throw model.element.fault("set predicates must be about field \"\(item.name)\"")
        }
        let order = fields.first { $0.usage == .order }
        let window = try model.element.finite("timeWindowWidth") ?? 0
        guard window >= 0 else { throw model.element.fault("attribute timeWindowWidth must not be negative") }
        let slots = (
            item: model.slot(item.name, at: model.element),
            order: order.map { model.slot($0.name, at: model.element) }
        )
        return SequenceRules(
            sets: builder.sets, rules: builder.rules, window: window, slots: slots,
            catalog: AssociationRules(
                items: builder.sets.map { $0.count == 1 ? $0[0] : "{\($0.joined(separator: ","))}" },
                rules: builder.described, basket: .list(slot: slots.item)))
    }
}

/// Compiles the parts of one sequence model.
private struct SequenceRulesBuilder {
    let model: ModelContext
    private(set) var sets: [[String]] = []
    private(set) var rules: [SequenceRules.Rule] = []
    private(set) var described: [AssociationRules.Rule] = []
    /// The field of the set predicates.
    private(set) var predicateField: String?
    private var setPositions: [String: Int] = [:]
    private var sequences: [String: [SequenceRules.Step]] = [:]

    init(model: ModelContext) {
        self.model = model
    }

    mutating func readSets() throws(Fault) {
        var items: [String: String] = [:]
        for item in model.element.children("Item") {
            items[try item.required("id")] = try item.required("value")
        }
        for element in model.element.children("Itemset") {
            var members: [String] = []
            for reference in element.children("ItemRef") {
                let id = try reference.required("itemRef")
                guard let item = items[id] else { throw reference.fault("there is no item \"\(id)\"") }
                members.append(item)
            }
            try add(members, element)
        }
        for element in model.element.children("SetPredicate") {
            guard try element.required("operator") == "supersetOf" else {
                throw element.fault("only the operator supersetOf is supported")
            }
            let field = try element.required("field")
            guard predicateField.map({ sameText($0, field) }) ?? true else {
                throw element.fault("set predicates must be about one field")
            }
            predicateField = field
            try add(try element.requiredArray().arrayEntries, element)
        }
    }

    private mutating func add(_ members: [String], _ element: Element) throws(Fault) {
        guard !members.isEmpty else { throw element.fault("a set must not be empty") }
        guard setPositions.updateValue(sets.count, forKey: try element.required("id")) == nil else {
            throw element.fault("set \"\(element["id"] ?? "")\" is defined twice")
        }
        var known: Set<String> = []
        sets.append(members.filter { known.insert($0).inserted })
    }

    mutating func readSequences() throws(Fault) {
        for element in model.element.children("Sequence") {
            var steps: [SequenceRules.Step] = []
            var link = SequenceRules.Link()
            for child in element.children {
                switch child.name {
                case "Delimiter": link = try delimiter(child)
                case "Time": try bound(&link, child)
                case "SetReference":
                    let id = try child.required("setId")
                    guard let set = setPositions[id] else { throw child.fault("there is no set \"\(id)\"") }
                    steps.append(SequenceRules.Step(set: set, link: link))
                    link = SequenceRules.Link()
                default: continue
                }
            }
            guard !steps.isEmpty else { throw element.fault("a SetReference is required") }
            guard sequences.updateValue(steps, forKey: try element.required("id")) == nil else {
                throw element.fault("sequence \"\(element["id"] ?? "")\" is defined twice")
            }
        }
    }

    private func delimiter(_ element: Element) throws(Fault) -> SequenceRules.Link {
        var link = SequenceRules.Link()
        switch try element.required("delimiter") {
        case "sameTimeWindow": link.isSameWindow = true
        case "acrossTimeWindows": break
        case let text: throw element.fault("attribute delimiter has the unknown value \"\(text)\"")
        }
        switch element["gap"] {
        case nil, "true", "unknown": break
        case "false": link.isAdjacent = true
        case .some(let text): throw element.fault("attribute gap has the unknown value \"\(text)\"")
        }
        return link
    }

    private func bound(_ link: inout SequenceRules.Link, _ time: Element) throws(Fault) {
        link.shortest = try time.finite("min") ?? 0
        link.longest = try time.finite("max") ?? .infinity
        guard link.shortest <= link.longest else { throw time.fault("attribute max is below min") }
    }

    mutating func readRules() throws(Fault) {
        var steps = 0
        for (index, element) in model.element.children("SequenceRule").enumerated() {
            let antecedent = try sequence("AntecedentSequence", element)
            var consequent = try sequence("ConsequentSequence", element)
            consequent[0] = SequenceRules.Step(set: consequent[0].set, link: try link(of: element))
            rules.append(SequenceRules.Rule(antecedent: antecedent, whole: antecedent + consequent))
            steps += 2 * antecedent.count + consequent.count
            guard steps <= SequenceRules.stepsMax else {
                throw element.fault("the rules have more than \(SequenceRules.stepsMax) steps")
            }
            described.append(
                AssociationRules.Rule(
                    id: element["id"] ?? String(index + 1), antecedent: antecedent.map(\.set),
                    consequent: consequent.map(\.set), confidence: try element.finite("confidence") ?? 0,
                    support: try element.finite("support") ?? 0, lift: try element.finite("lift"),
                    leverage: nil, affinity: nil))
        }
    }

    /// How a rule's consequent follows: a `Time` right after the `Delimiter` lies between the two sequences,
    /// a later one covers the whole.
    private func link(of rule: Element) throws(Fault) -> SequenceRules.Link {
        var link = SequenceRules.Link()
        var isBetween = false
        for child in rule.children {
            if child.name == "Delimiter" { link = try delimiter(child) }
            if child.name == "Time", isBetween { try bound(&link, child) }
            isBetween = child.name == "Delimiter"
        }
        return link
    }

    private func sequence(_ name: String, _ rule: Element) throws(Fault) -> [SequenceRules.Step] {
        let reference = try rule.requiredChild(name).requiredChild("SequenceReference")
        let id = try reference.required("seqId")
        guard let steps = sequences[id] else { throw reference.fault("there is no sequence \"\(id)\"") }
        return steps
    }
}
