/// PMML element `RegressionModel`.
struct Regression: ScoringModel {
    /// One predictor of a regression table.
    enum Term: Sendable {
        /// `NumericPredictor`: coefficient * x ^ exponent.
        case numeric(slot: Int, coefficient: Double, exponent: Int)
        /// `CategoricalPredictor`: the coefficient where the field has the value.
        case categorical(slot: Int, value: Operand, coefficient: Double)
        /// `PredictorTerm`: coefficient * product of fields.
        case product(slots: [Int], coefficient: Double)
    }

    /// PMML element `RegressionTable`.
    struct Table: Sendable {
        let intercept: Double?
        let terms: [Term]
    }

    /// Attribute `normalizationMethod`.
    enum Normalisation: String, Sendable {
        case none, simplemax, softmax, logit, probit, cloglog, exp, loglog, cauchit

        /// The link of a single table.
        var link: InverseLink? {
            switch self {
            case .none: InverseLink.none
            case .logit: .logit
            case .probit: .probit
            case .cloglog: .cloglog
            case .exp: .exp
            case .loglog: .loglog
            case .cauchit: .cauchit
            case .simplemax, .softmax: nil
            }
        }
    }

    let tables: [Table]
    /// Nil for regression.
    let categories: Categories?
    let normalisation: Normalisation
    let target: Target
    let math: MathContext
    let isOrdinal: Bool
    /// A fault of the document that every row meets.
    let fault: EvaluationError?

    var form: String { "regression: \(tables.count) tables" }

    func score(_ frame: Frame) throws(EvaluationError) -> Outcome {
        if let fault { throw fault }
        guard let categories else { return try regression(frame) }
        var scores: [Double] = []
        scores.reserveCapacity(tables.count)
        for table in tables {
            guard let score = try evaluate(table, frame) else { return try target.classificationDefault() }
            scores.append(score)
        }
        var span = scores.mutableSpan
        try normalise(&span)
        return .full(
            target.classified(
                Distribution(categories: categories, scores: scores, isFloat: math.isFloat)))
    }

    private func regression(_ frame: Frame) throws(EvaluationError) -> Outcome {
        guard let table = tables.first, let score = try evaluate(table, frame) else {
            return try target.regression(nil)
        }
        return try regression(score)
    }

    /// The answer to a linear predictor.
    func regression(_ score: Double) throws(EvaluationError) -> Outcome {
        switch normalisation {
        case .softmax: return try target.regression(math.inverse(.logit, score))
        case .simplemax:
            throw .invalidAttribute("RegressionModel", "normalizationMethod", normalisation.rawValue)
        case .none: return try target.regression(score)
        case .logit, .probit, .cloglog, .exp, .loglog, .cauchit:
            return try target.regression(normalisation.link.map { math.inverse($0, score) } ?? score)
        }
    }

    /// The linear predictor; nil where a number is missing.
    private func evaluate(_ table: Table, _ frame: Frame) throws(EvaluationError) -> Double? {
        var sum = 0.0
        for term in table.terms {
            guard let addend = try value(term, frame) else { return nil }
            sum = math.rounded(sum + addend)
        }
        guard let intercept = table.intercept else {
            throw .missingAttribute("RegressionTable", "intercept")
        }
        return math.rounded(sum + math.rounded(intercept))
    }

    private func value(_ term: Term, _ frame: Frame) throws(EvaluationError) -> Double? {
        switch term {
        case .numeric(let slot, let coefficient, let exponent):
            guard let x = try number(slot, frame) else { return nil }
            let power = exponent == 1 ? x : math.rounded(Regression.power(x, exponent))
            return math.rounded(math.rounded(coefficient) * power)
        case .categorical(let slot, let value, let coefficient):
            let field = try frame.value(slot)
            if field.isMissing { return 0 }
            return try value.equals(field) ? math.rounded(coefficient) : 0
        case .product(let slots, let coefficient):
            var product = math.rounded(coefficient)
            for slot in slots {
                guard let x = try number(slot, frame) else { return nil }
                product = math.rounded(product * x)
            }
            return product
        }
    }

    /// A whole power, by the library's `pow`.
    static func power(_ x: Double, _ exponent: Int) -> Double {
        guard
            case .double(let result)? = try? ArithmeticOperation.power.apply(
                .double(x), .double(Double(exponent)))
        else { return .nan }
        return result
    }

    private func number(_ slot: Int, _ frame: Frame) throws(EvaluationError) -> Double? {
        let field = try frame.value(slot)
        if field.isMissing { return nil }
        guard let number = field.value.number else {
            guard let number = try field.value.cast(to: .double).number else { return nil }
            return number
        }
        return math.rounded(number)
    }

    private func invalid() -> EvaluationError {
        .invalidAttribute("RegressionModel", "normalizationMethod", normalisation.rawValue)
    }

    /// Linear predictors to probabilities.
    func normalise(_ scores: inout MutableSpan<Double>) throws(EvaluationError) {
        if isOrdinal { return try normaliseOrdinal(&scores) }
        switch normalisation {
        case .softmax: softmax(&scores)
        case .simplemax: simplemax(&scores)
        case .exp: throw invalid()
        case .none, .logit, .probit, .cloglog, .loglog, .cauchit:
            guard let link = normalisation.link else { return }
            if scores.count == 2 {
                scores[0] = math.inverse(link, scores[0])
                // A NaN stays one.
                if normalisation == .none { scores[0] = scores[0] > 1 ? 1 : scores[0] < 0 ? 0 : scores[0] }
                scores[1] = math.rounded(1 - scores[0])
            } else if normalisation == .none {
                let last = scores.count - 1
                var sum = 0.0
                for index in 0..<last { sum = math.rounded(sum + scores[index]) }
                scores[last] = math.rounded(1 - sum)
            } else {
                guard normalisation == .logit else { throw invalid() }
                for index in scores.indices { scores[index] = math.inverse(link, scores[index]) }
                simplemax(&scores)
            }
        }
    }

    private func softmax(_ scores: inout MutableSpan<Double>) {
        var greatest = scores[0]
        for index in scores.indices where greatest < scores[index] { greatest = scores[index] }
        if scores.count == 2, greatest == .infinity, scores[0] < scores[1] || scores[0] > scores[1] {
            // Two tables are told by their difference.
            scores[0] = scores[0] > scores[1] ? 1 : 0
            scores[1] = 1 - scores[0]
            return
        }
        for index in scores.indices {
            scores[index] = math.rounded(exponential(math.rounded(scores[index] - greatest)))
        }
        simplemax(&scores)
    }

    private func simplemax(_ scores: inout MutableSpan<Double>) {
        var sum = 0.0
        for index in scores.indices { sum = math.rounded(sum + scores[index]) }
        for index in scores.indices { scores[index] = math.rounded(scores[index] / sum) }
    }

    /// Each table gives the cumulative probability up to its category.
    private func normaliseOrdinal(_ scores: inout MutableSpan<Double>) throws(EvaluationError) {
        guard let link = normalisation.link, normalisation != .exp else { throw invalid() }
        var below = 0.0
        for index in scores.indices {
            let isLast = index == scores.count - 1
            let upTo = isLast ? 1 : min(1, max(0, math.inverse(link, scores[index])))
            scores[index] = math.rounded(upTo - below)
            below = upTo
        }
    }
}

extension Regression {
    /// Compiles a `RegressionModel` element.
    static func compile(_ model: ModelContext) throws(Fault) -> any ScoringModel {
        var tables: [Table] = []
        var texts: [String] = []
        for element in model.element.children("RegressionTable") {
            tables.append(try table(element, model))
            if model.isClassification { texts.append(try element.required("targetCategory")) }
        }
        guard !tables.isEmpty else { throw model.element.fault("element RegressionTable is required") }
        var fault: EvaluationError?
        if let name = model.element["targetFieldName"], let target = model.target.name, name != target {
            model.compiler.report(
                model.element.warning("targetFieldName \"\(name)\" is not the mining schema's target"))
            fault = .invalidAttribute("RegressionModel", "targetFieldName", name)
        }
        return Regression(
            tables: tables, categories: model.isClassification ? try model.categories(texts) : nil,
            normalisation: try model.element.choice("normalizationMethod", default: Normalisation.none),
            target: model.target, math: model.math, isOrdinal: model.target.opType == .ordinal, fault: fault)
    }

    private static func table(_ element: Element, _ model: ModelContext) throws(Fault) -> Table {
        var terms: [Term] = []
        for child in element.children {
            switch child.name {
            case "NumericPredictor": terms.append(try numeric(child, model))
            case "CategoricalPredictor":
                let value = Operand(try child.required("value"))
                terms.append(
                    .categorical(
                        slot: try field(child, model), value: value, coefficient: try coefficient(child)))
            case "PredictorTerm":
                var slots: [Int] = []
                for reference in child.children("FieldRef") {
                    slots.append(model.slot(try reference.required("field"), at: reference))
                }
                terms.append(.product(slots: slots, coefficient: try coefficient(child)))
            default: throw child.fault("a predictor was expected")
            }
        }
        let intercept = try element.number("intercept")
        if intercept == nil { model.compiler.report(element.warning("attribute intercept is required")) }
        return Table(intercept: intercept, terms: terms)
    }

    private static func numeric(_ element: Element, _ model: ModelContext) throws(Fault) -> Term {
        .numeric(
            slot: try field(element, model), coefficient: try coefficient(element),
            exponent: try element.integer("exponent") ?? 1)
    }

    private static func field(_ element: Element, _ model: ModelContext) throws(Fault) -> Int {
        guard let name = element["name"] ?? element["field"] else {
            throw element.fault("attribute name is required")
        }
        return model.slot(name, at: element)
    }

    private static func coefficient(_ element: Element) throws(Fault) -> Double {
        guard let coefficient = try element.number("coefficient") else {
            throw element.fault("attribute coefficient is required")
        }
        return coefficient
    }
}
