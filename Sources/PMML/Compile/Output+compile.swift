extension Output {
    /// Compiles the outputs of a model, in order; later ones may refer to earlier ones.
    static func all(of model: ModelContext, publishInto outer: Scope?) -> [Output] {
        var outputs: [Output] = []
        for element in model.element.child("Output")?.children("OutputField") ?? [] {
            let output = model.compiler.attempt { () throws(Fault) in
                try Output(element, model, publishInto: outer)
            }
            if let output { outputs.append(output) }
        }
        return outputs
    }

    private init(_ element: Element, _ model: ModelContext, publishInto outer: Scope?) throws(Fault) {
        name = try element.required("name")
        displayName = element["displayName"]
        isFinal = try element.flag("isFinalResult", default: true)
        dataType = try element.dataType()
        opType = element["optype"].flatMap(OpType.init)
        if opType == nil, let text = element["optype"] {
            model.compiler.report(element.warning("attribute optype has the unknown value \"\(text)\""))
        }
        feature = try Output.feature(element, model)
        let target = element["targetField"]
        self.target = target
        let subject = model.targets.first { $0.name == target } ?? model.target
        let method = model.element.child("Segmentation")?["multipleModelMethod"]
        let isSelection = method.flatMap(Ensemble.Method.init)?.isSelection ?? false
        categoryType = isSelection ? .string : subject.categoryType
        var displays = subject.displays
        for value in subject.field?.values ?? [] {
            if let display = value.display, displays[value.text] == nil { displays[value.text] = display }
        }
        self.displays = displays
        segment = element["segmentId"].flatMap { id in
            model.segments[id].map { SegmentReference(outcome: $0) }
        }
        slot =
            model.scope.published[name] ?? outer?.published[name] ?? model.compiler.allocate(.published(name))
        outer?.publish(name, slot: slot)
        model.scope.publish(name, slot: slot)
    }

    // What can throw is done before a case takes it: the box of an indirect case would be lost otherwise.
    private static func feature(_ element: Element, _ model: ModelContext) throws(Fault) -> Feature {
        if element["segmentId"].map({ model.segments[$0] == nil }) == true {
            model.compiler.report(element.warning("there is no segment \"\(element["segmentId"] ?? "")\""))
            return .absent
        }
        let rank = try element.integer("rank") ?? 1
        let value = element["value"]
        let name = element["feature"] ?? "predictedValue"
        guard rank >= 1 || name == "ruleValue" else {
            model.compiler.report(element.warning("attribute rank must be at least 1"))
            return .failing(.invalidAttribute("OutputField", "rank", String(rank)))
        }
        if let query = try SpreadQuery(element, model.element) { return .spread(query) }
        let hasRules = ModelUnit.ruleModels.contains(model.element.name)
        if hasRules, name == "entityId" {
            let query = try ruleQuery(element, "ruleId", rank: rank)
            return .rule(query)
        }
        switch name {
        case "predictedValue": return .predictedValue
        case "predictedDisplayValue": return .predictedDisplayValue
        case "probability": return .probability(value)
        case "confidence" where !hasRules: return .confidence(value)
        case "residual":
            let residual = try residual(element, model)
            return .residual(residual)
        case "entityId" where model.element.name == "MiningModel" && element["segmentId"] == nil:
            return segmentId(model)
        case "entityId": return .entityId(rank: rank)
        case "clusterId": return .entityId(rank: 1)
        case "affinity" where !hasRules, "entityAffinity", "clusterAffinity":
            let isOfValue = name == "affinity"
            return .affinity(
                AffinityQuery(id: value, rank: isOfValue ? rank : 1, isOfValue: isOfValue))
        case "x-report": return report(element, model)
        case "warning": return .transformed(ConstantExpression(value: FieldValue(.list([]), .categorical)))
        case "reasonCode": return .reasonCode(rank: rank)
        case "ruleValue", "ruleId", "rule", "antecedent", "consequent", "support", "lift", "leverage",
            "confidence", "affinity":
            let query = try ruleQuery(element, name, rank: rank)
            return .rule(query)
        case "transformedValue", "decision":
            if element["segmentId"] != nil { return segmentValue(element, model) }
            guard element.children.contains(where: { Scope.expressionNames.contains($0.name) }) else {
                model.compiler.report(element.warning("an expression is required"))
                return .failing(
                    EvaluationError(
                        .modelFault, "org.jpmml.model.MissingElementException",
                        "Required element OutputField/<Expression> is not defined"))
            }
            let expression = try model.scope.expression(in: element)
            return .transformed(expression)
        default:
            model.compiler.report(element.warning("feature \"\(name)\" is not supported"))
            return .failing(.unsupportedAttribute("OutputField", "feature", name))
        }
    }

    /// The report of another output: the reference gives none unless it is asked to explain itself.
    private static func report(_ element: Element, _ model: ModelContext) -> Feature {
        if element["x-reportField"] != nil { return .absent }
        model.compiler.report(element.warning("attribute x-reportField is required"))
        return .failing(.missingAttribute("OutputField", "x-reportField"))
    }

    private static func residual(_ element: Element, _ model: ModelContext) throws(Fault) -> ResidualOutput {
        let target = model.targets.first { $0.name == element["targetField"] } ?? model.target
        guard let name = target.name else { throw element.fault("a residual needs a declared target") }
        return ResidualOutput(
            name: name, slot: model.slot(name, at: element), isClassification: target.opType != .continuous,
            category: element["value"])
    }

    /// The id of the segment that a selection answers with; other ensembles have none.
    private static func segmentId(_ model: ModelContext) -> Feature {
        let segmentation = model.element.child("Segmentation")
        guard let method = segmentation?["multipleModelMethod"],
            method == "selectFirst" || method == "modelChain"
        else { return .failing(Outcome.missing.lacks("HasEntityId")) }
        let segments = segmentation?.children("Segment") ?? []
        let ids = segments.enumerated().map { index, segment in segment["id"] ?? String(index + 1) }
        return .segmentId(ensemble: model.number, ids: ids)
    }

    /// `transformedValue` with `segmentId`: the segment's output that attribute `value` names.
    private static func segmentValue(_ element: Element, _ model: ModelContext) -> Feature {
        guard let name = element["value"] else {
            model.compiler.report(element.warning("attribute value is required"))
            return .failing(.missingAttribute("OutputField", "value"))
        }
        return .segmentValue(slot: model.segmentOutputs[element["segmentId"] ?? ""]?[name])
    }

    private static func ruleQuery(
        _ element: Element, _ name: String, rank: Int
    ) throws(Fault) -> RuleQuery {
        let isValue = name == "ruleValue"
        let feature = isValue ? element["ruleFeature"] ?? "rule" : name
        guard let ruleFeature = RuleQuery.Feature(rawValue: feature) else {
            throw element.fault("attribute ruleFeature has the unknown value \"\(feature)\"")
        }
        return RuleQuery(
            algorithm: try element.choice("algorithm", default: RuleQuery.Algorithm.exclusiveRecommendation),
            feature: ruleFeature, basis: try element.choice("rankBasis", default: RuleQuery.Basis.confidence),
            isAscending: element["rankOrder"] == "ascending", rank: rank,
            isMultiValued: element["isMultiValued"] == "1")
    }
}
