/// A compiled PMML model: immutable, and safe to evaluate from many threads at once.
package final class Evaluator: Sendable {
    /// `functionName` of the model element: `classification`, `regression`, ...
    package let miningFunction: String
    /// Openscoring's summary text, such as `Tree model`.
    package let summary: String
    /// `Header@modelVersion`.
    package let modelVersion: String?
    /// `modelName` of the model element.
    package let modelName: String?
    /// Active fields in the order of the mining schema.
    package let inputFields: [FieldDescription]
    /// Group fields (`usageType="group"`); their slots follow those of the input fields.
    package let groupFields: [FieldDescription]
    /// Declared targets, or one called `_target`.
    package let targetFields: [FieldDescription]
    /// All output fields, final or not.
    package let outputFields: [FieldDescription]
    /// What the document's faults cost some rows only.
    package let warnings: [Fault]

    /// The warnings as lines of text: at most 100, and one more that counts the others.
    package var warningTexts: [String] { FaultList.printed(warnings) }

    let unit: ModelUnit
    let program: Program
    let inputs: [Input]
    let answers: Answers
    let frames: FramePool
    /// Frames without any fast form.
    private let generalFrames: FramePool
    let verification: Verification?
    /// The whole document's fast form, where it has one.
    let plan: FastPlan?
    private let unfit: Unfit?
    private let slots: [String: Int]

    /// One slot of a row, and where its prepared value goes.
    struct Input: Sendable {
        let field: TreatedField
        let slot: Int
        let isGroup: Bool
        /// Whether lists are taken member by member (models with a group field).
        let isGrouped: Bool
    }

    init(_ compiled: CompiledDocument) {
        unit = compiled.unit
        program = compiled.program
        inputs = compiled.inputs
        answers = Answers(unit: compiled.unit)
        var forms = ElementForms()
        do throws(Unfit) {
            plan = try FastPlanner.plan(compiled.unit, compiled.program, compiled.inputs)
            unfit = nil
        } catch {
            plan = nil
            unfit = error
            forms = ElementForms(
                compiled.unit, SlotTypes(program: compiled.program, inputs: compiled.inputs))
        }
        frames = FramePool(program: compiled.program, forms: forms)
        generalFrames = plan == nil ? FramePool(program: compiled.program, forms: ElementForms()) : frames
        miningFunction = compiled.unit.functionName
        summary = ModelUnit.summaries[compiled.unit.element] ?? "Java"
        modelVersion = compiled.modelVersion
        modelName = compiled.modelName
        inputFields = compiled.inputFields
        groupFields = compiled.groupFields
        targetFields = compiled.targetFields
        outputFields = compiled.outputFields
        warnings = compiled.warnings
        verification = compiled.verification
        slots = Dictionary(
            (compiled.inputFields + compiled.groupFields).enumerated().map { ($1.id, $0) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Parses, validates and compiles a document.
    ///
    /// - Parameters:
    ///   - bytes: The XML document.
    ///   - modelName: Selects the model element with this `modelName`; nil takes the first scorable one.
    ///   - limits: Bounds on the document.
    /// - Throws: `PMMLError.invalid` with every fault found.
    package static func load(
        _ bytes: [UInt8], modelName: String? = nil, limits: PMMLLimits = PMMLLimits()
    ) throws(PMMLError) -> Evaluator {
        try compile(try XMLReader.read(bytes, limits: limits), modelName: modelName)
    }

    /// As `load(_:modelName:limits:)`, from a file that is never whole in memory.
    ///
    /// - Throws: `PMMLError.unreadable` too.
    package static func load(
        path: String, modelName: String? = nil, limits: PMMLLimits = PMMLLimits()
    ) throws(PMMLError) -> Evaluator {
        try compile(try XMLReader.read(path: path, limits: limits), modelName: modelName)
    }

    private static func compile(
        _ document: Document, modelName: String?
    ) throws(PMMLError) -> Evaluator {
        Evaluator(try CompiledDocument.compile(document, modelName: modelName))
    }

    /// The slot of an input or group field in `Row.values`, or nil for an unknown name.
    package func slot(of name: String) -> Int? {
        slots[name]
    }

    /// How many values a row has: input fields, then group fields.
    package var slotCount: Int { inputs.count }

    /// Evaluates one row.
    package func evaluate(_ row: Row) throws(EvaluationError) -> Results {
        // Not bound to a name: that would count a reference.
        if let results = plan?.evaluate(row) { return results }
        if plan != nil { return try evaluateGenerally(row) }
        let frame = frames.take()
        defer { frames.giveBack(frame) }
        return try evaluate(row, frame)
    }

    /// Evaluates one row without any fast form: what the fast forms are held against, and leave rare rows to.
    package func evaluateGenerally(_ row: Row) throws(EvaluationError) -> Results {
        let frame = generalFrames.take()
        defer { generalFrames.giveBack(frame) }
        return try evaluate(row, frame)
    }

    /// Evaluates many rows; a row that fails does not fail its neighbours.
    package func evaluate(batch rows: [Row]) -> [Result<Results, EvaluationError>] {
        guard let plan else {
            let frame = frames.take()
            defer { frames.giveBack(frame) }
            return rows.map { row in Result { () throws(EvaluationError) in try evaluate(row, frame) } }
        }
        var answers: [Result<Results, EvaluationError>] = []
        answers.reserveCapacity(rows.count)
        plan.evaluate(rows) { index, results in
            if let results {
                answers.append(.success(results))
            } else {
                answers.append(Result { () throws(EvaluationError) in try evaluateGenerally(rows[index]) })
            }
        }
        return answers
    }

    private func evaluate(_ row: Row, _ frame: Frame) throws(EvaluationError) -> Results {
        frame.reset()
        for (index, input) in inputs.enumerated() {
            let value = index < row.values.count ? row.values[index] : .missing
            frame.set(input.slot, try prepare(value, input))
        }
        return try answers.results(of: try unit.evaluate(frame), frame)
    }

    private func prepare(_ value: InputValue, _ input: Input) throws(EvaluationError) -> FieldValue {
        guard input.isGrouped, case .list(let members) = value else { return try input.field.prepare(value) }
        return try input.field.prepare(list: members)
    }

    /// Which compiled form each part of the model took, one line a part.
    package func describeForms() -> String {
        if let plan { return (["\(unit.element): compiled"] + plan.description).joined(separator: "\n") }
        let reason = "not compiled as a whole: \(unfit?.reason ?? "")"
        return (["\(unit.element): \(unit.scoring.form)", reason] + frames.forms.description)
            .joined(separator: "\n")
    }
}
