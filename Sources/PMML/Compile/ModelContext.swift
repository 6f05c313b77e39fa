/// What the compile function of one kind of model works with.
final class ModelContext {
    /// The model element.
    let element: Element
    let scope: Scope
    let compiler: Compiler
    /// `functionName`: `classification`, `regression`, `clustering`, ...
    let functionName: String
    let math: MathContext
    /// The declared targets, or a single nameless one.
    let targets: [Target]
    /// The model around a segment's model.
    let parent: ModelContext?
    /// The model's number in `Frame.outcomes`.
    let number: Int
    /// Outcome numbers of the segments of a mining model, by segment id.
    var segments: [String: Int] = [:]
    /// Slots of the segments' outputs, by segment id and name.
    var segmentOutputs: [String: [String: Int]] = [:]

    init(_ element: Element, compiler: Compiler, parent: ModelContext?) throws(Fault) {
        self.element = element
        self.compiler = compiler
        self.parent = parent
        number = compiler.nextOutcome()
        scope = Scope(compiler: compiler, parent: parent?.scope)
        functionName = try element.required("functionName")
        guard let math = MathContext(name: element["x-mathContext"]) else {
            throw element.fault("attribute x-mathContext is \"\(element["x-mathContext"] ?? "")\"")
        }
        self.math = math
        scope.read(model: element)
        targets = try Target.all(of: element, scope: scope, math: math, parent: parent)
        scope.compileDerived(model: element)
    }

    /// The first target: the only one of most kinds of models.
    var target: Target { targets[0] }

    var isClassification: Bool { functionName == "classification" }

    /// The slot of a field named by an element of this model.
    func slot(_ name: String, at element: Element) -> Int {
        scope.slot(of: name, at: element)
    }

    /// Notes that a required attribute is not there.
    ///
    /// - Returns: The error of the rows that need it.
    func lacks(_ attribute: String, _ element: Element) -> EvaluationError {
        compiler.report(element.warning("attribute \(attribute) is required"))
        return .missingAttribute(element.name, attribute)
    }

    /// Compiles a predicate among the children of `element`; nil where there is none.
    func predicate(in element: Element) throws(Fault) -> Predicate? {
        for child in element.children where Predicate.names.contains(child.name) {
            return try Predicate(child, scope)
        }
        return nil
    }

    /// Categories of the target by their texts.
    func categories(_ texts: [String]) throws(Fault) -> Categories {
        do throws(EvaluationError) {
            return try Categories(texts: texts, type: target.categoryType)
        } catch {
            throw element.fault("a category is not of the target's type: \(error.message)")
        }
    }
}

extension Target {
    /// The targets of a model: its mining schema's, with their `Target` elements.
    static func all(
        of model: Element, scope: Scope, math: MathContext, parent: ModelContext?
    ) throws(Fault) -> [Target] {
        var targets: [Target] = []
        for field in scope.miningOrder where field.usage == .target {
            let data = scope.compiler.dataFields[field.name]
            targets.append(
                Target(
                    name: field.name, dataType: data?.dataType, opType: field.opType ?? data?.opType,
                    field: data, math: math))
        }
        if targets.isEmpty { targets.append(nameless(model, math, parent)) }
        for element in model.child("Targets")?.children("Target") ?? [] {
            let name = element["field"] ?? element["targetField"]
            let index = name.flatMap { name in targets.firstIndex { $0.name == name } }
            guard let index = index ?? (targets.count == 1 && name == nil ? 0 : nil) else { continue }
            try targets[index].read(element)
        }
        return targets
    }

    private static func nameless(_ model: Element, _ math: MathContext, _ parent: ModelContext?) -> Target {
        switch model["functionName"] {
        case "regression":
            Target(name: nil, dataType: math.isFloat ? .float : .double, opType: .continuous, math: math)
        case "classification":
            nameless(in: parent, math)
        default:
            Target(name: nil, dataType: nil, opType: nil, math: math)
        }
    }

    /// The target of a classifier without one, inside an ensemble: it answers in the type of the ensemble's
    /// target, but a selection's segments keep their categories as text.
    private static func nameless(in parent: ModelContext?, _ math: MathContext) -> Target {
        var target = Target(name: nil, dataType: .string, opType: .categorical, math: math)
        guard let parent, parent.isClassification else { return target }
        let method = parent.element.child("Segmentation")?["multipleModelMethod"]
        let isSelection = method.flatMap(Ensemble.Method.init)?.isSelection ?? true
        if parent.target.name == nil, isSelection { return target }
        target.dataType = parent.target.dataType
        target.keyType = isSelection ? .string : parent.target.categoryType
        return target
    }

    private mutating func read(_ element: Element) throws(Fault) {
        rescaleFactor = try element.number("rescaleFactor") ?? 1
        rescaleConstant = try element.number("rescaleConstant") ?? 0
        minimum = try element.number("min")
        maximum = try element.number("max")
        if let opType = try element.opType() { self.opType = opType }
        if let text = element["castInteger"] {
            guard let cast = Cast(rawValue: text) else {
                throw element.fault("attribute castInteger has the unknown value \"\(text)\"")
            }
            self.cast = cast
        }
        for value in element.children("TargetValue") {
            if let text = value["value"] {
                priors.append((text, try value.number("priorProbability")))
                if let display = value["displayValue"] { displays[text] = display }
            } else if let text = value["defaultValue"] {
                defaultValue = text
            }
        }
    }
}

extension Predicate {
    /// The names of predicate elements, the most frequent first: hashing one takes longer than comparing.
    static let names = ["SimplePredicate", "True", "SimpleSetPredicate", "CompoundPredicate", "False"]

    /// Compiles a predicate element.
    init(_ element: Element, _ scope: Scope) throws(Fault) {
        switch element.name {
        case "True": self = .always
        case "False": self = .never
        case "SimplePredicate": self = try Predicate.simple(element, scope)
        case "SimpleSetPredicate": self = try Predicate.set(element, scope)
        case "CompoundPredicate": self = try Predicate.compound(element, scope)
        default: throw element.fault("a predicate was expected")
        }
    }

    private static func simple(_ element: Element, _ scope: Scope) throws(Fault) -> Predicate {
        let slot = scope.slot(of: try element.required("field"), at: element)
        let text = try element.required("operator")
        if text == "isMissing" || text == "isNotMissing" {
            return .isMissing(slot: slot, expected: text == "isMissing")
        }
        guard let comparison = Operator(rawValue: text) else {
            throw element.fault("attribute operator has the unknown value \"\(text)\"")
        }
        guard let value = element["value"] else {
            scope.compiler.report(element.warning("attribute value is required"))
            return .failing(.missingAttribute("SimplePredicate", "value"))
        }
        return .simple(slot: slot, comparison, Operand(value))
    }

    private static func set(_ element: Element, _ scope: Scope) throws(Fault) -> Predicate {
        let slot = scope.slot(of: try element.required("field"), at: element)
        let text = try element.required("booleanOperator")
        guard text == "isIn" || text == "isNotIn" else {
            throw element.fault("attribute booleanOperator has the unknown value \"\(text)\"")
        }
        let array = try element.requiredChild("Array")
        return .set(SetPredicate(slot: slot, isIn: text == "isIn", members: array.arrayEntries))
    }

    private static func compound(_ element: Element, _ scope: Scope) throws(Fault) -> Predicate {
        scope.compiler.depth += 1
        defer { scope.compiler.depth -= 1 }
        guard scope.compiler.depth < scope.compiler.depthMax else {
            throw element.fault("predicates nest deeper than \(scope.compiler.depthMax)")
        }
        var parts: [Predicate] = []
        for child in element.children where names.contains(child.name) {
            parts.append(try Predicate(child, scope))
        }
        let text = try element.required("booleanOperator")
        guard parts.count >= 2 else {
            scope.compiler.report(element.warning("at least two predicates are required"))
            return .failing(
                EvaluationError(
                    .modelFault, "org.jpmml.model.InvalidElementListException",
                    "List of elements \(element.children.first { _ in true }?.name ?? "") is not valid"))
        }
        switch text {
        case "and": return .and(parts)
        case "or": return .or(parts)
        case "xor": return .xor(parts)
        case "surrogate": return .surrogate(parts)
        default: throw element.fault("attribute booleanOperator has the unknown value \"\(text)\"")
        }
    }
}
