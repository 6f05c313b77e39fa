/// The categories that a model scores, in its own order.
final class Categories: Sendable {
    let values: [Value]
    let texts: [String]
    private let positions: [String: Int]

    /// Categories from the document's texts, read as `type`.
    init(texts: [String], type: DataType) throws(EvaluationError) {
        var values: [Value] = []
        for text in texts { values.append(try Value.parse(text, as: type)) }
        self.values = values
        self.texts = texts
        positions = Dictionary(texts.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Categories from values.
    init(values: [Value]) {
        self.values = values
        texts = values.map(\.displayText)
        positions = Dictionary(texts.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    var count: Int { values.count }

    /// The position of a category by its text, or by its value where the texts differ (`1` and `1.0`).
    func position(of text: String) -> Int? {
        if let position = positions[text] { return position }
        guard let type = values.first?.dataType, type != .string, let value = try? Value.parse(text, as: type)
        else { return nil }
        return values.firstIndex { $0.isSame(as: value) }
    }

    /// The position of a category by its value.
    func position(of value: Value) -> Int? {
        if case .text(let text) = value { return positions[text] }
        return values.firstIndex { $0.isSame(as: value) }
    }
}

/// A number for each category: probabilities, confidences, votes, affinities, distances.
struct Distribution: Sendable {
    let categories: Categories
    /// One for each category.
    var scores: [Double]
    /// Whether results are 32-bit.
    var isFloat = false

    /// The score of a category; 0 for one that the model does not know.
    func score(_ text: String) -> Double {
        categories.position(of: text).map { scores[$0] } ?? 0
    }

    /// The first position with the greatest score; NaN counts as greatest.
    var best: Int? { Distribution.best(of: scores) }

    /// The first position with the greatest score.
    static func best(of scores: [Double]) -> Int? {
        guard var best = scores.indices.first else { return nil }
        for position in scores.indices.dropFirst() where Value.order(scores[position], scores[best]) > 0 {
            best = position
        }
        return best
    }

    /// A score as a result value: a double, also where it is computed in 32 bits.
    func value(_ score: Double) -> Value {
        .double(isFloat ? Double(Float(score)) : score)
    }

    /// Scales the scores to sum 1 (PMML `simplemax`).
    mutating func normalise() {
        let sum = scores.reduce(0, +)
        for position in scores.indices { scores[position] /= sum }
    }

    /// Exponentials, scaled to sum 1 (PMML `softmax`).
    mutating func softmax() {
        guard let greatest = scores.max() else { return }
        for position in scores.indices { scores[position] = exponential(scores[position] - greatest) }
        normalise()
    }
}

/// An answer of a model for one target, with whatever its kind of model can say about it.
///
/// A facet that is nil is one that the model does not have: outputs that ask for it are type errors.
final class Prediction: Sendable {
    let value: FieldValue
    let probability: Distribution?
    let confidence: Distribution?
    /// Affinity of each entity, by entity id.
    let affinity: Affinities?
    /// The winning entity; nil inside `.some` where there is none.
    let entity: Entity?
    let reasonCodes: [String]?
    let rules: Rules?
    /// What `predictedDisplayValue` tells, where the model has its own: a missing one for an entity without
    /// a name.
    let display: FieldValue?
    /// How uncertain a numeric value is.
    let spread: Spread?

    /// The winning node, rule, neuron, cluster or neighbour.
    struct Entity: Sendable {
        let id: String?
    }

    init(
        value: FieldValue, probability: Distribution? = nil, confidence: Distribution? = nil,
        affinity: Affinities? = nil, entity: Entity? = nil, reasonCodes: [String]? = nil, rules: Rules? = nil,
        display: FieldValue? = nil, spread: Spread? = nil
    ) {
        self.value = value
        self.probability = probability
        self.confidence = confidence
        self.affinity = affinity
        self.entity = entity
        self.reasonCodes = reasonCodes
        self.rules = rules
        self.display = display
        self.spread = spread
    }
}

/// Affinities of entities (clusters, neighbours), best first on request.
struct Affinities: Sendable {
    let ids: [String]
    let scores: [Double]
    /// Distances: the smallest is the best.
    let isDistance: Bool
    /// The positions of the first ranks, where the model has them anyway.
    var leading: [Int] = []

    /// The position of a rank, from 1: the best first, ties in the document's order; nil past the last.
    func position(rank: Int) -> Int? {
        if rank <= leading.count { return leading[rank - 1] }
        guard rank <= scores.count else { return nil }
        return Ranking.first(rank, of: scores, isDistance: isDistance).last
    }

    /// The affinity of an entity; the worst there is for an unknown one.
    func score(of id: String) -> Double {
        guard let position = ids.firstIndex(where: { sameText($0, id) }) else {
            return isDistance ? .infinity : 0
        }
        return scores[position]
    }
}

/// What a model answers.
enum Outcome: Sendable {
    /// No result: the target is missing and outputs are dropped.
    case missing
    /// A bare value without further facets.
    case plain(FieldValue)
    case full(Prediction)
    /// Several targets by name.
    case several([(target: String, outcome: Outcome)])
    /// `selectAll`: the results of every segment.
    case all([Outcome])

    /// The predicted value.
    var value: FieldValue {
        switch self {
        case .missing: .missing
        case .plain(let value): value
        case .full(let prediction): prediction.value
        case .several(let targets): targets.first?.outcome.value ?? .missing
        case .all(let outcomes): FieldValue(.list(outcomes.map(\.value.value)), .categorical)
        }
    }

    /// Whether there is no result.
    var isMissing: Bool {
        switch self {
        case .missing: true
        case .plain(let value): value.isMissing
        case .several(let targets): targets.allSatisfy(\.outcome.isMissing)
        case .full, .all: false
        }
    }

    /// The facets, where there are any.
    var prediction: Prediction? {
        if case .full(let prediction) = self { return prediction }
        return nil
    }

    /// The outcome for one target.
    func target(_ name: String?) -> Outcome {
        guard case .several(let targets) = self else { return self }
        guard let name else { return targets.first?.outcome ?? .missing }
        return targets.first { $0.target == name }?.outcome ?? .missing
    }

    /// Whether every number of the answer is finite.
    var isFinite: Bool {
        switch self {
        case .missing: true
        case .plain(let value): value.value.number?.isFinite ?? true
        case .full(let prediction):
            prediction.value.value.number?.isFinite ?? true
                && prediction.probability?.scores.allSatisfy(\.isFinite) ?? true
                && prediction.affinity?.scores.allSatisfy(\.isFinite) ?? true
        case .several(let targets): targets.allSatisfy(\.outcome.isFinite)
        case .all(let outcomes): outcomes.allSatisfy(\.isFinite)
        }
    }

    /// Whether not even a target without a name has been answered: a selection without any that gave up.
    var isEmpty: Bool {
        if case .several(let targets) = self { return targets.isEmpty }
        return false
    }
}
