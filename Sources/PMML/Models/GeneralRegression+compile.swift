extension GeneralRegression {
    /// Compiles a `GeneralRegressionModel` element.
    static func compile(_ model: ModelContext) throws(Fault) -> any ScoringModel {
        let element = model.element
        guard let kind = Kind(rawValue: try element.required("modelType")) else {
            throw element.fault("attribute modelType has the unknown value \"\(element["modelType"] ?? "")\"")
        }
        var design = try Design(model)
        try design.read()
        var categories: Categories?
        var predictors: [[Term]] = []
        if model.isClassification {
            let texts = try orderedCategories(kind, model, design)
            categories = try model.categories(texts)
            for text in texts.dropLast() {
                predictors.append(try design.terms(for: text, kind, binary: texts.count == 2))
            }
        } else {
            predictors = [design.terms(design.cells[""] ?? [], "")]
        }
        let cumulative = element["cumulativeLink"]
        guard cumulative != "none", cumulative.map({ InverseLink(rawValue: $0) == nil }) != true else {
            throw element.fault("attribute cumulativeLink has the unknown value \"\(cumulative ?? "")\"")
        }
        if kind == .ordinalMultinomial, cumulative == nil {
            model.compiler.report(element.warning("attribute cumulativeLink is required"))
        }
        return GeneralRegression(
            kind: kind, predictors: predictors, categories: categories, link: try link(element),
            cumulativeLink: cumulative.flatMap { InverseLink(rawValue: $0) },
            offset: try quantity("offset", model), trials: try quantity("trials", model),
            baseline: kind == .coxRegression ? try baseline(model) : nil, target: model.target,
            math: model.math, fault: nil)
    }

    private static func link(_ element: Element) throws(Fault) -> GeneralLink? {
        guard let text = element["linkFunction"] else { return nil }
        guard let name = GeneralLink.Name(rawValue: text) else {
            throw element.fault("attribute linkFunction has the unknown value \"\(text)\"")
        }
        let attribute = name == .negbin ? "distParameter" : "linkParameter"
        let parameter = try element.number(attribute)
        switch name {
        case .negbin, .oddspower, .power:
            guard parameter != nil else { throw element.fault("attribute \(attribute) is required") }
        case .cloglog, .identity, .log, .logc, .logit, .loglog, .probit: break
        }
        return GeneralLink(name: name, parameter: parameter ?? 0)
    }

    private static func quantity(_ name: String, _ model: ModelContext) throws(Fault) -> Quantity {
        if let field = model.element[name + "Variable"] {
            return .field(slot: model.slot(field, at: model.element), name: field)
        }
        return try model.element.number(name + "Value").map(Quantity.constant) ?? .none
    }

    /// The target's categories, the reference category last.
    private static func orderedCategories(
        _ kind: Kind, _ model: ModelContext, _ design: Design
    ) throws(Fault) -> [String] {
        var texts = model.target.field?.validTexts ?? []
        for text in design.targetOrder where texts.isEmpty || !texts.contains(text) {
            if model.target.field?.values.isEmpty != false { texts.append(text) }
        }
        var reference = model.element["targetReferenceCategory"]
        if reference == nil, kind != .ordinalMultinomial {
            let others = texts.filter { design.cells[$0] == nil }
            if others.count == 1 { reference = others.first }
        }
        if let reference {
            texts.removeAll { $0 == reference }
            texts.append(reference)
        }
        guard texts.count >= 2 else { throw model.element.fault("the target has fewer than two categories") }
        return texts
    }

    private static func baseline(_ model: ModelContext) throws(Fault) -> CoxBaseline {
        let time = try model.element.required("endTimeVariable")
        let tables = try model.element.requiredChild("BaseCumHazardTables")
        let slot = model.slot(time, at: model.element)
        guard let name = model.element["baselineStrataVariable"] else {
            return CoxBaseline(
                timeSlot: slot, timeName: time, strata: nil, table: try table(tables))
        }
        var strata: [(value: Operand, table: CoxBaseline.Table)] = []
        for stratum in tables.children("BaselineStratum") {
            strata.append((Operand(try stratum.required("value")), try table(stratum)))
        }
        return CoxBaseline(
            timeSlot: slot, timeName: time, strata: (model.slot(name, at: model.element), name, strata),
            table: nil)
    }

    private static func table(_ element: Element) throws(Fault) -> CoxBaseline.Table {
        var cells: [(time: Double, hazard: Double)] = []
        for cell in element.children("BaselineCell") {
            guard let time = try cell.number("time"), let hazard = try cell.number("cumHazard") else {
                throw cell.fault("attributes time and cumHazard are required")
            }
            cells.append((time, hazard))
        }
        guard let maximum = try element.number("maxTime") else {
            throw element.fault("attribute maxTime is required")
        }
        return CoxBaseline.Table(maximum: maximum, cells: cells.sorted { $0.time < $1.time })
    }
}

/// The parameters and the two matrices of a general regression.
private struct Design {
    let model: ModelContext
    /// Parameter cells by target category; "" for those without.
    var cells: [String: [(parameter: String, beta: Double)]] = [:]
    /// Target categories in the order of the parameter matrix.
    var targetOrder: [String] = []
    private var references: [String: Double] = [:]
    /// Factors by target category and parameter.
    private var factors: [String: [String: [GeneralRegression.Factor]]] = [:]
    private var factorElements: [String: Element] = [:]
    private var covariates: Set<String> = []

    init(_ model: ModelContext) throws(Fault) {
        self.model = model
    }

    mutating func read() throws(Fault) {
        let element = model.element
        for parameter in element.child("ParameterList")?.children("Parameter") ?? [] {
            references[try parameter.required("name")] = try parameter.number("referencePoint") ?? 0
        }
        for predictor in element.child("FactorList")?.children("Predictor") ?? [] {
            factorElements[try predictor.required("name")] = predictor
        }
        for predictor in element.child("CovariateList")?.children("Predictor") ?? [] {
            covariates.insert(try predictor.required("name"))
        }
        for cell in element.child("PPMatrix")?.children("PPCell") ?? [] {
            let parameter = try cell.required("parameterName")
            factors[cell["targetCategory"] ?? "", default: [:]][parameter, default: []].append(
                try factor(cell))
        }
        for cell in try element.requiredChild("ParamMatrix").children("PCell") {
            guard let beta = try cell.number("beta") else { throw cell.fault("attribute beta is required") }
            let category = cell["targetCategory"] ?? ""
            if cells[category] == nil, !category.isEmpty { targetOrder.append(category) }
            cells[category, default: []].append((try cell.required("parameterName"), beta))
        }
    }

    private func factor(_ cell: Element) throws(Fault) -> GeneralRegression.Factor {
        let name = try cell.required("predictorName")
        let value = try cell.required("value")
        let slot = model.slot(name, at: cell)
        if let predictor = factorElements[name] {
            guard let matrix = predictor.child("Matrix") else {
                return .category(slot: slot, value: Operand(value))
            }
            return try contrast(predictor, matrix, slot, value)
        }
        guard covariates.contains(name) else { throw cell.fault("\"\(name)\" is not a predictor") }
        guard let exponent = JavaNumber.double(value) else {
            throw cell.fault("attribute value is \"\(value)\"; a number was expected")
        }
        return .power(slot: slot, exponent: exponent)
    }

    private func contrast(
        _ predictor: Element, _ matrix: Element, _ slot: Int, _ value: String
    ) throws(Fault) -> GeneralRegression.Factor {
        var texts: [String] = []
        for category in predictor.child("Categories")?.children("Category") ?? [] {
            texts.append(try category.required("value"))
        }
        guard let column = texts.firstIndex(of: value) else {
            return .failing(.evaluation("A category is not in the contrast matrix"))
        }
        var numbers: [Double] = []
        for row in matrix.children("Array") {
            let entries = try row.arrayNumbers()
            guard column < entries.count else {
                return .failing(.evaluation("The contrast matrix has no such column"))
            }
            numbers.append(entries[column])
        }
        guard numbers.count == texts.count else { throw matrix.fault("one Array a category was expected") }
        return .contrast(slot: slot, categories: texts.map { Operand($0) }, column: numbers)
    }

    func terms(
        _ cells: [(parameter: String, beta: Double)], _ category: String
    ) -> [GeneralRegression.Term] {
        let rows = factors[category] ?? factors[""] ?? [:]
        return cells.map { cell in
            GeneralRegression.Term(
                beta: cell.beta, factors: rows[cell.parameter] ?? [],
                reference: references[cell.parameter] ?? 0)
        }
    }

    /// The terms of one category.
    func terms(
        for category: String, _ kind: GeneralRegression.Kind, binary: Bool
    ) throws(Fault) -> [GeneralRegression.Term] {
        var own = cells[category]
        if kind == .ordinalMultinomial {
            own = own.map { $0 + (cells[""] ?? []) }
        } else if own == nil, binary {
            own = cells[""]
        }
        guard let own else { throw model.element.fault("ParamMatrix has no cells for \"\(category)\"") }
        return terms(own, category)
    }
}
