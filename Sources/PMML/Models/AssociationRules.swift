/// PMML element `AssociationModel`: rules over the items of a transaction.
final class AssociationRules: ScoringModel {
    /// PMML element `AssociationRule`.
    struct Rule: Sendable {
        let id: String
        let antecedent: [Int]
        let consequent: [Int]
        let confidence: Double
        let support: Double
        let lift: Double?
        let leverage: Double?
        let affinity: Double?
    }

    /// Where a row says which items it holds.
    enum Basket: Sendable {
        /// A grouped field with the items' values.
        case list(slot: Int)
        /// A field for each item, which holds the item where it is true or one of these categories.
        case columns([(slot: Int, item: Int, category: String?)])
    }

    let items: [String]
    let rules: [Rule]
    let basket: Basket
    private let positions: [String: Int]

    init(items: [String], rules: [Rule], basket: Basket) {
        self.items = items
        self.rules = rules
        self.basket = basket
        positions = Dictionary(items.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    var form: String { "association: \(rules.count) rules over \(items.count) items" }

    func score(_ frame: Frame) throws(EvaluationError) -> Outcome {
        var held = Array(repeating: false, count: items.count)
        switch basket {
        case .list(let slot):
            let field = try frame.value(slot)
            switch field.value {
            case .list(let values):
                for value in values { if let item = positions[value.displayText] { held[item] = true } }
            case .missing: break
            case .double, .float, .integer, .boolean, .text, .date, .time, .dateTime, .days, .seconds,
                .dateSeconds:
                throw .type(expected: "java.util.Collection", actual: "java.lang.String")
            }
        case .columns(let columns):
            for column in columns {
                let value = try frame.value(column.slot).value
                if holds(value, column.category) { held[column.item] = true }
            }
        }
        let rules = Rules(
            model: self, antecedents: rules.map { $0.antecedent.allSatisfy { held[$0] } },
            consequents: self.rules.map { $0.consequent.allSatisfy { held[$0] } })
        return .full(Prediction(value: FieldValue(.list([]), .categorical), rules: rules))
    }

    private func holds(_ value: Value, _ category: String?) -> Bool {
        if value.isMissing { return false }
        if let category { return sameText(value.displayText, category) }
        switch value {
        case .boolean(let flag): return flag
        case .text(let text): return ["true", "t", "T", "1", "yes"].contains(text.lowercased())
        case .missing, .double, .float, .integer, .date, .time, .dateTime, .days, .seconds, .dateSeconds,
            .list:
            return value.number == 1
        }
    }

    /// A measure to rank by; 0 where the rule does not give it.
    func measure(_ basis: RuleQuery.Basis, of index: Int) -> Double {
        let rule = rules[index]
        switch basis {
        case .confidence: return rule.confidence
        case .support: return rule.support
        case .lift: return rule.lift ?? 0
        case .leverage: return rule.leverage ?? 0
        case .affinity: return rule.affinity ?? 0
        }
    }

    /// One feature of a rule as a result.
    func feature(_ feature: RuleQuery.Feature, of index: Int) -> Value {
        let rule = rules[index]
        switch feature {
        case .ruleId: return .text(rule.id)
        case .rule: return .text("{\(joined(rule.antecedent))}->{\(joined(rule.consequent))}")
        case .antecedent: return .list(rule.antecedent.map { .text(items[$0]) })
        case .consequent: return .list(rule.consequent.map { .text(items[$0]) })
        case .confidence: return .double(rule.confidence)
        case .support: return .double(rule.support)
        case .lift: return rule.lift.map(Value.double) ?? .missing
        case .leverage: return rule.leverage.map(Value.double) ?? .missing
        case .affinity: return rule.affinity.map(Value.double) ?? .missing
        }
    }

    private func joined(_ itemset: [Int]) -> String {
        itemset.map { items[$0] }.joined(separator: ",")
    }
}

extension AssociationRules {
    /// Compiles an `AssociationModel` element.
    static func compile(_ model: ModelContext) throws(Fault) -> any ScoringModel {
        var items: [String] = []
        var itemById: [String: Int] = [:]
        var columns: [(slot: Int, item: Int, category: String?)] = []
        for element in model.element.children("Item") {
            let value = try element.required("value")
            itemById[try element.required("id")] = items.count
            if let field = element["field"] {
                columns.append((model.slot(field, at: element), items.count, element["category"]))
            }
            items.append(value)
        }
        var itemsets: [String: [Int]] = [:]
        for element in model.element.children("Itemset") {
            var members: [Int] = []
            for reference in element.children("ItemRef") {
                let id = try reference.required("itemRef")
                guard let item = itemById[id] else { throw reference.fault("there is no item \"\(id)\"") }
                members.append(item)
            }
            itemsets[try element.required("id")] = members
        }
        var rules: [Rule] = []
        for (index, element) in model.element.children("AssociationRule").enumerated() {
            rules.append(try rule(element, index: index, itemsets))
        }
        return AssociationRules(
            items: items, rules: rules, basket: try basket(model, columns, items))
    }

    private static func rule(
        _ element: Element, index: Int, _ itemsets: [String: [Int]]
    ) throws(Fault) -> Rule {
        func itemset(_ attribute: String) throws(Fault) -> [Int] {
            let id = try element.required(attribute)
            guard let members = itemsets[id] else { throw element.fault("there is no itemset \"\(id)\"") }
            return members
        }
        return Rule(
            id: element["id"] ?? String(index + 1), antecedent: try itemset("antecedent"),
            consequent: try itemset("consequent"), confidence: try element.number("confidence") ?? 0,
            support: try element.number("support") ?? 0, lift: try element.number("lift"),
            leverage: try element.number("leverage"), affinity: try element.number("affinity"))
    }

    private static func basket(
        _ model: ModelContext, _ columns: [(slot: Int, item: Int, category: String?)], _ items: [String]
    ) throws(Fault) -> Basket {
        if !columns.isEmpty { return .columns(columns) }
        let active = model.scope.miningOrder.filter { $0.usage == .active }
        if model.scope.miningOrder.contains(where: { $0.usage == .group }) || active.count == 1 {
            guard let field = active.first else { throw model.element.fault("an active field is required") }
            return .list(slot: model.slot(field.name, at: model.element))
        }
        let positions = Dictionary(
            items.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        var named: [(slot: Int, item: Int, category: String?)] = []
        for field in active {
            guard let item = positions[field.name] else { continue }
            named.append((model.slot(field.name, at: model.element), item, nil))
        }
        return .columns(named)
    }
}
