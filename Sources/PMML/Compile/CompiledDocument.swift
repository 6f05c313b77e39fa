/// A document compiled and found free of errors: what an `Evaluator` is made of.
struct CompiledDocument {
    let unit: ModelUnit
    let program: Program
    let inputs: [Evaluator.Input]
    let inputFields: [FieldDescription]
    let groupFields: [FieldDescription]
    let targetFields: [FieldDescription]
    let outputFields: [FieldDescription]
    let modelVersion: String?
    let modelName: String?
    let warnings: [Fault]
    let verification: Verification?

    /// Compiles the document's model of that name, or its first scorable one.
    ///
    /// - Throws: `PMMLError.invalid` with every fault.
    static func compile(_ document: Document, modelName: String?) throws(PMMLError) -> CompiledDocument {
        let root = document.root
        guard root.name == "PMML" else { throw .invalid([root.fault("the root element must be PMML")]) }
        guard document.isSupportedNamespace else {
            throw .invalid([
                root.fault(
                    "the namespace must be http://www.dmg.org/PMML-3_0 to PMML-4_4, "
                        + "not \"\(document.namespace)\""
                )
            ])
        }
        let element: Element
        do throws(Fault) {
            element = try model(in: root, modelName: modelName)
        } catch {
            throw .invalid(FaultList.merged([error], GrammarCheck(document).faults, isRefused: true))
        }
        let compiler = Compiler(root: root)
        var scope: Scope?
        let unit = compiler.attempt { () throws(Fault) in
            let context = try ModelContext(element, compiler: compiler, parent: nil)
            scope = context.scope
            return try ModelUnit.compile(context, publishInto: nil)
        }
        var inputs: [Evaluator.Input] = []
        if let unit, let scope { inputs = compiler.inputs(of: unit, scope, element) }
        let isRefused = unit == nil || compiler.hasErrors
        let faults = FaultList.merged(
            compiler.faults, GrammarCheck(document).faults, isRefused: isRefused)
        guard !isRefused, let unit else { throw .invalid(faults) }
        return CompiledDocument(
            unit: unit, program: compiler.program(), inputs: inputs,
            inputFields: inputs.filter { !$0.isGroup }.map { compiler.describe(field: $0.field.name) },
            groupFields: inputs.filter(\.isGroup).map { compiler.describe(field: $0.field.name) },
            targetFields: unit.hasTarget ? unit.targets.map { compiler.describe(target: $0) } : [],
            outputFields: unit.allOutputs.map { compiler.describe(output: $0, of: unit) },
            modelVersion: root.child("Header")?["modelVersion"], modelName: element["modelName"],
            warnings: faults, verification: Verification(element))
    }

    private static func model(in root: Element, modelName: String?) throws(Fault) -> Element {
        let models = root.children.filter { ModelUnit.isModel($0.name) }
        if let modelName {
            guard let model = models.first(where: { $0["modelName"] == modelName }) else {
                throw root.fault("Required element PMML/<Model>@modelName=\(modelName) is not defined")
            }
            return model
        }
        guard let model = models.first(where: { $0["isScorable"] != "false" }) else {
            throw root.fault("Required element PMML/<Model>@isScorable=true is not defined")
        }
        return model
    }
}

extension Document {
    /// Namespaces of PMML 3.0 to 4.4.
    var isSupportedNamespace: Bool {
        let prefix = "http://www.dmg.org/PMML-"
        return namespace.hasPrefix(prefix)
            && ["3_0", "3_1", "3_2", "4_0", "4_1", "4_2", "4_3", "4_4"].contains(
                String(namespace.dropFirst(prefix.count)))
    }
}

extension Compiler {
    /// The inputs of the top model: active fields in order, targets that outputs need, then group fields.
    func inputs(of unit: ModelUnit, _ scope: Scope, _ element: Element) -> [Evaluator.Input] {
        let hasGroup = unit.mining.contains { $0.usage == .group }
        let residuals = Set(unit.outputs.compactMap(\.residualSlot))
        var inputs: [Evaluator.Input] = []
        var groups: [Evaluator.Input] = []
        for mining in unit.mining {
            let isResidual =
                mining.usage == .target && residuals.contains(scope.slot(of: mining.name, at: element))
            guard
                mining.usage == .active || mining.usage == .supplementary || mining.usage == .group
                    || isResidual
                    || (mining.usage == .order && ModelUnit.orderedModels.contains(unit.element))
            else { continue }
            guard let field = dataFields[mining.name] else {
                if globalDerived[mining.name] == nil, !faultyFields.contains(mining.name) {
                    report(
                        Fault(
                            severity: .error, line: mining.line, element: "MiningField",
                            message: "field \"\(mining.name)\" is not defined in the data dictionary"))
                }
                continue
            }
            do throws(EvaluationError) {
                let input = Evaluator.Input(
                    field: try TreatedField(field: field, mining: mining),
                    slot: scope.slot(of: mining.name, at: element), isGroup: mining.usage == .group,
                    isGrouped: hasGroup && mining.usage != .group)
                if input.isGroup { groups.append(input) } else { inputs.append(input) }
            } catch {
                report(
                    Fault(
                        severity: .error, line: mining.line, element: "MiningField",
                        message: "the replacement value is not a \(field.dataType.name)"))
            }
        }
        return inputs + groups
    }

    /// A data field as the schema shows it.
    func describe(field name: String) -> FieldDescription {
        let field = dataFields[name]
        return FieldDescription(
            id: name, displayName: field?.displayName, dataType: field?.dataType.name,
            opType: field?.opType.name, values: (field?.intervalTexts ?? []) + (field?.validTexts ?? []))
    }

    /// A target as the schema shows it.
    func describe(target: Target) -> FieldDescription {
        if let name = target.name, dataFields[name] != nil { return describe(field: name) }
        return FieldDescription(
            id: target.name ?? "_target", displayName: nil, dataType: target.dataType?.name,
            opType: target.opType?.name, values: [])
    }

    /// An output as the schema shows it.
    func describe(output: Output, of unit: ModelUnit) -> FieldDescription {
        FieldDescription(
            id: output.name, displayName: output.displayName, dataType: output.dataType?.name,
            opType: output.opType?.name, values: [])
    }
}

extension Output {
    /// The slot of the target that a residual needs from the input.
    var residualSlot: Int? {
        if case .residual(let residual) = feature { return residual.slot }
        return nil
    }
}
