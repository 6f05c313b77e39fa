/// What names mean inside one model element.
///
/// A name is looked up in this order: a function's parameters; the mining schema (over data fields at the
/// top, over the model around it when nested); local derived fields; outputs of this model; global derived
/// fields.
final class Scope {
    let compiler: Compiler
    let parent: Scope?
    private(set) var mining: [String: MiningField] = [:]
    private(set) var miningOrder: [MiningField] = []
    private var localDerived: [String: Element] = [:]
    private var slots: [String: Int] = [:]
    private var underway: [String] = []
    /// Outputs of this model and of segments that publish into it.
    private(set) var published: [String: Int] = [:]
    /// Names that only this scope knows (function parameters); no other name is visible then.
    private let parameters: [String: Int]?

    init(compiler: Compiler, parent: Scope?) {
        self.compiler = compiler
        self.parent = parent
        parameters = nil
    }

    /// The scope of a function's body.
    init(compiler: Compiler, parameters: [String: Int]) {
        self.compiler = compiler
        parent = nil
        self.parameters = parameters
    }

    /// Reads the model's mining schema and local transformations.
    func read(model: Element) {
        for element in model.child("MiningSchema")?.children("MiningField") ?? [] {
            guard let field = compiler.attempt({ () throws(Fault) in try MiningField(element) }) else {
                compiler.noteFaulty(element)
                continue
            }
            mining[field.name] = field
            miningOrder.append(field)
        }
        for element in model.child("LocalTransformations")?.children("DerivedField") ?? [] {
            guard let name = element["name"] else {
                compiler.report(element.fault("attribute name is required"))
                continue
            }
            if localDerived[name] != nil {
                compiler.report(element.warning("derived field \"\(name)\" is defined twice"))
            } else {
                localDerived[name] = element
            }
        }
    }

    /// Compiles every local derived field, so that all faults come out at once.
    func compileDerived(model: Element) {
        for element in model.child("LocalTransformations")?.children("DerivedField") ?? [] {
            if let name = element["name"], mining[name] == nil { _ = slot(of: name, at: element) }
        }
    }

    /// Makes `name` mean the output in `slot` from now on.
    func publish(_ name: String, slot: Int) {
        published[name] = slot
        if mining[name] == nil, localDerived[name] == nil { slots[name] = slot }
    }

    /// The slot of a name; an unknown name gets one that always fails.
    func slot(of name: String, at element: Element) -> Int {
        if let parameters {
            return parameters[name] ?? unknown(name, element)
        }
        if let known = slots[name] {
            if underway.contains(name) {
                compiler.report(
                    element.fault("derived field \"\(name)\" depends on itself: \(underway + [name])"))
            }
            return known
        }
        let slot = resolve(name, element)
        slots[name] = slot
        return slot
    }

    private func resolve(_ name: String, _ element: Element) -> Int {
        if let field = mining[name] { return mined(field, element) }
        if let derived = localDerived[name] { return derive(name, derived) }
        if let derived = compiler.globalDerived[name] {
            if let parent { return parent.slot(of: name, at: element) }
            return derive(name, derived)
        }
        return unknown(name, element)
    }

    private func unknown(_ name: String, _ element: Element) -> Int {
        if !compiler.faultyFields.contains(name) {
            compiler.report(element.warning("field \"\(name)\" is not defined here"))
        }
        return compiler.allocate(.failing(.missingField(name)))
    }

    /// A mining field: an input at the top, a field of the model around it when nested.
    private func mined(_ field: MiningField, _ element: Element) -> Int {
        guard let parent else {
            guard compiler.dataFields[field.name] != nil || field.usage == .target else {
                if let derived = compiler.globalDerived[field.name] { return derive(field.name, derived) }
                return unknown(field.name, element)
            }
            return compiler.allocate(.given)
        }
        guard let outer = parent.inherited(field.name, element) else { return unknown(field.name, element) }
        guard let data = compiler.dataFields[field.name], !field.isPlain else { return outer }
        do throws(EvaluationError) {
            return compiler.allocate(.treated(from: outer, try TreatedField(field: data, mining: field)))
        } catch {
            compiler.report(element.warning("the replacement value does not fit \"\(field.name)\""))
            return compiler.allocate(.failing(error))
        }
    }

    /// What a nested model's mining schema may name: data fields, local derived fields and published outputs.
    private func inherited(_ name: String, _ element: Element) -> Int? {
        if mining[name] != nil || localDerived[name] != nil || published[name] != nil {
            return slot(of: name, at: element)
        }
        return parent?.inherited(name, element)
    }

    private func derive(_ name: String, _ element: Element) -> Int {
        let slot = compiler.allocate(.failing(.missingField(name)))
        slots[name] = slot
        underway.append(name)
        defer { underway.removeLast() }
        compiler.depth += 1
        defer { compiler.depth -= 1 }
        let field = compiler.attempt { () throws(Fault) in
            guard compiler.depth < compiler.depthMax else {
                throw element.fault("derived fields depend on each other more than \(compiler.depthMax) deep")
            }
            return try DerivedField(element, scope: self)
        }
        if let field { compiler.definitions[slot] = .derived(field) }
        return slot
    }
}

extension MiningField {
    /// Reads a `MiningField` element.
    init(_ element: Element) throws(Fault) {
        name = try element.required("name")
        line = element.line
        opType = try element.opType()
        switch element["usageType"] {
        case nil, "active": usage = .active
        case "target", "predicted": usage = .target
        case "group": usage = .group
        case "supplementary": usage = .supplementary
        case "order": usage = .order
        case "frequencyWeight", "analysisWeight", "supplemental": usage = .other
        case .some(let text): throw element.fault("attribute usageType has the unknown value \"\(text)\"")
        }
        switch element["invalidValueTreatment"] {
        case nil, "returnInvalid": invalidTreatment = .returnInvalid
        case "asIs": invalidTreatment = .asIs
        case "asMissing": invalidTreatment = .asMissing
        case "asValue": invalidTreatment = .asValue
        case .some(let text):
            throw element.fault("attribute invalidValueTreatment has the unknown value \"\(text)\"")
        }
        invalidReplacement = element["invalidValueReplacement"]
        switch element["missingValueTreatment"] {
        case nil, "asIs", "asMean", "asMode", "asMedian", "asValue": rejectsMissing = false
        case "returnInvalid", "x-returnInvalid": rejectsMissing = true
        case .some(let text):
            throw element.fault("attribute missingValueTreatment has the unknown value \"\(text)\"")
        }
        missingReplacement = element["missingValueReplacement"]
        guard let outliers = OutlierTreatment(name: element["outliers"]) else {
            throw element.fault("attribute outliers has the unknown value \"\(element["outliers"] ?? "")\"")
        }
        self.outliers = outliers
        lowValue = try element.number("lowValue")
        highValue = try element.number("highValue")
    }
}
