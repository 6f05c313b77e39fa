/// PMML element `MiningModel`: segments, and how their results become one.
struct Ensemble: ScoringModel {
    /// Attribute `multipleModelMethod`.
    enum Method: String, Sendable {
        case majorityVote, weightedMajorityVote, average, weightedAverage, median, weightedMedian, max, sum
        case weightedSum, selectFirst, selectAll, modelChain
        case extendedWeightedSum = "x-weightedSum"
        case multiModelChain = "x-multiModelChain"

        /// Whether outputs of segments show in the model's own results.
        var publishesOutputs: Bool {
            switch self {
            case .modelChain, .multiModelChain, .selectFirst: true
            case .majorityVote, .weightedMajorityVote, .average, .weightedAverage, .median, .weightedMedian,
                .max, .sum, .weightedSum, .selectAll, .extendedWeightedSum:
                false
            }
        }

        /// Whether results are those of segments, unchanged.
        var isSelection: Bool { publishesOutputs || self == .selectAll }

        var isChain: Bool { self == .modelChain || self == .multiModelChain }

        var isWeighted: Bool {
            switch self {
            case .weightedMajorityVote, .weightedAverage, .weightedMedian, .weightedSum, .extendedWeightedSum:
                true
            case .majorityVote, .average, .median, .max, .sum, .selectFirst, .selectAll, .modelChain,
                .multiModelChain:
                false
            }
        }
    }

    /// Attribute `missingPredictionTreatment`.
    enum MissingTreatment: String, Sendable {
        case `continue`, skipSegment, returnMissing
    }

    /// PMML element `Segment`.
    struct Segment: Sendable {
        let predicate: Predicate
        let weight: Double
        let unit: ModelUnit
        /// What is wrong with the segment: rows that reach it fail.
        let fault: EvaluationError?
    }

    /// The model's number in `Frame.outcomes`.
    let number: Int
    let segments: [Segment]
    let method: Method
    let missingTreatment: MissingTreatment
    let missingThreshold: Double
    let isClassification: Bool
    /// Clusterings: entities are voted for, and nothing but the winner is known.
    let isClustering: Bool
    let target: Target
    let math: MathContext

    var form: String { "ensemble: \(segments.count) segments, \(method.rawValue), general" }

    func score(_ frame: Frame) throws(EvaluationError) -> Outcome {
        switch method {
        case .selectFirst, .modelChain, .multiModelChain, .selectAll: return try selected(frame)
        case .majorityVote, .weightedMajorityVote, .average, .weightedAverage, .median, .weightedMedian, .max,
            .sum, .weightedSum, .extendedWeightedSum:
            return try combined(frame)
        }
    }

    /// One segment's answer.
    struct SegmentResult {
        let outcome: Outcome
        let weight: Double
    }

    /// Chains and selections: results are those of segments, unchanged.
    private func selected(_ frame: Frame) throws(EvaluationError) -> Outcome {
        var chosen: [Int] = []
        for (index, segment) in segments.enumerated() where try segment.predicate.evaluate(frame) == .yes {
            if missingTreatment == .skipSegment, method != .selectFirst {
                throw .invalidAttribute(
                    "Segmentation", "missingPredictionTreatment", missingTreatment.rawValue)
            }
            let outcome = try segment.unit.evaluate(frame)
            if outcome.isMissing, missingTreatment == .returnMissing {
                return target.name == nil ? .several([]) : .missing
            }
            if method.isChain { try segment.unit.declareOutputs(frame) }
            chosen.append(index)
            if method == .selectFirst { break }
        }
        guard let last = chosen.last else { return .missing }
        if method == .selectFirst || method == .modelChain { chosen = [last] }
        frame.chosen[number] = chosen
        let outcomes = chosen.map { frame.outcomes[segments[$0].unit.number] ?? .missing }
        switch method {
        case .multiModelChain: return .several(try targets(of: chosen, outcomes))
        case .selectAll:
            let names = segments[chosen[0]].unit.usualNames
            guard chosen.allSatisfy({ segments[$0].unit.usualNames == names }) else {
                throw .evaluation("Segments have different fields")
            }
            return .all(outcomes)
        case .selectFirst, .modelChain, .majorityVote, .weightedMajorityVote, .average, .weightedAverage,
            .median,
            .weightedMedian, .max, .sum, .weightedSum, .extendedWeightedSum:
            return outcomes[0]
        }
    }

    /// Every segment contributes its own targets.
    private func targets(
        of chosen: [Int], _ outcomes: [Outcome]
    ) throws(EvaluationError) -> [(target: String, outcome: Outcome)] {
        var targets: [(target: String, outcome: Outcome)] = []
        for (index, outcome) in zip(chosen, outcomes) {
            for target in segments[index].unit.targets {
                let name = target.name ?? Target.standardName
                if targets.contains(where: { $0.target == name }) { throw .duplicateFieldValue(name) }
                targets.append((name, outcome.target(target.name)))
            }
        }
        return targets
    }

    private func combined(_ frame: Frame) throws(EvaluationError) -> Outcome {
        if let form = frame.forms.ensembles[number], let outcome = form.score(self, frame) { return outcome }
        var present: [SegmentResult] = []
        var missingWeight = 0.0
        var missingVotes = 0.0
        var missingCount = 0
        var weight = 0.0
        for segment in segments where try segment.predicate.evaluate(frame) == .yes {
            if let fault = segment.fault { throw fault }
            let outcome = try segment.unit.evaluate(frame)
            let share = method.isWeighted ? segment.weight : 1
            weight += segment.weight
            if !outcome.isMissing {
                present.append(SegmentResult(outcome: outcome, weight: share))
                continue
            }
            if missingTreatment == .returnMissing { return try nothing() }
            if missingTreatment == .continue, !isVote { return try nothing() }
            missingWeight += segment.weight
            missingVotes += share
            missingCount += 1
        }
        if missingTreatment != .returnMissing, missingWeight > 0, missingWeight / weight > missingThreshold {
            return try nothing()
        }
        guard !present.isEmpty || missingCount > 0 else { return try nothing() }
        let answer = try answer(present)
        if missingTreatment == .continue, missingVotes > 0,
            missingVotes > votes(of: answer.value.value, present)
        {
            return try nothing()
        }
        return answer
    }

    private func answer(_ present: [SegmentResult]) throws(EvaluationError) -> Outcome {
        if isClustering { return try clustering(present) }
        return isClassification ? try classification(present) : try regression(present)
    }

    var isVote: Bool { method == .majorityVote || method == .weightedMajorityVote }

    private func votes(of value: Value, _ results: [SegmentResult]) -> Double {
        results.reduce(0) {
            sameText($1.outcome.value.value.displayText, value.displayText) ? $0 + $1.weight : $0
        }
    }

    private func nothing() throws(EvaluationError) -> Outcome {
        if isClustering { return .missing }
        return isClassification ? try target.classificationDefault() : try target.regression(nil)
    }
}
