/// PMML element `TreeModel`, as flat arrays.
final class Tree: ScoringModel {
    /// Attribute `missingValueStrategy`.
    enum MissingStrategy: String, Sendable {
        case none, nullPrediction, lastPrediction, defaultChild, weightedConfidence, aggregateNodes
    }

    let nodes: TreeNodes
    let missingStrategy: MissingStrategy
    let returnsLast: Bool
    /// `missingValuePenalty`.
    let penalty: Double
    let target: Target

    init(
        nodes: TreeNodes, missingStrategy: MissingStrategy, returnsLast: Bool, penalty: Double, target: Target
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
        guard let root = nodes.links.first, try nodes.predicates.evaluate(root.predicate, frame) == .yes
        else { return walk }
        var current = 0
        var last: Int?
        while nodes.links[current].childCount > 0 {
            let link = nodes.links[current]
            if link.counts & TreeNodes.Link.hasScore != 0 { last = current }
            var next: Int?
            let first = Int(link.firstChild)
            search: for child in first..<first + link.childCount {
                switch try truth(of: nodes.links[child].predicate, frame, &walk) {
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
                        guard link.defaultChild != 0 else { throw .missingAttribute("Node", "defaultChild") }
                        walk.missingLevels += 1
                        next = Int(link.defaultChild)
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
        of code: PredicateCode, _ frame: Frame, _ walk: inout Walk
    ) throws(EvaluationError) -> Truth {
        guard case .surrogate(let parts)? = nodes.predicates.general(code) else {
            return try nodes.predicates.evaluate(code, frame)
        }
        for (index, part) in parts.enumerated() {
            let truth = try part.evaluate(frame)
            if truth == .unknown { continue }
            // Surrogates other than the first count as missing levels.
            if index > 0 { walk.missingLevels += 1 }
            return truth
        }
        return .unknown
    }
}
