/// The association rules that a transaction fires.
struct Rules: Sendable {
    let model: AssociationRules
    /// Per rule: whether the transaction holds all of its antecedent, and of its consequent.
    let antecedents: [Bool]
    let consequents: [Bool]
}

/// Output features `ruleValue`, `ruleId`, ... of association models.
struct RuleQuery: Sendable {
    /// Attribute `algorithm`.
    enum Algorithm: String, Sendable {
        case recommendation, exclusiveRecommendation, ruleAssociation
    }

    /// Attribute `ruleFeature`.
    enum Feature: String, Sendable {
        case antecedent, consequent, rule, ruleId, confidence, support, lift, leverage, affinity
    }

    /// Attribute `rankBasis`.
    enum Basis: String, Sendable {
        case confidence, support, lift, leverage, affinity
    }

    let algorithm: Algorithm
    let feature: Feature
    let basis: Basis
    let isAscending: Bool
    let rank: Int
    let isMultiValued: Bool

    /// The feature of the rule of this rank, or of all rules.
    func evaluate(_ rules: Rules) -> FieldValue {
        let selected = ranked(rules)
        if isMultiValued {
            let wanted = rank > 0 ? Array(selected.prefix(rank)) : selected
            return FieldValue(.list(wanted.map { rules.model.feature(feature, of: $0) }), .categorical)
        }
        guard rank > 0, rank <= selected.count else { return .missing }
        return FieldValue(rules.model.feature(feature, of: selected[rank - 1]))
    }

    private func ranked(_ rules: Rules) -> [Int] {
        let fired = rules.model.rules.indices.filter { index in
            switch algorithm {
            case .recommendation: rules.antecedents[index]
            case .exclusiveRecommendation: rules.antecedents[index] && !rules.consequents[index]
            case .ruleAssociation: rules.antecedents[index] && rules.consequents[index]
            }
        }
        return fired.sorted { a, b in
            let x = rules.model.measure(basis, of: a)
            let y = rules.model.measure(basis, of: b)
            return x == y ? a < b : isAscending ? x < y : x > y
        }
    }
}
