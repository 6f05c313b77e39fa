/// PMML element `RuleSetModel`.
struct RuleSet: ScoringModel {
    /// PMML elements `SimpleRule` and `CompoundRule`.
    indirect enum Rule: Sendable {
        case simple(Predicate, SimpleRule)
        case compound(Predicate, [Rule])
    }

    /// What a rule says.
    struct SimpleRule: Sendable {
        let id: String
        /// Position of the score among the categories.
        let category: Int
        let weight: Double
        let confidence: Double
    }

    /// Attribute `criterion`.
    enum Criterion: String, Sendable {
        case firstHit, weightedSum, weightedMax
    }

    let rules: [Rule]
    let criterion: Criterion
    let categories: Categories
    /// Position of the default score.
    let standard: Int?
    let standardConfidence: Double?
    let target: Target
    let math: MathContext

    var form: String { "rule set: \(criterion.rawValue)" }

    func score(_ frame: Frame) throws(EvaluationError) -> Outcome {
        var fired: [SimpleRule] = []
        try collect(rules, frame, &fired)
        var confidences = Array(repeating: 0.0, count: categories.count)
        guard let first = fired.first else {
            guard let standard else { return try target.classificationDefault() }
            confidences[standard] = standardConfidence ?? 0
            return answer(standard, confidences, nil)
        }
        switch criterion {
        case .firstHit:
            for rule in fired.reversed() { confidences[rule.category] = rule.confidence }
            return answer(first.category, confidences, first.id)
        case .weightedMax:
            let winners = heaviest(fired)
            for rule in winners { confidences[rule.category] = rule.confidence }
            let best = winners.dropFirst().reduce(winners.first ?? first) {
                $1.confidence > $0.confidence ? $1 : $0
            }
            return answer(best.category, confidences, best.id)
        case .weightedSum: return weightedSum(fired, first, confidences)
        }
    }

    /// The rule with the most weight of each category, in the order in which the categories came up.
    private func heaviest(_ fired: [SimpleRule]) -> [SimpleRule] {
        var winners: [SimpleRule] = []
        for rule in fired {
            if let index = winners.firstIndex(where: { $0.category == rule.category }) {
                if rule.weight > winners[index].weight { winners[index] = rule }
            } else {
                winners.append(rule)
            }
        }
        return winners
    }

    private func weightedSum(_ fired: [SimpleRule], _ first: SimpleRule, _ zeros: [Double]) -> Outcome {
        var sums = zeros
        for rule in fired { sums[rule.category] = math.rounded(sums[rule.category] + rule.weight) }
        var winner = first.category
        for rule in fired where sums[rule.category] > sums[winner] { winner = rule.category }
        let own = fired.filter { $0.category == winner }
        let best = own.dropFirst().reduce(own.first ?? first) { $1.weight > $0.weight ? $1 : $0 }
        let count = Double(fired.count)
        return answer(winner, sums.map { math.rounded($0 / count) }, best.id)
    }

    private func answer(_ category: Int, _ confidences: [Double], _ id: String?) -> Outcome {
        .full(
            Prediction(
                value: FieldValue(categories.values[category], target.opType ?? .categorical),
                confidence: Distribution(
                    categories: categories, scores: confidences, isFloat: math.isFloat),
                entity: Prediction.Entity(id: id)))
    }

    /// Gathers the rules that fire.
    private func collect(
        _ rules: [Rule], _ frame: Frame, _ fired: inout [SimpleRule]
    ) throws(EvaluationError) {
        for rule in rules {
            switch rule {
            case .simple(let predicate, let simple):
                guard try predicate.evaluate(frame) == .yes else { continue }
                fired.append(simple)
            case .compound(let predicate, let inner):
                guard try predicate.evaluate(frame) == .yes else { continue }
                try collect(inner, frame, &fired)
            }
        }
    }
}

extension RuleSet {
    /// Compiles a `RuleSetModel` element.
    static func compile(_ model: ModelContext) throws(Fault) -> any ScoringModel {
        let set = try model.element.requiredChild("RuleSet")
        guard let method = set.child("RuleSelectionMethod"),
            let criterion = Criterion(rawValue: try method.required("criterion"))
        else { throw set.fault("a RuleSelectionMethod with a known criterion is required") }
        guard model.isClassification else {
            throw model.element.fault("only classification is supported")
        }
        var reader = RuleReader(model: model)
        let rules = try reader.rules(in: set)
        let standard = set["defaultScore"].map { reader.category($0) }
        return RuleSet(
            rules: rules, criterion: criterion, categories: try model.categories(reader.texts),
            standard: standard, standardConfidence: try set.number("defaultConfidence"),
            target: model.target, math: model.math)
    }
}

/// Reads rules, numbering their scores.
private struct RuleReader {
    let model: ModelContext
    var texts: [String] = []
    private var positions: [String: Int] = [:]
    private var count = 0

    init(model: ModelContext) {
        self.model = model
    }

    mutating func category(_ text: String) -> Int {
        if let position = positions[text] { return position }
        positions[text] = texts.count
        texts.append(text)
        return texts.count - 1
    }

    mutating func rules(in element: Element) throws(Fault) -> [RuleSet.Rule] {
        model.compiler.depth += 1
        defer { model.compiler.depth -= 1 }
        guard model.compiler.depth < model.compiler.depthMax else {
            throw element.fault("rules nest deeper than \(model.compiler.depthMax)")
        }
        var rules: [RuleSet.Rule] = []
        for child in element.children where child.name == "SimpleRule" || child.name == "CompoundRule" {
            guard let predicate = try model.predicate(in: child) else {
                throw child.fault("a predicate is required")
            }
            if child.name == "CompoundRule" {
                let parts = try self.rules(in: child)
                rules.append(.compound(predicate, parts))
                continue
            }
            count += 1
            let simple = RuleSet.SimpleRule(
                id: child["id"] ?? String(count), category: category(try child.required("score")),
                weight: try child.number("weight") ?? 1, confidence: try child.number("confidence") ?? 1)
            rules.append(.simple(predicate, simple))
        }
        return rules
    }
}
