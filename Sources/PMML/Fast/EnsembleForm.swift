import CScoring

/// An ensemble of trees as one forest: sums, averages, and averages of probabilities.
struct EnsembleForm: Sendable {
    let forest: Forest
    /// What the sums are divided by; nil for sums.
    let divisor: Double?
    /// Nil for regression.
    let categories: Categories?
    let math: MathContext

    /// The form of an ensemble whose segments are all trees that always take part.
    ///
    /// - Throws: `Unfit` for any other.
    init(_ ensemble: Ensemble, _ types: SlotTypes, _ layout: inout PlaneLayout) throws(Unfit) {
        math = ensemble.math
        var trees: [Tree] = []
        for segment in ensemble.segments {
            guard case .always = segment.predicate else { throw Unfit("segments with conditions") }
            guard let tree = segment.unit.scoring as? Tree else { throw Unfit("segments that are not trees") }
            guard segment.unit.outputs.isEmpty else { throw Unfit("segments with outputs") }
            trees.append(tree)
        }
        guard !trees.isEmpty else { throw Unfit("no segments") }
        var builder = ForestBuilder(types: types)
        for tree in trees { try builder.add(tree) }
        let weights = ensemble.segments.map {
            ensemble.math.rounded(ensemble.method.isWeighted ? $0.weight : 1)
        }
        let total = weights.reduce(0) { ensemble.math.rounded($0 + $1) }
        if ensemble.isClassification {
            guard ensemble.method == .average || ensemble.method == .weightedAverage else {
                throw Unfit("classifications combined by \(ensemble.method.rawValue)")
            }
            let categories = try EnsembleForm.categories(of: trees)
            self.categories = categories
            divisor = total
            forest = try builder.forest(
                &layout, sums: math.isFloat ? CS_ROWS_OF_FLOATS : CS_ROWS_OF_DOUBLES,
                width: categories.count
            ) { tree, node in
                trees[tree].probabilities(node, categories, weights[tree], ensemble.math)
            }
            return
        }
        categories = nil
        switch ensemble.method {
        case .sum, .weightedSum, .extendedWeightedSum: divisor = nil
        case .average, .weightedAverage: divisor = total
        case .median, .weightedMedian, .max, .majorityVote, .weightedMajorityVote, .selectFirst, .selectAll,
            .modelChain, .multiModelChain:
            throw Unfit("numbers combined by \(ensemble.method.rawValue)")
        }
        forest = try builder.forest(&layout, sums: math.isFloat ? CS_FLOATS : CS_DOUBLES, width: 1) {
            tree, node in
            trees[tree].number(node).map { number in
                let value = ensemble.math.rounded(number)
                return .number(
                    ensemble.method.isWeighted ? ensemble.math.rounded(value * weights[tree]) : value)
            }
        }
    }

    /// The categories of all trees, in the order of their first appearance.
    private static func categories(of trees: [Tree]) throws(Unfit) -> Categories {
        var values: [Value] = []
        for tree in trees {
            guard let categories = tree.categories else { throw Unfit("trees without probabilities") }
            for value in categories.values where !values.contains(where: { $0.isSame(as: value) }) {
                values.append(value)
            }
        }
        guard !values.isEmpty, values.count <= 1024 else { throw Unfit("no categories, or too many") }
        return Categories(values: values)
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
