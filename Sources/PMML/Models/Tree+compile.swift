extension Tree {
    /// Compiles a `TreeModel` element.
    static func compile(_ model: ModelContext) throws(Fault) -> any ScoringModel {
        let root = try model.element.requiredChild("Node")
        var builder = TreeBuilder(model: model)
        try builder.build(root)
        let noTrueChild = model.element["noTrueChildStrategy"] ?? "returnNullPrediction"
        guard ["returnNullPrediction", "returnLastPrediction"].contains(noTrueChild) else {
            throw model.element.fault(
                "attribute noTrueChildStrategy has the unknown value \"\(noTrueChild)\"")
        }
        var target = model.target
        if target.opType == nil { target.opType = model.isClassification ? .categorical : .continuous }
        return Tree(
            nodes: builder.nodes.finish(),
            missingStrategy: try model.element.choice("missingValueStrategy", default: MissingStrategy.none),
            returnsLast: noTrueChild == "returnLastPrediction",
            penalty: try model.element.number("missingValuePenalty") ?? 1, target: target)
    }
}

/// Lays the nodes of one tree out breadth first, so that siblings are neighbours.
private struct TreeBuilder {
    let model: ModelContext
    var nodes = TreeNodesBuilder()
    private var categories: Categories?

    init(model: ModelContext) {
        self.model = model
    }

    mutating func build(_ root: Element) throws(Fault) {
        var queue: [(element: Element, parent: Int?)] = [(root, nil)]
        let order = documentOrder(root)
        if model.isClassification { categories = try categories(in: root) }
        var at = 0
        while at < queue.count {
            let (element, parent) = queue[at]
            let index = nodes.count
            let made: Void? = model.compiler.attempt { () throws(Fault) in
                try append(element, id: element["id"] ?? implicitId(element, order))
            }
            if made == nil { nodes.append(predicate: .never, hasScore: false, answer: .success(.missing)) }
            if let parent {
                let standard = queue[parent].element["defaultChild"]
                nodes.adopt(by: parent, isDefault: standard != nil && standard == element["id"])
            }
            for child in element.children("Node") { queue.append((child, index)) }
            at += 1
        }
    }

    /// The places of the nodes in the document, in its order.
    private func documentOrder(_ root: Element) -> [Int] {
        var places: [Int] = []
        var stack = [root]
        while let element = stack.popLast() {
            places.append(element.index)
            stack.append(contentsOf: element.children("Node").reversed())
        }
        return places
    }

    /// The id of a node that has none: its position in document order, from 1.
    private func implicitId(_ element: Element, _ order: [Int]) -> String {
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            if order[middle] < element.index { low = middle + 1 } else { high = middle }
        }
        return String(low + 1)
    }

    private func categories(in root: Element) throws(Fault) -> Categories {
        var texts: [String] = []
        var known: Set<String> = []
        var stack = [root]
        while let element = stack.popLast() {
            for child in element.children("ScoreDistribution") {
                let text = try child.required("value")
                if known.insert(text).inserted { texts.append(text) }
            }
            stack.append(contentsOf: element.children("Node").reversed())
        }
        return try model.categories(texts)
    }

    private mutating func append(_ element: Element, id: String) throws(Fault) {
        let predicate: Predicate
        if let found = try model.predicate(in: element) {
            predicate = found
        } else {
            throw element.fault("a predicate is required")
        }
        let distributions = element.children("ScoreDistribution")
        nodes.append(
            predicate: predicate, hasScore: element["score"] != nil || !distributions.isEmpty,
            answer: try answer(element, id: id, distributions))
    }

    private func answer(
        _ element: Element, id: String?, _ distributions: [Element]
    ) throws(Fault) -> Result<Outcome, EvaluationError> {
        let entity = Prediction.Entity(id: id)
        if model.isClassification { return try classification(element, entity, distributions) }
        guard let score = element["score"] else { return .success(.missing) }
        guard let number = JavaNumber.double(score) else {
            throw element.fault("attribute score is \"\(score)\"; a number was expected")
        }
        return Result { () throws(EvaluationError) in
            guard case .plain(let value) = try model.target.regression(model.math.rounded(number)) else {
                return .missing
            }
            return .full(Prediction(value: value, entity: entity))
        }
    }

    private func classification(
        _ element: Element, _ entity: Prediction.Entity, _ distributions: [Element]
    ) throws(Fault) -> Result<Outcome, EvaluationError> {
        guard let categories else { return .success(.missing) }
        if !distributions.isEmpty { try model.compiler.charge(1, by: categories.count, at: element) }
        var weights = Array(repeating: 0.0, count: distributions.isEmpty ? 0 : categories.count)
        var confidences = weights
        let haveProbabilities = distributions.allSatisfy { $0["probability"] != nil }
        for distribution in distributions {
            guard let position = categories.position(of: try distribution.required("value")) else { continue }
            let weight = try distribution.number(haveProbabilities ? "probability" : "recordCount")
            guard let weight else { throw distribution.fault("attribute recordCount is required") }
            weights[position] = weight
            confidences[position] = try distribution.number("confidence") ?? 0
        }
        // Shares of nothing, as JPMML answers.
        if !distributions.isEmpty, weights.reduce(0, +) == 0 { return .failure(.undefined) }
        var probability = Distribution(
            categories: categories, scores: weights, isFloat: model.math.isFloat)
        if !haveProbabilities { probability.normalise() }
        let score: Value
        if let text = element["score"] {
            guard let value = try? Value.parse(text, as: model.target.categoryType) else {
                throw element.fault(
                    "attribute score is \"\(text)\"; a \(model.target.categoryType.name) was expected")
            }
            score = value
        } else {
            guard !distributions.isEmpty, let best = probability.best else { return .success(.missing) }
            score = categories.values[best]
        }
        let value = FieldValue(score, model.target.opType ?? .categorical)
        guard !distributions.isEmpty else { return .success(.full(Prediction(value: value, entity: entity))) }
        let confidence = Distribution(
            categories: categories, scores: confidences, isFloat: model.math.isFloat)
        return .success(
            .full(
                Prediction(value: value, probability: probability, confidence: confidence, entity: entity)))
    }
}
