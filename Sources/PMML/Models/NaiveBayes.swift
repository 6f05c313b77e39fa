import Glibc

/// PMML element `NaiveBayesModel`.
struct NaiveBayes: ScoringModel {
    /// PMML elements `GaussianDistribution` and `PoissonDistribution`.
    enum Density: Sendable {
        case gaussian(mean: Double, variance: Double)
        case poisson(mean: Double)
    }

    /// PMML element `BayesInput`.
    enum Input: Sendable {
        /// A density for each category.
        case continuous(slot: Int, [Density?])
        /// Shares of each category by value.
        case discrete(slot: Int, [(value: Operand, shares: [Double?])])
    }

    let inputs: [Input]
    let threshold: Double
    let categories: Categories
    /// Logarithms of the categories' counts.
    let priors: [Double]
    let target: Target
    let math: MathContext
    /// The document is at fault: every row fails.
    let fault: EvaluationError?

    var form: String { "naive Bayes: \(inputs.count) inputs, \(categories.count) categories" }

    func score(_ frame: Frame) throws(EvaluationError) -> Outcome {
        if let fault { throw fault }
        var scores = Array(repeating: 0.0, count: categories.count)
        for input in inputs { try add(input, frame, &scores) }
        for index in scores.indices { scores[index] = math.rounded(scores[index] + priors[index]) }
        var distribution = Distribution(categories: categories, scores: scores, isFloat: math.isFloat)
        distribution.softmax()
        return .full(target.classified(distribution))
    }

    private func add(_ input: Input, _ frame: Frame, _ scores: inout [Double]) throws(EvaluationError) {
        switch input {
        case .continuous(let slot, let densities):
            let value = try frame.value(slot)
            if value.isMissing { return }
            for (index, density) in densities.enumerated() {
                guard let density else { continue }
                let probability = max(try NaiveBayes.density(density, value), threshold)
                scores[index] = math.rounded(scores[index] + Glibc.log(probability))
            }
        case .discrete(let slot, let pairs):
            let value = try frame.value(slot)
            if value.isMissing { return }
            for pair in pairs where try pair.value.equals(value) {
                for (index, share) in pair.shares.enumerated() {
                    guard let share else { continue }
                    scores[index] = math.rounded(scores[index] + Glibc.log(max(share, threshold)))
                }
                return
            }
        }
    }

    private static func density(_ density: Density, _ value: FieldValue) throws(EvaluationError) -> Double {
        switch density {
        case .gaussian(let mean, let variance):
            guard let x = try value.value.cast(to: .double).number else { return 0 }
            let z = x - mean
            return exponential(-(z * z) / (2 * variance)) / (2 * Double.pi * variance).squareRoot()
        case .poisson(let mean):
            guard let x = try value.value.cast(to: .integer).number else { return 0 }
            guard x >= 0 else { return 0 }
            return exponential(x * Glibc.log(mean) - mean - Glibc.lgamma(x + 1))
        }
    }
}

extension NaiveBayes {
    /// Compiles a `NaiveBayesModel` element.
    static func compile(_ model: ModelContext) throws(Fault) -> any ScoringModel {
        guard let threshold = try model.element.number("threshold") else {
            throw model.element.fault("attribute threshold is required")
        }
        let output = try model.element.requiredChild("BayesOutput").requiredChild("TargetValueCounts")
        var texts: [String] = []
        var priors: [Double] = []
        var fault: EvaluationError?
        for count in output.children("TargetValueCount") {
            texts.append(try count.required("value"))
            let number = try count.number("count")
            if number == nil { fault = model.lacks("count", count) }
            priors.append(Glibc.log(number ?? 0))
        }
        let categories = try model.categories(texts)
        var inputs: [Input] = []
        for element in try model.element.requiredChild("BayesInputs").children("BayesInput") {
            inputs.append(try input(element, model, categories, &fault))
        }
        return NaiveBayes(
            inputs: inputs, threshold: threshold, categories: categories, priors: priors,
            target: model.target, math: model.math, fault: fault)
    }

    private static func input(
        _ element: Element, _ model: ModelContext, _ categories: Categories,
        _ fault: inout EvaluationError?
    ) throws(Fault) -> Input {
        let slot = try slot(element, model)
        if let stats = element.child("TargetValueStats") {
            var densities: [Density?] = Array(repeating: nil, count: categories.count)
            for stat in stats.children("TargetValueStat") {
                guard let index = categories.position(of: try stat.required("value")) else { continue }
                densities[index] = try density(stat)
            }
            return .continuous(slot: slot, densities)
        }
        var sums = Array(repeating: 0.0, count: categories.count)
        var pairs: [(value: Operand, shares: [Double?])] = []
        for pair in element.children("PairCounts") {
            var counts: [Double?] = Array(repeating: nil, count: categories.count)
            for count in try pair.requiredChild("TargetValueCounts").children("TargetValueCount") {
                guard let index = categories.position(of: try count.required("value")) else { continue }
                let number = try count.number("count") ?? 0
                counts[index] = number
                sums[index] += number
            }
            if let value = pair["value"] {
                pairs.append((Operand(value), counts))
            } else {
                fault = model.lacks("value", pair)
            }
        }
        for index in pairs.indices {
            pairs[index].shares = zip(pairs[index].shares, sums).map { count, sum in count.map { $0 / sum } }
        }
        return .discrete(slot: slot, pairs)
    }

    private static func slot(_ element: Element, _ model: ModelContext) throws(Fault) -> Int {
        guard let derived = element.child("DerivedField") else {
            return model.slot(try element.required("fieldName"), at: element)
        }
        return model.compiler.allocate(.derived(try DerivedField(derived, scope: model.scope)))
    }

    private static func density(_ stat: Element) throws(Fault) -> Density {
        if let element = stat.child("GaussianDistribution") {
            guard let mean = try element.number("mean"), let variance = try element.number("variance") else {
                throw element.fault("attributes mean and variance are required")
            }
            return .gaussian(mean: mean, variance: variance)
        }
        guard let element = stat.child("PoissonDistribution"), let mean = try element.number("mean") else {
            throw stat.fault("a Gaussian or Poisson distribution was expected")
        }
        return .poisson(mean: mean)
    }
}
