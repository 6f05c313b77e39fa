/// The results of a model whose outputs tell no more than its target, its categories and their scores.
struct FastAnswer: Sendable {
    /// One value of the results.
    private enum Entry: Sendable {
        /// The predicted number, as an output where there is one.
        case number(Output?)
        /// By the position of the best category.
        case byBest([ResultValue])
        /// A category's score.
        case score(Int, as: ScoreType)
        /// The best category's score.
        case bestScore(as: ScoreType)
        case constant(ResultValue)
    }

    /// What a score is published as.
    private enum ScoreType: Sendable {
        case double, float, widenedFloat

        func value(_ score: Double) -> ResultValue {
            switch self {
            case .double: .double(score)
            case .float: .float(Float(score))
            case .widenedFloat: .double(Double(Float(score)))
            }
        }
    }

    /// What a classification chooses from.
    struct Choice {
        let categories: Categories
        let isFloat: Bool
        /// The predicted value, by the position of the best category.
        let predicted: [FieldValue]
        /// Entity ids by position, for models that have them.
        let entityIds: [String]?
    }

    private let layout: ResultLayout
    private let entries: [Entry]

    /// - Parameters:
    ///   - units: The model that answers, then the chains around it, innermost first.
    ///   - choice: Nil for regression.
    ///   - taken: Slots that have other values.
    init(_ units: [ModelUnit], _ choice: Choice?, taken: Set<Int>) throws(Unfit) {
        guard let unit = units.first, unit.hasTarget, unit.targets.count == 1, let target = unit.targets.first
        else {
            throw Unfit("several targets")
        }
        var names = [target.name ?? Target.standardName]
        var slots = taken
        var entries: [Entry] = [choice.map { .byBest($0.predicted.map(\.value.result)) } ?? .number(nil)]
        for output in units.flatMap(\.outputs) {
            guard slots.insert(output.slot).inserted, !names.contains(output.name) else {
                throw Unfit("an output of a name that is taken")
            }
            guard output.segment == nil, output.target == nil || output.target == target.name else {
                throw Unfit("outputs about other targets")
            }
            let entry = try FastAnswer.entry(output, choice)
            guard output.isFinal else { continue }
            names.append(output.name)
            entries.append(entry)
        }
        layout = ResultLayout(names: names)
        self.entries = entries
    }

    private static func entry(_ output: Output, _ choice: Choice?) throws(Unfit) -> Entry {
        switch output.feature {
        case .predictedValue:
            guard let choice else { return .number(output) }
            return .byBest(try choice.predicted.map { (value) throws(Unfit) in try typed(value, output) })
        case .probability(let category):
            guard let choice else { throw Unfit("probabilities of a number") }
            return try probability(category, output, choice)
        case .entityId(rank: 1):
            guard let ids = choice?.entityIds else { throw Unfit("an entity id") }
            return .byBest(
                try ids.map { (id) throws(Unfit) in try typed(FieldValue(.text(id)), output) })
        case .predictedDisplayValue, .confidence, .residual, .entityId, .affinity, .reasonCode, .rule,
            .segmentId, .segmentValue, .transformed, .failing, .absent:
            throw Unfit("an output of another feature")
        }
    }

    private static func typed(_ value: FieldValue, _ output: Output) throws(Unfit) -> ResultValue {
        guard let typed = try? output.typed(value) else { throw Unfit("an output of another type") }
        return typed.value.result
    }

    /// As `Output` has it: a category of another type than the distribution's is not in it.
    private static func probability(
        _ category: String?, _ output: Output, _ choice: Choice
    ) throws(Unfit) -> Entry {
        let type: ScoreType
        switch (choice.isFloat, output.dataType) {
        case (false, nil), (false, .double): type = .double
        case (true, nil), (_, .float): type = .float
        case (true, .double): type = .widenedFloat
        default: throw Unfit("a probability of another type")
        }
        let own = choice.categories.values.first?.dataType
        guard let category else {
            guard choice.predicted.allSatisfy({ $0.value.dataType == own }),
                zip(choice.predicted, choice.categories.values).allSatisfy({ $0.value.isSame(as: $1) })
            else { throw Unfit("predictions of another type than the categories") }
            return .bestScore(as: type)
        }
        guard output.categoryType == own, let position = choice.categories.position(of: category) else {
            return .constant(type.value(0))
        }
        return .score(position, as: type)
    }

    /// The results of a classification.
    func results(_ scores: [Double]) -> Results? {
        guard let best = Distribution.best(of: scores) else { return nil }
        var values: [ResultValue] = []
        values.reserveCapacity(entries.count)
        for entry in entries {
            switch entry {
            case .byBest(let choices): values.append(choices[best])
            case .score(let position, let type): values.append(type.value(scores[position]))
            case .bestScore(let type): values.append(type.value(scores[best]))
            case .constant(let value): values.append(value)
            case .number: return nil
            }
        }
        return Results(layout: layout, values: values)
    }

    /// The results of a regression; nil where the general form must tell what is wrong.
    func results(_ outcome: Outcome) -> Results? {
        if outcome.isMissing { return nil }
        let value = outcome.value
        var values: [ResultValue] = []
        values.reserveCapacity(entries.count)
        for entry in entries {
            guard case .number(let output) = entry else { return nil }
            guard let output else {
                values.append(value.value.result)
                continue
            }
            guard let typed = try? output.typed(value) else { return nil }
            values.append(typed.value.result)
        }
        return Results(layout: layout, values: values)
    }
}
