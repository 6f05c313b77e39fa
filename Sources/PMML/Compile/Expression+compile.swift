extension DerivedField {
    /// Compiles a `DerivedField` element.
    init(_ element: Element, scope: Scope) throws(Fault) {
        name = element.name == "DerivedField" ? element["name"] : nil
        dataType = try element.dataType()
        opType = try element.opType()
        let values = element.children("Value").compactMap { $0["value"] }
        if opType == .ordinal, !values.isEmpty, let type = dataType {
            order = scope.compiler.keep(order: values.compactMap { try? Value.parse($0, as: type) })
        } else {
            order = 0
        }
        expression = try scope.expression(in: element)
    }
}

extension DefinedFunction {
    /// Compiles a `DefineFunction` element.
    convenience init(_ element: Element, _ compiler: Compiler) throws(Fault) {
        var parameters: [Parameter] = []
        var names: [String: Int] = [:]
        for parameter in element.children("ParameterField") {
            let slot = compiler.allocate(.given)
            names[try parameter.required("name")] = slot
            parameters.append(
                Parameter(slot: slot, dataType: try parameter.dataType(), opType: try parameter.opType()))
        }
        let scope = Scope(compiler: compiler, parameters: names)
        self.init(
            name: try element.required("name"), parameters: parameters,
            result: try DerivedField(element, scope: scope))
    }
}

extension Scope {
    static let expressionNames: Set<String> = [
        "Constant", "FieldRef", "NormContinuous", "NormDiscrete", "Discretize", "MapValues", "TextIndex",
        "Aggregate", "Lag", "Apply",
    ]

    /// Compiles the one expression inside `element`.
    func expression(in element: Element) throws(Fault) -> any Expression {
        guard let child = element.children.first(where: { Scope.expressionNames.contains($0.name) }) else {
            throw element.fault("an expression is required")
        }
        return try expression(child)
    }

    /// Compiles an expression element.
    func expression(_ element: Element) throws(Fault) -> any Expression {
        compiler.depth += 1
        defer { compiler.depth -= 1 }
        guard compiler.depth < compiler.depthMax else {
            throw element.fault("expressions nest deeper than \(compiler.depthMax)")
        }
        switch element.name {
        case "Constant": return try constant(element)
        case "FieldRef":
            return FieldReference(
                slot: slot(of: try element.required("field"), at: element),
                mapMissingTo: element["mapMissingTo"].map(Value.text))
        case "NormContinuous":
            return element.children("LinearNorm").count < 2
                ? try flat(element) : try normContinuous(element)
        case "NormDiscrete": return try normDiscrete(element)
        case "Discretize": return try discretize(element)
        case "MapValues": return try mapValues(element)
        case "TextIndex": return try textIndex(element)
        case "Aggregate": return try aggregate(element)
        case "Lag": return try lag(element)
        case "Apply": return try apply(element)
        default: throw element.fault("this expression is not supported")
        }
    }

    private func constant(_ element: Element) throws(Fault) -> any Expression {
        if try element.flag("missing", default: false) { return ConstantExpression(value: .missing) }
        let text = element.text
        guard let type = try element.dataType() else {
            guard let value = Value.inferred(text) else {
                compiler.report(element.warning("\"\(text)\" is no 32-bit integer"))
                return FailingExpression(error: .illegalArgument(text))
            }
            return ConstantExpression(value: FieldValue(value))
        }
        if text.isEmpty, type != .string { return ConstantExpression(value: .missing) }
        do throws(EvaluationError) {
            return ConstantExpression(value: FieldValue(try Value.parse(text, as: type)))
        } catch {
            compiler.report(element.warning("\"\(text)\" is not a \(type.name)"))
            return FailingExpression(error: error)
        }
    }

    func normContinuous(_ element: Element) throws(Fault) -> NormContinuous {
        var points: [(orig: Double, norm: Double)] = []
        for norm in element.children("LinearNorm") {
            guard let orig = try norm.number("orig"), let value = try norm.number("norm") else {
                throw norm.fault("attributes orig and norm are required")
            }
            points.append((orig, value))
        }
        guard points.count >= 2 else { throw element.fault("at least two LinearNorm elements are required") }
        guard let outliers = OutlierTreatment(name: element["outliers"]) else {
            throw element.fault("attribute outliers has the unknown value \"\(element["outliers"] ?? "")\"")
        }
        return NormContinuous(
            slot: slot(of: try element.required("field"), at: element), points: points, outliers: outliers,
            mapMissingTo: try element.number("mapMissingTo").map(Value.double))
    }

    /// A `NormContinuous` without two points to go through.
    private func flat(_ element: Element) throws(Fault) -> any Expression {
        compiler.report(element.warning("at least two LinearNorm elements are required"))
        return FailingExpression(
            error: EvaluationError(
                .modelFault, "org.jpmml.model.InvalidElementListException",
                "List of elements LinearNorm is not valid"),
            slot: slot(of: try element.required("field"), at: element))
    }

    private func normDiscrete(_ element: Element) throws(Fault) -> any Expression {
        if let method = element["method"], method != "indicator" {
            compiler.report(element.warning("method \(method) is not supported"))
            return FailingExpression(
                error: .unsupportedAttribute("NormDiscrete", "method", method),
                slot: slot(of: try element.required("field"), at: element))
        }
        return NormDiscrete(
            slot: slot(of: try element.required("field"), at: element),
            category: Operand(try element.required("value")),
            mapMissingTo: try element.number("mapMissingTo").map(Value.double))
    }

    private func discretize(_ element: Element) throws(Fault) -> any Expression {
        let type = try element.dataType()
        var bins: [(interval: Interval, value: Literal)] = []
        for bin in element.children("DiscretizeBin") {
            let interval = try Interval(try bin.requiredChild("Interval"))
            if let value = literal(try bin.required("binValue"), type, bin) { bins.append((interval, value)) }
        }
        return Discretize(
            slot: slot(of: try element.required("field"), at: element), bins: bins,
            defaultValue: literal(element["defaultValue"], type, element),
            mapMissingTo: literal(element["mapMissingTo"], type, element))
    }

    /// A constant from an attribute or a cell in the declared type; without one it is text.
    private func literal(_ text: String?, _ type: DataType?, _ element: Element) -> Literal? {
        guard let text else { return nil }
        do throws(EvaluationError) {
            return .value(FieldValue(try Value.parse(text, as: type ?? .string)))
        } catch {
            compiler.report(element.warning("\"\(text)\" is not a \(type?.name ?? "")"))
            return .failing(error)
        }
    }

    private func mapValues(_ element: Element) throws(Fault) -> any Expression {
        let output = try element.required("outputColumn")
        let type = try element.dataType()
        var slots: [Int] = []
        var columns: [String] = []
        for pair in element.children("FieldColumnPair") {
            slots.append(slot(of: try pair.required("field"), at: pair))
            columns.append(try pair.required("column"))
        }
        guard let table = element.child("InlineTable") else {
            throw element.fault("an InlineTable is required; a TableLocator cannot be followed")
        }
        var rows: [(cells: [Operand], output: Literal?)] = []
        var byText: [String: Int] = [:]
        for row in table.children where row.name == "row" {
            let cells = Dictionary(
                row.children.map { (InlineCell.name($0.name), $0.text) },
                uniquingKeysWith: { first, _ in first })
            let keys = columns.compactMap { cells[InlineCell.name($0)] }
            guard keys.count == columns.count else { continue }
            if columns.count == 1, byText[keys[0]] == nil { byText[keys[0]] = rows.count }
            rows.append(
                (keys.map(Operand.init), literal(cells[InlineCell.name(output)], type, row)))
        }
        return MapValues(
            slots: slots, rows: rows, byText: columns.count == 1 ? byText : nil,
            defaultValue: literal(element["defaultValue"], type, element),
            mapMissingTo: literal(element["mapMissingTo"], type, element))
    }

    private func apply(_ element: Element) throws(Fault) -> any Expression {
        let name = try element.required("function")
        var arguments: [any Expression] = []
        for child in element.children where Scope.expressionNames.contains(child.name) {
            arguments.append(try expression(child))
        }
        let mapMissingTo = element["mapMissingTo"].map { FieldValue(.text($0)) }
        let defaultValue = element["defaultValue"].map { FieldValue(.text($0)) }
        if let function = try compiler.function(name) {
            guard function.parameters.count == arguments.count else {
                return wrongCount(name, arguments.count, element)
            }
            return ApplyDefined(
                function: function, arguments: arguments, mapMissingTo: mapMissingTo,
                defaultValue: defaultValue)
        }
        guard let body = FunctionBody.builtIn(name) else {
            compiler.report(element.warning("function \"\(name)\" is not defined"))
            return FailingExpression(
                error: EvaluationError(
                    .type, "org.jpmml.evaluator.ApplyException", "Function \"\(name)\" is not defined"))
        }
        guard body.accepts(arguments.count) else { return wrongCount(name, arguments.count, element) }
        return Apply(
            name: name, body: body, arguments: arguments, mapMissingTo: mapMissingTo,
            defaultValue: defaultValue, invalidTreatment: try applyTreatment(element))
    }

    private func wrongCount(_ name: String, _ count: Int, _ element: Element) -> any Expression {
        compiler.report(element.warning("function \"\(name)\" does not take \(count) arguments"))
        return FailingExpression(
            error: EvaluationError(
                .modelFault, "org.jpmml.evaluator.InvalidArgumentListException",
                "Function \"\(name)\" got \(count) values"))
    }

    private func applyTreatment(_ element: Element) throws(Fault) -> ApplyInvalidTreatment {
        switch element["invalidValueTreatment"] {
        case nil, "returnInvalid": return .returnInvalid
        case "asIs": return .asIs
        case "asMissing": return .asMissing
        case .some(let text):
            throw element.fault("attribute invalidValueTreatment has the unknown value \"\(text)\"")
        }
    }
}

/// Cells of inline tables are named with or without a prefix.
enum InlineCell {
    static func name(_ name: String) -> String {
        name.split(separator: ":").last.map(String.init) ?? name
    }
}

extension FunctionBody {
    /// Whether the function takes this many arguments.
    func accepts(_ count: Int) -> Bool {
        switch self {
        case .unary: count == 1
        case .binary: count == 2
        case .variadic(let atLeast, let atMost, _): count >= atLeast && count <= atMost
        case .conditional: count == 2 || count == 3
        }
    }
}

extension Value {
    /// A constant without a declared type: an integer, a double or text, by its spelling; nil for a whole
    /// number past 32 bits.
    static func inferred(_ text: String) -> Value? {
        let body = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
        let isNumeric = body.utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2E }
        guard isNumeric, !body.isEmpty else { return .text(text) }
        if !body.utf8.contains(0x2E) { return JavaNumber.integer(text).map(Value.integer) }
        return JavaNumber.double(text).map(Value.double) ?? .text(text)
    }
}
