import Tensors

/// A `TreeEnsembleClassifier` made ready.
private struct PreparedClassifier: Sendable {
    let forest: TreeForest
    let labels: ClassLabels
    let transform: PostTransform
    /// Two labels, but leaves speak of one class only.
    let isBinary: Bool
    let weightsArePositive: Bool
}

extension Invocation {
    fileprivate func checkWidth(_ forest: TreeForest, _ width: Int) throws(KernelError) {
        guard forest.featureCount <= width else {
            throw .invalid("\(width) features where the trees look at \(forest.featureCount)")
        }
    }

    /// `TreeEnsembleClassifier` (ai.onnx.ml 1 to 3).
    fileprivate func classifyByTrees() throws(KernelError) -> [Tensor] {
        let prepared = try cache.value { () throws(KernelError) in
            let labels = try ClassLabels(attributes)
            let ids = try attributes.integers("class_ids") ?? []
            let forest = try TreeForest(
                attributes, prefix: "class", targetCount: max(labels.count, saturatingAdd(ids.max() ?? 0, 1)))
            let weights = forest.nodes.flatMap(\.weights)
            return PreparedClassifier(
                forest: forest, labels: labels, transform: try PostTransform(attributes),
                isBinary: labels.count == 2 && Set(ids).count == 1,
                weightsArePositive: weights.allSatisfy { $0.weight >= 0 })
        }
        let (values, count, width) = try rows()
        try checkWidth(prepared.forest, width)
        try workspace.reserve(count, elementBytes: 96 + 24 * prepared.forest.targetCount)
        var winners: [Int] = []
        var table: [[Double]] = []
        for row in 0..<count {
            var (scores, isSet) = try prepared.forest.scores(values, at: row * width, workspace)
            if prepared.isBinary {
                let target = isSet.firstIndex(of: true) ?? 0
                let (winner, pair) = binary(scores[target], prepared)
                winners.append(winner)
                scores = pair
            } else {
                winners.append(winner(scores))
                scores = prepared.transform.apply(scores)
            }
            table.append(scores)
        }
        return try classified(prepared.labels, winners: winners, scores: table)
    }

    /// The label and both scores from the one score that the trees gave.
    private func binary(_ score: Double, _ prepared: PreparedClassifier) -> (Int, [Double]) {
        if prepared.weightsArePositive, prepared.transform == .none {
            return (score > 0.5 ? 1 : 0, [1 - score, score])
        }
        let winner = prepared.weightsArePositive ? (score > 0.5 ? 1 : 0) : (score > 0 ? 1 : 0)
        switch prepared.transform {
        case .logistic: return (winner, [logistic(-score), logistic(score)])
        case .none: return (winner, [-score, score])
        case .softmax, .softmaxZero, .probit: return (winner, prepared.transform.apply([-score, score]))
        }
    }

    /// `TreeEnsembleRegressor` (ai.onnx.ml 1 to 3).
    fileprivate func regressByTrees() throws(KernelError) -> [Tensor] {
        let forest = try cache.value { () throws(KernelError) in
            try TreeForest(
                attributes, prefix: "target", targetCount: try attributes.integer("n_targets", default: 1))
        }
        return [try cast(try regress(forest, try PostTransform(attributes)), to: .float32)]
    }

    private func regress(_ forest: TreeForest, _ transform: PostTransform) throws(KernelError) -> Tensor {
        let (values, count, width) = try rows()
        try checkWidth(forest, width)
        try workspace.reserve(saturatingMultiply(count, forest.targetCount))
        var results: [Double] = []
        for row in 0..<count {
            results += transform.apply(try forest.scores(values, at: row * width, workspace).scores)
        }
        return try make([count, forest.targetCount], results)
    }

    /// `TreeEnsemble` (ai.onnx.ml 5).
    fileprivate func evaluateTrees() throws(KernelError) -> [Tensor] {
        let forest = try cache.value { () throws(KernelError) in try TreeForest(ensemble: attributes) }
        let forms: [PostTransform] = [.none, .softmax, .logistic, .softmaxZero, .probit]
        let form = try attributes.integer("post_transform", default: 0)
        guard forms.indices.contains(form) else { throw .unsupported("attribute post_transform = \(form)") }
        return [try cast(try regress(forest, forms[form]), to: try input(0).elementType)]
    }
}

extension TreeForest {
    /// From the attributes of `TreeEnsemble` (ai.onnx.ml 5): inner nodes and leaves are numbered apart.
    fileprivate init(ensemble attributes: Attributes) throws(KernelError) {
        func integers(_ name: String) throws(KernelError) -> [Int] { try attributes.integers(name) ?? [] }
        let features = try integers("nodes_featureids")
        let splits = try attributes.tensor("nodes_splits")?.doubles() ?? []
        let modes = try attributes.tensor("nodes_modes")?.converted(to: Int64.self) ?? []
        let trueIDs = try integers("nodes_truenodeids")
        let falseIDs = try integers("nodes_falsenodeids")
        let trueLeafs = try integers("nodes_trueleafs")
        let falseLeafs = try integers("nodes_falseleafs")
        let missing = try integers("nodes_missing_value_tracks_true")
        let leafTargets = try integers("leaf_targetids")
        let leafWeights = try attributes.tensor("leaf_weights")?.doubles() ?? []
        let count = features.count
        guard
            [splits.count, modes.count, trueIDs.count, falseIDs.count, trueLeafs.count, falseLeafs.count]
                .allSatisfy({ $0 == count }), leafTargets.count == leafWeights.count,
            missing.isEmpty || missing.count == count
        else { throw .invalid("tree attributes of different lengths") }
        var sets = Self.memberSets(try attributes.tensor("membership_values")?.doubles() ?? [])[...]
        for index in 0..<count {
            var node = TreeNode(test: .leaf, feature: features[index], value: splits[index])
            switch modes[index] {
            case 0: node.test = .lessOrEqual
            case 1: node.test = .less
            case 2: node.test = .greaterOrEqual
            case 3: node.test = .greater
            case 4: node.test = .equal
            case 5: node.test = .notEqual
            case 6: node.test = .member(sets.popFirst() ?? [])
            default: throw .unsupported("node mode \(modes[index])")
            }
            node.whenTrue = trueLeafs[index] != 0 ? saturatingAdd(trueIDs[index], count) : trueIDs[index]
            node.whenFalse = falseLeafs[index] != 0 ? saturatingAdd(falseIDs[index], count) : falseIDs[index]
            node.missingIsTrue = index < missing.count && missing[index] != 0
            nodes.append(node)
        }
        for (target, weight) in zip(leafTargets, leafWeights) {
            nodes.append(TreeNode(test: .leaf, weights: [(target, weight)]))
        }
        roots = try integers("tree_roots")
        targetCount = try attributes.integer("n_targets", default: 1)
        let aggregates: [Aggregate] = [.average, .sum, .minimum, .maximum]
        let choice = try attributes.integer("aggregate_function", default: 1)
        guard aggregates.indices.contains(choice) else { throw .invalid("attribute aggregate_function") }
        aggregate = aggregates[choice]
        try seal()
    }

    /// The sets of the membership tests, parted by NaN.
    private static func memberSets(_ values: [Double]) -> [[Double]] {
        values.split(omittingEmptySubsequences: false) { $0.isNaN }.map(Array.init)
    }
}

/// ONNX's tree ensembles.
let treeOperators: [String: OperatorFunction] = [
    "TreeEnsembleClassifier": { call throws(KernelError) in try call.classifyByTrees() },
    "TreeEnsembleRegressor": { call throws(KernelError) in try call.regressByTrees() },
    "TreeEnsemble": { call throws(KernelError) in try call.evaluateTrees() },
]
