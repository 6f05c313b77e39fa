extension Ensemble {
    /// One number out of the segments' numbers.
    func regression(_ results: [SegmentResult]) throws(EvaluationError) -> Outcome {
        guard method != .max, !isVote else {
            throw .invalidAttribute("Segmentation", "multipleModelMethod", method.rawValue)
        }
        var values: [(value: Double, weight: Double)] = []
        for result in results {
            guard let number = try result.outcome.value.value.cast(to: .double).number else { continue }
            values.append((math.rounded(number), math.rounded(result.weight)))
        }
        if values.isEmpty, method != .sum, method != .weightedSum, method != .extendedWeightedSum {
            throw .undefined
        }
        switch method {
        case .sum, .weightedSum, .extendedWeightedSum: return try target.regression(sum(values))
        case .average, .weightedAverage:
            let weight = values.reduce(0) { math.rounded($0 + $1.weight) }
            guard weight != 0 else { throw .undefined }
            return try target.regression(math.rounded(sum(values) / weight))
        case .median: return try target.regression(median(values.map(\.value)))
        case .weightedMedian: return try target.regression(weightedMedian(values))
        case .max, .majorityVote, .weightedMajorityVote, .selectFirst, .selectAll, .modelChain,
            .multiModelChain:
            return .missing
        }
    }

    private func sum(_ values: [(value: Double, weight: Double)]) -> Double {
        var sum = 0.0
        for (value, weight) in values {
            sum = math.rounded(sum + (method.isWeighted ? math.rounded(value * weight) : value))
        }
        return sum
    }

    private func median(_ values: [Double]) -> Double {
        let sorted = values.sorted { Value.order($0, $1) < 0 }
        let middle = sorted.count / 2
        if sorted.count % 2 == 1 { return sorted[middle] }
        // In this order of operations: which segment is nearest to the median hangs on the last bit.
        let (lower, upper) = (sorted[middle - 1], sorted[middle])
        return math.rounded(lower + 0.5 * (upper - lower))
    }

    private func weightedMedian(_ values: [(value: Double, weight: Double)]) -> Double {
        let sorted = values.sorted { Value.order($0.value, $1.value) < 0 }
        let half = sorted.reduce(0) { $0 + $1.weight } / 2
        var below = 0.0
        for (index, entry) in sorted.enumerated() {
            below += entry.weight
            if below > half || half == 0 { return entry.value }
            if below == half, half > 0, index + 1 < sorted.count {
                return math.rounded((entry.value + sorted[index + 1].value) / 2)
            }
        }
        return sorted.last?.value ?? .nan
    }

    /// One distribution out of the segments' votes or probabilities.
    func classification(_ results: [SegmentResult]) throws(EvaluationError) -> Outcome {
        switch method {
        case .majorityVote, .weightedMajorityVote: return try vote(results)
        case .average, .weightedAverage: return try averaged(results)
        case .max, .median: return try selected(results)
        case .sum, .weightedSum, .extendedWeightedSum, .weightedMedian:
            throw .invalidAttribute("Segmentation", "multipleModelMethod", method.rawValue)
        case .selectFirst, .selectAll, .modelChain, .multiModelChain: return .missing
        }
    }

    /// The entity with most votes.
    func clustering(_ results: [SegmentResult]) throws(EvaluationError) -> Outcome {
        guard method == .majorityVote || method == .weightedMajorityVote else {
            throw .invalidAttribute("Segmentation", "multipleModelMethod", method.rawValue)
        }
        return .plain(target.classified(try votes(results)).value)
    }

    private func vote(_ results: [SegmentResult]) throws(EvaluationError) -> Outcome {
        var distribution = try votes(results)
        guard distribution.scores.reduce(0, +) != 0 else { throw .undefined }
        distribution.normalise()
        return .full(target.classified(distribution))
    }

    private func votes(_ results: [SegmentResult]) throws(EvaluationError) -> Distribution {
        var tally = Tally()
        for result in results { tally.add(result.outcome.value.value, math.rounded(result.weight), math) }
        let distribution = tally.distribution(isFloat: math.isFloat)
        guard distribution.categories.count > 0 else { throw .evaluation("Empty classification") }
        return distribution
    }

    private func averaged(_ results: [SegmentResult]) throws(EvaluationError) -> Outcome {
        var tally = Tally()
        var weight = 0.0
        for result in results {
            guard let probability = result.outcome.prediction?.probability else {
                throw result.outcome.lacks("HasProbability")
            }
            let share = math.rounded(result.weight)
            for (category, score) in zip(probability.categories.values, probability.scores) {
                tally.add(category, math.rounded(score * share), math)
            }
            weight = math.rounded(weight + share)
        }
        var distribution = tally.distribution(isFloat: math.isFloat)
        guard distribution.categories.count > 0 else { throw .evaluation("Empty classification") }
        guard weight != 0 else { throw .undefined }
        distribution.scores = distribution.scores.map { math.rounded($0 / weight) }
        return .full(target.classified(distribution))
    }

    /// The mean of the segments whose probability of the winning category is its greatest, or nearest to its
    /// median, over all segments; the category whose greatest, or median, is greatest wins.
    private func selected(_ results: [SegmentResult]) throws(EvaluationError) -> Outcome {
        var found: [Distribution] = []
        for result in results {
            guard let probability = result.outcome.prediction?.probability else {
                throw result.outcome.lacks("HasProbability")
            }
            found.append(probability)
        }
        guard let first = found.first else { throw .evaluation("Empty classification") }
        var winner: (score: Double, category: String)?
        for category in first.categories.texts {
            let scores = found.map { $0.score(category) }
            let score = method == .median ? median(scores) : scores.max() ?? 0
            if winner.map({ score > $0.score }) ?? true { winner = (score, category) }
        }
        guard let winner else { return .missing }
        let distances = found.map { abs($0.score(winner.category) - winner.score) }
        guard let nearest = distances.min() else { return .missing }
        let chosen = found.indices.filter { distances[$0] == nearest }.map { found[$0] }
        return .full(target.classified(mean(of: chosen, first.categories)))
    }

    private func mean(of distributions: [Distribution], _ categories: Categories) -> Distribution {
        let count = Double(distributions.count)
        let scores = categories.texts.map { category in
            math.rounded(distributions.reduce(0) { math.rounded($0 + $1.score(category)) } / count)
        }
        return Distribution(categories: categories, scores: scores, isFloat: math.isFloat)
    }
}

/// Sums by category, in order of first appearance.
struct Tally {
    private var values: [Value] = []
    private var sums: [Double] = []

    /// Adds to a category.
    mutating func add(_ category: Value, _ amount: Double, _ math: MathContext) {
        if let position = values.firstIndex(where: { $0.isSame(as: category) }) {
            sums[position] = math.rounded(sums[position] + amount)
        } else {
            values.append(category)
            sums.append(amount)
        }
    }

    /// The sums as a distribution.
    func distribution(isFloat: Bool) -> Distribution {
        Distribution(categories: Categories(values: values), scores: sums, isFloat: isFloat)
    }
}

extension Ensemble {
    /// Compiles a `MiningModel` element.
    static func compile(_ model: ModelContext) throws(Fault) -> any ScoringModel {
        let segmentation = try model.element.requiredChild("Segmentation")
        guard let text = segmentation["multipleModelMethod"], let method = Method(rawValue: text) else {
            throw segmentation.fault("attribute multipleModelMethod is missing or unknown")
        }
        var segments: [Segment] = []
        for (index, element) in segmentation.children("Segment").enumerated() {
            let segment = model.compiler.attempt { () throws(Fault) in
                try self.segment(element, model, method)
            }
            guard let segment else { continue }
            let id = element["id"] ?? String(index + 1)
            model.segments[id] = segment.unit.number
            model.segmentOutputs[id] = Dictionary(
                segment.unit.outputs.map { ($0.name, $0.slot) }, uniquingKeysWith: { _, last in last })
            segments.append(segment)
        }
        let treatment =
            segmentation["x-missingPredictionTreatment"] ?? segmentation["missingPredictionTreatment"]
            ?? "continue"
        guard let missing = MissingTreatment(rawValue: treatment) else {
            throw segmentation.fault("missingPredictionTreatment has the unknown value \"\(treatment)\"")
        }
        let extended = try segmentation.number("x-missingThreshold")
        let threshold = try segmentation.number("missingThreshold")
        return Ensemble(
            number: model.number, segments: segments, method: method, missingTreatment: missing,
            missingThreshold: extended ?? threshold ?? 1,
            isClassification: model.isClassification, isClustering: model.functionName == "clustering",
            target: model.target, math: model.math)
    }

    private static func segment(
        _ element: Element, _ model: ModelContext, _ method: Method
    ) throws(Fault) -> Segment {
        guard let predicate = try model.predicate(in: element) else {
            throw element.fault("a predicate is required")
        }
        guard let child = element.children.first(where: { ModelUnit.isModel($0.name) }) else {
            throw element.fault("a model is required")
        }
        return Segment(
            predicate: predicate, weight: try element.number("weight") ?? 1,
            unit: try ModelUnit.compile(child, parent: model, publishes: method.publishesOutputs),
            fault: fault(of: child, model, method))
    }

    /// Segments whose results are combined do what the ensemble does.
    private static func fault(
        of child: Element, _ model: ModelContext, _ method: Method
    ) -> EvaluationError? {
        let name = child["functionName"] ?? ""
        guard !method.isSelection, name != model.functionName else { return nil }
        model.compiler.report(child.warning("functionName must be \(model.functionName), as in the ensemble"))
        return .invalidAttribute(child.name, "functionName", name)
    }
}

extension ModelUnit {
    /// Whether an element is a model, supported or not.
    static func isModel(_ name: String) -> Bool {
        name == "NeuralNetwork" || name == "Scorecard" || (name.hasSuffix("Model") && name != "Model")
    }
}
