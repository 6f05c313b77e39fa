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
    }

    let segments: [Segment]
    let method: Method
    let missingTreatment: MissingTreatment
    let missingThreshold: Double
    let isClassification: Bool
    let target: Target
    let math: MathContext

    var form: String { "ensemble: \(segments.count) segments, \(method.rawValue), general" }

    func score(_ frame: Frame) throws(EvaluationError) -> Outcome {
        switch method {
        case .selectFirst:
            for segment in segments where try segment.predicate.evaluate(frame) == .yes {
                return try segment.unit.evaluate(frame)
            }
            return .missing
        case .modelChain: return try chain(frame)
        case .multiModelChain: return try multiChain(frame)
        case .selectAll: return .all(try results(frame).map(\.outcome))
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

    private func results(_ frame: Frame) throws(EvaluationError) -> [SegmentResult] {
        var results: [SegmentResult] = []
        for segment in segments where try segment.predicate.evaluate(frame) == .yes {
            results.append(
                SegmentResult(
                    outcome: try segment.unit.evaluate(frame), weight: method.isWeighted ? segment.weight : 1))
        }
        return results
    }

    private func chain(_ frame: Frame) throws(EvaluationError) -> Outcome {
        var last = Outcome.missing
        for segment in segments where try segment.predicate.evaluate(frame) == .yes {
            last = try segment.unit.evaluate(frame)
        }
        return last
    }

    /// Every segment contributes its own targets.
    private func multiChain(_ frame: Frame) throws(EvaluationError) -> Outcome {
        var targets: [(target: String, outcome: Outcome)] = []
        for segment in segments where try segment.predicate.evaluate(frame) == .yes {
            let outcome = try segment.unit.evaluate(frame)
            for target in segment.unit.targets {
                guard let name = target.name else { continue }
                targets.removeAll { $0.target == name }
                targets.append((name, outcome.target(name)))
            }
        }
        return .several(targets)
    }

    private func combined(_ frame: Frame) throws(EvaluationError) -> Outcome {
        var present: [SegmentResult] = []
        var missingWeight = 0.0
        var weight = 0.0
        let results = try results(frame)
        for result in results {
            weight += result.weight
            if !result.outcome.isMissing {
                present.append(result)
                continue
            }
            switch missingTreatment {
            case .returnMissing: return try nothing()
            case .skipSegment: missingWeight += result.weight
            case .continue:
                missingWeight += result.weight
                if !isVote { return try nothing() }
            }
        }
        if missingTreatment == .skipSegment, missingWeight > 0, missingWeight / weight > missingThreshold {
            return try nothing()
        }
        guard !present.isEmpty else { return try nothing() }
        return isClassification ? try classification(present) : try regression(present)
    }

    private var isVote: Bool { method == .majorityVote || method == .weightedMajorityVote }

    private func nothing() throws(EvaluationError) -> Outcome {
        isClassification ? try target.classificationDefault() : try target.regression(nil)
    }
}
