import CScoring

/// What an ensemble of trees combines, and how: known before its trees are laid out.
struct EnsembleOutline {
    let ensemble: Ensemble
    let trees: [Tree]
    /// Of each tree, in the ensemble's precision.
    let weights: [Double]
    /// What the sums are divided by; nil for sums.
    let divisor: Double?
    /// Nil for regression.
    let categories: Categories?

    /// The outline of an ensemble whose segments are all trees that always take part.
    ///
    /// - Throws: `Unfit` for any other.
    init(_ ensemble: Ensemble) throws(Unfit) {
        let math = ensemble.math
        guard !ensemble.isClustering else { throw Unfit("a clustering") }
        self.ensemble = ensemble
        trees = try EnsembleOutline.trees(of: ensemble)
        weights = ensemble.segments.map { math.rounded(ensemble.method.isWeighted ? $0.weight : 1) }
        categories = ensemble.isClassification ? try EnsembleOutline.categories(of: trees) : nil
        switch ensemble.method {
        case .average, .weightedAverage:
            let total = weights.reduce(0) { math.rounded($0 + $1) }
            guard total != 0, total.isFinite else { throw Unfit("weights without a sum to divide by") }
            divisor = total
        case .sum where !ensemble.isClassification, .weightedSum where !ensemble.isClassification,
            .extendedWeightedSum where !ensemble.isClassification:
            divisor = nil
        case .sum, .weightedSum, .extendedWeightedSum, .median, .weightedMedian, .max, .majorityVote,
            .weightedMajorityVote, .selectFirst, .selectAll, .modelChain, .multiModelChain:
            throw Unfit(
                (ensemble.isClassification ? "classifications" : "numbers")
                    + " combined by \(ensemble.method.rawValue)")
        }
    }

    private static func trees(of ensemble: Ensemble) throws(Unfit) -> [Tree] {
        var trees: [Tree] = []
        for segment in ensemble.segments {
            guard segment.fault == nil else { throw Unfit("a fault of the document") }
            guard case .always = segment.predicate else { throw Unfit("segments with conditions") }
            guard let tree = segment.unit.scoring as? Tree else { throw Unfit("segments that are not trees") }
            guard segment.unit.outputs.isEmpty else { throw Unfit("segments with outputs") }
            trees.append(tree)
        }
        guard !trees.isEmpty else { throw Unfit("no segments") }
        return trees
    }

    /// The categories of all trees, in the order of their first appearance.
    private static func categories(of trees: [Tree]) throws(Unfit) -> Categories {
        var values: [Value] = []
        // Equal values have equal keys; the values of a key are few.
        var known: [String: [Value]] = [:]
        for tree in trees {
            guard let categories = tree.categories else { throw Unfit("trees without probabilities") }
            for value in categories.values {
                let key = value.number.map { "\($0 + 0)" } ?? value.displayText
                if known[key]?.contains(where: { $0.isSame(as: value) }) ?? false { continue }
                guard values.count < 1024 else { throw Unfit("too many categories") }
                known[key, default: []].append(value)
                values.append(value)
            }
        }
        guard !values.isEmpty else { throw Unfit("no categories") }
        return Categories(values: values)
    }
}

/// An ensemble of trees as one forest: sums, averages, and averages of probabilities.
struct EnsembleForm: Sendable {
    let forest: Forest
    /// What the sums are divided by; nil for sums.
    let divisor: Double?
    /// Nil for regression.
    let categories: Categories?
    let math: MathContext
    let target: Target

    /// Lays the trees out.
    ///
    /// - Throws: `Unfit` for trees that have no such form.
    init(_ outline: EnsembleOutline, _ types: SlotTypes, _ layout: inout PlaneLayout) throws(Unfit) {
        let (trees, weights, math) = (outline.trees, outline.weights, outline.ensemble.math)
        self.math = math
        target = outline.ensemble.target
        divisor = outline.divisor
        categories = outline.categories
        var builder = ForestBuilder(types: types)
        for tree in trees { try builder.add(tree) }
        if let categories = outline.categories {
            forest = try builder.forest(
                &layout, sums: math.isFloat ? CS_ROWS_OF_FLOATS : CS_ROWS_OF_DOUBLES,
                width: categories.count
            ) { tree, node in
                trees[tree].probabilities(node, categories, weights[tree], math)
            }
            return
        }
        let isWeighted = outline.ensemble.method.isWeighted
        forest = try builder.forest(&layout, sums: math.isFloat ? CS_FLOATS : CS_DOUBLES, width: 1) {
            tree, node in
            trees[tree].number(node).map { number in
                let value = math.rounded(number)
                return .number(isWeighted ? math.rounded(value * weights[tree]) : value)
            }
        }
    }

    /// In a line.
    var description: String {
        "ensemble: \(forest.description), \(math.isFloat ? "float" : "double") sums"
    }

    /// The result of a row in the ensemble's precision, before the target's treatments.
    func number(_ sum: Double) -> Double { divisor.map { math.rounded(sum / $0) } ?? sum }
}

extension Tree {
    /// The categories that its leaves score, where they do.
    var categories: Categories? {
        for node in nodes {
            if case .success(let outcome) = node.answer, let probability = outcome.prediction?.probability {
                return probability.categories
            }
        }
        return nil
    }

    /// The number that a node answers.
    fileprivate func number(_ node: Int?) -> Double? {
        guard let node, case .success(let outcome) = nodes[node].answer, !outcome.isMissing else {
            return nil
        }
        return (try? outcome.value.value.cast(to: .double))?.number
    }

    /// The weighted probabilities that a node answers, by the ensemble's categories.
    fileprivate func probabilities(
        _ node: Int?, _ categories: Categories, _ weight: Double, _ math: MathContext
    ) -> ForestBuilder.Payload? {
        guard let node, case .success(let outcome) = nodes[node].answer,
            let probability = outcome.prediction?.probability
        else { return nil }
        var row = [Double](repeating: 0, count: categories.count)
        for (value, score) in zip(probability.categories.values, probability.scores) {
            guard let place = categories.position(of: value) else { return nil }
            row[place] = math.rounded(score * weight)
        }
        return .row(row)
    }
}
