import Glibc

/// PMML element `GeneralRegressionModel`.
struct GeneralRegression: ScoringModel {
    /// Attribute `modelType`.
    enum Kind: String, Sendable {
        case regression, generalLinear, generalizedLinear, multinomialLogistic, ordinalMultinomial
        case coxRegression = "CoxRegression"
    }

    /// One `PPCell`: what a predictor contributes to a parameter's product.
    enum Factor: Sendable {
        case category(slot: Int, value: Operand)
        case contrast(slot: Int, categories: [Operand], column: [Double])
        case power(slot: Int, exponent: Double)
        /// The document is at fault; rows that come here meet it.
        case failing(EvaluationError)
    }

    /// One `PCell`: beta times the product of its factors.
    struct Term: Sendable {
        let beta: Double
        let factors: [Factor]
        let reference: Double
    }

    /// A number from a field or from an attribute.
    enum Quantity: Sendable {
        case none
        case constant(Double)
        case field(slot: Int, name: String)
    }

    let kind: Kind
    /// One list of terms for each category but the last, or a single one for regression.
    let predictors: [[Term]]
    let categories: Categories?
    let link: GeneralLink?
    let cumulativeLink: InverseLink?
    let offset: Quantity
    let trials: Quantity
    let baseline: CoxBaseline?
    let target: Target
    let math: MathContext
    /// A fault of the document that every row meets.
    let fault: EvaluationError?

    var form: String { "general regression: \(kind.rawValue), \(predictors.first?.count ?? 0) terms" }

    func score(_ frame: Frame) throws(EvaluationError) -> Outcome {
        if let fault { throw fault }
        guard let categories else { return try target.regression(try number(frame)) }
        var scores: [Double] = []
        for terms in predictors {
            guard let sum = try sum(terms, frame) else { return try target.classificationDefault() }
            switch kind {
            case .generalizedLinear: scores.append(try linked(sum, frame))
            case .multinomialLogistic: scores.append(try shifted(sum, frame))
            case .ordinalMultinomial:
                guard let cumulativeLink else {
                    throw .missingAttribute("GeneralRegressionModel", "cumulativeLink")
                }
                scores.append(math.rounded(cumulativeLink.apply(try shifted(sum, frame))))
            case .regression, .generalLinear, .coxRegression:
                throw .invalidAttribute("GeneralRegressionModel", "modelType", kind.rawValue)
            }
        }
        complete(&scores)
        return .full(
            target.classified(Distribution(categories: categories, scores: scores, isFloat: math.isFloat)))
    }

    /// Adds the last category and makes the numbers probabilities.
    private func complete(_ scores: inout [Double]) {
        switch kind {
        case .multinomialLogistic:
            scores = (scores + [0]).map { math.rounded(exponential($0)) }
            let sum = scores.reduce(0) { math.rounded($0 + $1) }
            scores = scores.map { math.rounded($0 / sum) }
        case .ordinalMultinomial:
            var below = 0.0
            for index in scores.indices {
                let upTo = scores[index]
                scores[index] = math.rounded(upTo - below)
                below = upTo
            }
            scores.append(math.rounded(1 - below))
        case .generalizedLinear, .regression, .generalLinear, .coxRegression:
            scores.append(scores.reduce(1) { math.rounded($0 - $1) })
        }
    }

    private func number(_ frame: Frame) throws(EvaluationError) -> Double? {
        guard let terms = predictors.first else { return nil }
        if kind == .coxRegression { return try hazard(terms, frame) }
        guard let sum = try sum(terms, frame) else { return nil }
        switch kind {
        case .regression, .generalLinear: return sum
        case .generalizedLinear: return try linked(sum, frame)
        case .multinomialLogistic, .ordinalMultinomial, .coxRegression:
            throw .invalidAttribute("GeneralRegressionModel", "modelType", kind.rawValue)
        }
    }

    private func hazard(_ terms: [Term], _ frame: Frame) throws(EvaluationError) -> Double? {
        guard let baseline, let cumulative = try baseline.hazard(frame) else { return nil }
        guard let r = try sum(terms, frame) else { return nil }
        var s = 0.0
        for term in terms { s += term.beta * term.reference }
        return cumulative * exponential(r - s)
    }

    private func shifted(_ sum: Double, _ frame: Frame) throws(EvaluationError) -> Double {
        guard let offset = try value(offset, frame) else { return sum }
        return math.rounded(sum + offset)
    }

    private func linked(_ sum: Double, _ frame: Frame) throws(EvaluationError) -> Double {
        guard let link else { throw .missingAttribute("GeneralRegressionModel", "linkFunction") }
        let mean = math.rounded(link.apply(try shifted(sum, frame)))
        guard let trials = try value(trials, frame) else { return mean }
        return math.rounded(mean * trials)
    }

    private func value(_ quantity: Quantity, _ frame: Frame) throws(EvaluationError) -> Double? {
        switch quantity {
        case .none: return nil
        case .constant(let number): return math.rounded(number)
        case .field(let slot, let name):
            let field = try frame.value(slot)
            if field.isMissing { throw .missingFieldValue(name) }
            return try field.value.cast(to: .double).number
        }
    }

    /// The linear predictor; nil where a value is missing.
    private func sum(_ terms: [Term], _ frame: Frame) throws(EvaluationError) -> Double? {
        var sum = 0.0
        for term in terms {
            guard let product = try product(term.factors, frame) else { return nil }
            sum = math.rounded(sum + math.rounded(math.rounded(term.beta) * product))
        }
        return sum
    }

    private func product(_ factors: [Factor], _ frame: Frame) throws(EvaluationError) -> Double? {
        var product = 1.0
        for factor in factors {
            guard let value = try value(factor, frame) else { return nil }
            product = math.rounded(product * value)
        }
        return product
    }

    private func value(_ factor: Factor, _ frame: Frame) throws(EvaluationError) -> Double? {
        switch factor {
        case .category(let slot, let value):
            let field = try frame.value(slot)
            if field.isMissing { return nil }
            return try value.equals(field) ? 1 : 0
        case .contrast(let slot, let categories, let column):
            let field = try frame.value(slot)
            if field.isMissing { return nil }
            for (index, category) in categories.enumerated() where try category.equals(field) {
                return index < column.count ? column[index] : nil
            }
            throw .invalidElement("PPCell")
        case .power(let slot, let exponent):
            let field = try frame.value(slot)
            if field.isMissing { return nil }
            guard let x = try field.value.cast(to: .double).number else { return nil }
            return exponent == 1 ? math.rounded(x) : math.rounded(Glibc.pow(x, exponent))
        case .failing(let error): throw error
        }
    }
}

/// Attribute `linkFunction` with its parameters, inverted.
struct GeneralLink: Sendable {
    /// The functions' names.
    enum Name: String, Sendable {
        case cloglog, identity, log, logc, logit, loglog, negbin, oddspower, power, probit
    }

    let name: Name
    /// `distParameter` for `negbin`, `linkParameter` for `oddspower` and `power`.
    let parameter: Double

    /// From the linear predictor to the mean.
    func apply(_ x: Double) -> Double {
        switch name {
        case .cloglog: InverseLink.cloglog.apply(x)
        case .identity: x
        case .log: exponential(x)
        case .logc: 1 - exponential(x)
        case .logit: InverseLink.logit.apply(x)
        case .loglog: InverseLink.loglog.apply(x)
        case .negbin: 1 / (parameter * (exponential(-x) - 1))
        case .oddspower:
            parameter == 0
                ? InverseLink.logit.apply(x) : 1 / (1 + Glibc.pow(1 + parameter * x, -1 / parameter))
        case .power: parameter == 0 ? exponential(x) : Glibc.pow(x, 1 / parameter)
        case .probit: InverseLink.probit.apply(x)
        }
    }
}

/// The cumulative baseline hazard of a Cox model (PMML element `BaseCumHazardTables`).
struct CoxBaseline: Sendable {
    /// A table of rising times.
    struct Table: Sendable {
        let maximum: Double
        let cells: [(time: Double, hazard: Double)]
    }

    let timeSlot: Int
    let timeName: String
    /// The field that selects the stratum, with the strata.
    let strata: (slot: Int, name: String, tables: [(value: Operand, table: Table)])?
    let table: Table?

    /// The hazard at the row's time; nil beyond the table, or where there is no such stratum.
    func hazard(_ frame: Frame) throws(EvaluationError) -> Double? {
        guard let table = try table(frame) else { return nil }
        let field = try frame.value(timeSlot)
        if field.isMissing { throw .missingFieldValue(timeName) }
        guard let time = try field.value.cast(to: .double).number else { return nil }
        guard let first = table.cells.first else { return nil }
        if time < first.time { return 0 }
        if time > table.maximum { return nil }
        return table.cells.last { $0.time <= time }?.hazard
    }

    private func table(_ frame: Frame) throws(EvaluationError) -> Table? {
        guard let strata else { return table }
        let field = try frame.value(strata.slot)
        if field.isMissing { throw .missingFieldValue(strata.name) }
        for stratum in strata.tables where try stratum.value.equals(field) { return stratum.table }
        return nil
    }
}
