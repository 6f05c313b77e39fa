/// PMML element `OutputField`: one facet of an outcome, published under a name.
struct Output: Sendable {
    /// Attribute `feature`, with the attributes that belong to it.
    indirect enum Feature: Sendable {
        case predictedValue
        case predictedDisplayValue
        /// Of this category, or of the predicted one.
        case probability(String?)
        case confidence(String?)
        case residual(ResidualOutput)
        /// The id of the entity of this rank, from 1.
        case entityId(rank: Int)
        /// Of this entity, of the one of this rank, or of the one that is called like the predicted value.
        case affinity(AffinityQuery)
        case reasonCode(rank: Int)
        case rule(RuleQuery)
        case spread(SpreadQuery)
        /// The id of the segment that answers for an ensemble.
        case segmentId(ensemble: Int, ids: [String])
        /// An output of a segment, by its slot; nil where the segment has none of that name.
        case segmentValue(slot: Int?)
        /// `transformedValue` and `decision`.
        case transformed(any Expression)
        /// The document is at fault: every row with a result fails.
        case failing(EvaluationError)
        /// What the model never tells: always missing.
        case absent
    }

    let name: String
    let displayName: String?
    let slot: Int
    let isFinal: Bool
    let feature: Feature
    let dataType: DataType?
    let opType: OpType?
    /// The type in which the category of `value` is read.
    let categoryType: DataType
    /// Display values by category, for `predictedDisplayValue`.
    let displays: [String: String]
    /// The target that the output is about, where the model has several.
    let target: String?
    /// The segment whose outcome the output is about, instead of the model's own.
    let segment: SegmentReference?

    /// A segment by its outcome's number.
    struct SegmentReference: Sendable {
        let outcome: Int
    }

    /// Whether the output tells something of a target of this model (not of a segment, nor of other fields).
    var isAboutTarget: Bool {
        switch feature {
        case .transformed, .segmentId, .segmentValue: return false
        case .predictedValue, .predictedDisplayValue, .probability, .confidence, .residual, .entityId,
            .affinity,
            .reasonCode, .rule, .spread, .failing, .absent:
            return segment == nil
        }
    }

    /// Computes the output and sets its slot.
    ///
    /// - Throws: A name that is already set is a fault of the document.
    func publish(_ outcome: Outcome, _ frame: Frame) throws(EvaluationError) {
        guard let value = try value(outcome, frame) else { return }
        guard !frame.isSet(slot) else { throw .duplicateFieldValue(name) }
        frame.set(slot, try typed(value))
    }

    /// A value in the declared type.
    func typed(_ value: FieldValue) throws(EvaluationError) -> FieldValue {
        if value.isMissing { return .missing }
        if case .list = value.value { return value }
        guard let dataType else {
            return opType.map { FieldValue(value.value, $0, order: value.order) } ?? value
        }
        let cast: Value
        switch feature {
        case .transformed, .segmentId, .segmentValue, .rule, .entityId, .reasonCode, .affinity, .residual,
            .spread, .failing, .absent,
            .predictedValue, .predictedDisplayValue:
            cast = try value.value.converted(to: dataType)
        case .probability, .confidence:
            cast = try value.value.cast(to: dataType)
        }
        return FieldValue(cast, opType ?? dataType.naturalOpType)
    }

    /// The value before its declared type; nil where the segment in question did not run.
    private func value(_ outcome: Outcome, _ frame: Frame) throws(EvaluationError) -> FieldValue? {
        var subject = outcome
        if let segment {
            guard let other = frame.outcomes[segment.outcome] else { return nil }
            subject = other
        }
        switch feature {
        case .transformed(let expression): return try expression.evaluate(frame)
        case .segmentValue(let slot):
            guard let slot, frame.isSet(slot) else { return .missing }
            return try frame.value(slot)
        case .segmentId(let ensemble, let ids):
            guard let chosen = frame.chosen[ensemble]?.last, chosen < ids.count else {
                throw outcome.lacks("HasEntityId")
            }
            return FieldValue(.text(ids[chosen]))
        case .predictedValue, .predictedDisplayValue, .probability, .confidence, .residual, .entityId,
            .affinity,
            .reasonCode, .rule, .spread, .failing, .absent:
            break
        }
        subject = subject.target(target)
        return subject.isMissing ? nil : try facet(subject, frame)
    }

    private func facet(_ outcome: Outcome, _ frame: Frame) throws(EvaluationError) -> FieldValue {
        switch feature {
        case .predictedValue: return outcome.value
        case .predictedDisplayValue: return try display(outcome)
        case .probability(let category):
            guard let distribution = outcome.prediction?.probability else {
                throw outcome.lacks("HasProbability")
            }
            return score(distribution, category, outcome)
        case .confidence(let category):
            guard let distribution = outcome.prediction?.confidence else {
                throw outcome.lacks("HasConfidence")
            }
            return score(distribution, category, outcome)
        case .residual(let residual): return try residual.evaluate(outcome, frame)
        case .entityId(let rank): return try entity(outcome, rank)
        case .affinity(let query): return try query.evaluate(outcome)
        case .reasonCode(let rank):
            guard let codes = outcome.prediction?.reasonCodes else { throw outcome.lacks("HasReasonCodes") }
            return rank <= codes.count ? FieldValue(.text(codes[rank - 1])) : .missing
        case .rule(let query):
            guard let rules = outcome.prediction?.rules else { throw outcome.lacks("HasRuleValues") }
            return query.evaluate(rules)
        case .spread(let query):
            guard let value = outcome.prediction?.spread?.value(query) else { return .missing }
            guard value.isFinite else { throw .undefined("The spread is not a finite number") }
            return FieldValue(.double(value), .continuous)
        case .transformed(let expression): return try expression.evaluate(frame)
        case .failing(let error): throw error
        case .absent, .segmentId, .segmentValue: return .missing
        }
    }

    private func score(_ distribution: Distribution, _ category: String?, _ outcome: Outcome) -> FieldValue {
        // As in the reference, a category of another type than the distribution's is not in it.
        let type = category == nil ? outcome.value.value.dataType : categoryType
        guard let type, type == distribution.categories.values.first?.dataType else {
            return FieldValue(distribution.value(0), .continuous)
        }
        let text = category ?? outcome.value.value.displayText
        return FieldValue(distribution.value(distribution.score(text)), .continuous)
    }

    private func display(_ outcome: Outcome) throws(EvaluationError) -> FieldValue {
        if let display = outcome.prediction?.display { return display }
        let value = outcome.value
        if let display = displays[value.value.displayText] { return FieldValue(.text(display)) }
        for (text, display) in displays {
            guard let type = value.value.dataType, let category = try? Value.parse(text, as: type),
                category.isSame(as: value.value)
            else { continue }
            return FieldValue(.text(display))
        }
        return value
    }

    private func entity(_ outcome: Outcome, _ rank: Int) throws(EvaluationError) -> FieldValue {
        guard let prediction = outcome.prediction else { throw outcome.lacks("HasEntityId") }
        if rank > 1 {
            guard let affinities = prediction.affinity else { throw outcome.lacks("HasEntityIdRanking") }
            return affinities.position(rank: rank).map { FieldValue(.text(affinities.ids[$0])) } ?? .missing
        }
        guard let entity = prediction.entity else { throw outcome.lacks("HasEntityId") }
        return entity.id.map { FieldValue(.text($0)) } ?? .missing
    }
}

/// Output features `affinity`, `entityAffinity` and `clusterAffinity`.
struct AffinityQuery: Sendable {
    /// The entity of attribute `value`.
    let id: String?
    let rank: Int
    /// `affinity` of rank 1 asks for the entity that is called like the predicted value; the others for the
    /// winner.
    let isOfValue: Bool

    func evaluate(_ outcome: Outcome) throws(EvaluationError) -> FieldValue {
        guard let affinities = outcome.prediction?.affinity else { throw outcome.lacks("HasAffinity") }
        if rank == 1, let id = id ?? (isOfValue ? outcome.value.value.displayText : nil) {
            return FieldValue(.double(affinities.score(of: id)), .continuous)
        }
        guard let position = affinities.position(rank: rank) else { return .missing }
        return FieldValue(.double(affinities.scores[position]), .continuous)
    }
}

extension Outcome {
    /// The type error of a model that does not have a facet.
    func lacks(_ facet: String) -> EvaluationError {
        .type(expected: "org.jpmml.evaluator.\(facet)", actual: value.value.typeName)
    }
}

/// Output feature `residual`: what was expected less what was predicted.
struct ResidualOutput: Sendable {
    /// The target's name.
    let name: String
    /// The target's slot, filled from the input.
    let slot: Int
    let isClassification: Bool
    /// The category that a probability residual is about.
    let category: String?

    func evaluate(_ outcome: Outcome, _ frame: Frame) throws(EvaluationError) -> FieldValue {
        let expected = try frame.value(slot)
        if expected.isMissing { throw .missingFieldValue(name) }
        guard isClassification else {
            guard let a = expected.value.number, let b = outcome.value.value.number else { return .missing }
            return FieldValue(.double(a - b))
        }
        guard let distribution = outcome.prediction?.probability else {
            throw outcome.lacks("HasProbability")
        }
        let text = category ?? outcome.value.value.displayText
        let isExpected = sameText(expected.value.displayText, text)
        return FieldValue(.double((isExpected ? 1 : 0) - distribution.score(text)))
    }
}
