/// PMML element `TreeModel`, as flat arrays.
///
///     nodes     [ root | its children, next to each other | ... ]   from firstChild on
final class Tree: ScoringModel {
    /// Attribute `missingValueStrategy`.
    enum MissingStrategy: String, Sendable {
        case none, nullPrediction, lastPrediction, defaultChild, weightedConfidence, aggregateNodes
    }

    /// One node.
    struct Node: Sendable {
        let predicate: Predicate
        /// Surrogates other than the first count as missing levels.
        var firstChild = 0
        var childCount = 0
        /// Index of the default child; nil where the attribute is missing or names no child.
        var defaultChild: Int?
        let hasScore: Bool
        let answer: Result<Outcome, EvaluationError>
    }

    let nodes: [Node]
    let missingStrategy: MissingStrategy
    let returnsLast: Bool
    /// `missingValuePenalty`.
    let penalty: Double
    let target: Target

    init(
        nodes: [Node], missingStrategy: MissingStrategy, returnsLast: Bool, penalty: Double, target: Target
    ) {
        self.nodes = nodes
        self.missingStrategy = missingStrategy
        self.returnsLast = returnsLast
        self.penalty = penalty
        self.target = target
    }

    var form: String { "tree: \(nodes.count) nodes, general walk" }

    /// Where a walk ended.
    private struct Walk {
        var node: Int?
        var missingLevels = 0
    }

    func score(_ frame: Frame) throws(EvaluationError) -> Outcome {
        let walk = try walk(frame)
        guard let node = walk.node else { return try nothing() }
        let answer = try nodes[node].answer.get()
        if answer.isMissing { return try nothing() }
        if walk.missingLevels > 0, penalty != 1 { return penalised(answer, levels: walk.missingLevels) }
        return answer
    }

    private func nothing() throws(EvaluationError) -> Outcome {
        target.opType == .continuous || target.opType == nil
            ? try target.regression(nil) : try target.classificationDefault()
    }

    private func penalised(_ answer: Outcome, levels: Int) -> Outcome {
        guard case .full(let prediction) = answer, var confidence = prediction.confidence else {
            return answer
        }
        var factor = 1.0
        for _ in 0..<levels { factor *= penalty }
        confidence.scores = confidence.scores.map { $0 * factor }
        return .full(
            Prediction(
                value: prediction.value, probability: prediction.probability, confidence: confidence,
                entity: prediction.entity))
    }

    /// From the root down to the node whose score counts.
    private func walk(_ frame: Frame) throws(EvaluationError) -> Walk {
        var walk = Walk()
        guard let root = nodes.first, try root.predicate.evaluate(frame) == .yes else { return walk }
        var current = 0
        var last: Int?
        while nodes[current].childCount > 0 {
            if nodes[current].hasScore { last = current }
            var next: Int?
            search: for child in nodes[current].firstChild..<nodes[current].firstChild
                + nodes[current].childCount
            {
                switch try truth(of: nodes[child].predicate, frame, &walk) {
                case .yes:
                    next = child
                    break search
                case .no: break
                case .unknown:
                    switch missingStrategy {
                    case .none: break
                    case .nullPrediction: return Walk()
                    case .lastPrediction: return Walk(node: last, missingLevels: walk.missingLevels)
                    case .defaultChild:
                        guard let standard = nodes[current].defaultChild else {
                            throw .missingAttribute("Node", "defaultChild")
                        }
                        walk.missingLevels += 1
                        next = standard
                        break search
                    case .weightedConfidence, .aggregateNodes:
                        throw .unsupportedAttribute(
                            "TreeModel", "missingValueStrategy", missingStrategy.rawValue)
                    }
                }
            }
            guard let next else {
                return returnsLast ? Walk(node: last, missingLevels: walk.missingLevels) : Walk()
            }
            current = next
        }
        walk.node = current
        return walk
    }

    private func truth(
        of predicate: Predicate, _ frame: Frame, _ walk: inout Walk
    ) throws(EvaluationError) -> Truth {
        guard case .surrogate(let parts) = predicate else { return try predicate.evaluate(frame) }
        for (index, part) in parts.enumerated() {
            let truth = try part.evaluate(frame)
            if truth == .unknown { continue }
            if index > 0 { walk.missingLevels += 1 }
            return truth
        }
        return .unknown
    }
}
