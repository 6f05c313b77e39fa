/// The results of a model whose outputs tell no more than its target, its categories and their scores.
struct FastAnswer: Sendable {
    /// One value of the results.
    private enum Entry: BitwiseCopyable, Sendable {
        /// The predicted number, as the output of this position; -1 for the target itself.
        case number(Int)
        /// By the position of the best category: from this place of `choices` on.
        case byBest(Int)
        /// A category's score.
        case score(Int, as: ScoreType)
        /// The best category's score.
        case bestScore(as: ScoreType)
        /// This place of `choices`.
        case constant(Int)
    }

    /// What a score is published as.
    private enum ScoreType: BitwiseCopyable, Sendable {
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
        /// Whether each category is predicted as itself.
        let predictsCategories: Bool

        init(categories: Categories, isFloat: Bool, predicted: [FieldValue], entityIds: [String]?) {
            self.categories = categories
            self.isFloat = isFloat
            self.predicted = predicted
            self.entityIds = entityIds
            let own = categories.values.first?.dataType
            predictsCategories =
                predicted.allSatisfy { $0.value.dataType == own }
                && zip(predicted, categories.values).allSatisfy { $0.value.isSame(as: $1) }
        }
    }

    private let layout: ResultLayout
    private var entries: [Entry] = []
    /// Values that are known at load.
    private var choices: [ResultValue] = []
    private var outputs: [Output] = []
    /// A bound on what is kept of a document: categories or leaves times outputs.
    static let choicesMax = 1 << 20

    /// - Parameters:
    ///   - units: The model that answers, then the chains around it, innermost first.
    ///   - choice: Nil for regression.
    ///   - taken: Slots that have other values.
    init(_ units: [ModelUnit], _ choice: Choice?, taken: Set<Int>) throws(Unfit) {
        guard let unit = units.first, unit.hasTarget, unit.targets.count == 1, let target = unit.targets.first
        else {
            throw Unfit("several targets")
        }
        let first = target.name ?? Target.standardName
        layout = ResultLayout(names: [first] + units.flatMap(\.outputs).filter(\.isFinal).map(\.name))
        var names: Set<String> = [first]
        var slots = taken
        if let choice { try add(choice.predicted.map(\.value.result)) } else { entries.append(.number(-1)) }
        for output in units.flatMap(\.outputs) {
            guard slots.insert(output.slot).inserted, !names.contains(output.name) else {
                throw Unfit("an output of a name that is taken")
            }
            guard output.segment == nil, output.target == nil || output.target == target.name else {
                throw Unfit("outputs about other targets")
            }
            let before = entries.count
            try add(output, choice)
            if output.isFinal { names.insert(output.name) } else { entries.removeSubrange(before...) }
        }
    }

    private mutating func add(_ values: [ResultValue]) throws(Unfit) {
        guard choices.count + values.count <= FastAnswer.choicesMax else { throw Unfit("too many results") }
        entries.append(.byBest(choices.count))
        choices += values
    }

    private mutating func add(_ output: Output, _ choice: Choice?) throws(Unfit) {
        switch output.feature {
        case .predictedValue:
            guard let choice else {
                entries.append(.number(outputs.count))
                return outputs.append(output)
            }
            try add(try choice.predicted.map { (value) throws(Unfit) in try FastAnswer.typed(value, output) })
        case .probability(let category):
            guard let choice else { throw Unfit("probabilities of a number") }
            try addProbability(category, output, choice)
        case .entityId(rank: 1):
            guard let ids = choice?.entityIds else { throw Unfit("an entity id") }
            try add(try ids.map { (id) throws(Unfit) in try FastAnswer.typed(FieldValue(.text(id)), output) })
        case .predictedDisplayValue, .confidence, .residual, .entityId, .affinity, .reasonCode, .rule,
            .spread,
            .segmentId, .segmentValue, .transformed, .failing, .absent:
            throw Unfit("an output of another feature")
        }
    }

    private static func typed(_ value: FieldValue, _ output: Output) throws(Unfit) -> ResultValue {
        guard let typed = try? output.typed(value) else { throw Unfit("an output of another type") }
        return typed.value.result
    }

    /// As `Output` has it: a category of another type than the distribution's is not in it.
    private mutating func addProbability(
        _ category: String?, _ output: Output, _ choice: Choice
    ) throws(Unfit) {
        let type: ScoreType
        switch (choice.isFloat, output.dataType) {
        case (false, nil), (false, .double): type = .double
        case (_, .float): type = .float
        case (true, nil), (true, .double): type = .widenedFloat
        default: throw Unfit("a probability of another type")
        }
        let own = choice.categories.values.first?.dataType
        guard let category else {
            guard choice.predictsCategories else {
                throw Unfit("predictions of another type than the categories")
            }
            return entries.append(.bestScore(as: type))
        }
        guard output.categoryType == own, let position = choice.categories.position(of: category) else {
            entries.append(.constant(choices.count))
            return choices.append(type.value(0))
        }
        entries.append(.score(position, as: type))
    }

    /// The results of a classification by the plane's first `count` scores, of which none is NaN.
    func results(_ plane: Plane, count: Int) -> Results? {
        // SAFETY: callers have gathered `count` scores, at least one.
        let scores = plane.scores
        var best = 0
        for place in 1..<max(1, count) where scores[place] > scores[best] { best = place }
        var values: [ResultValue] = []
        values.reserveCapacity(entries.count)
        for entry in entries {
            switch entry {
            case .byBest(let first): values.append(choices[first + best])
            case .score(let position, let type): values.append(type.value(scores[position]))
            case .bestScore(let type): values.append(type.value(scores[best]))
            case .constant(let place): values.append(choices[place])
            case .number: values.append(.missing)
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
            guard case .number(let position) = entry else { return nil }
            guard position >= 0 else {
                values.append(value.value.result)
                continue
            }
            guard let typed = try? outputs[position].typed(value) else { return nil }
            values.append(typed.value.result)
        }
        return Results(layout: layout, values: values)
    }
}
