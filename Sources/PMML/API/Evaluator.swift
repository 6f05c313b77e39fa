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

    private let slots: [String: Int]

    private init(fields: [FieldDescription]) {
        miningFunction = ""
        summary = ""
        modelVersion = nil
        modelName = nil
        inputFields = fields
        groupFields = []
        targetFields = []
        outputFields = []
        warnings = []
        slots = [:]
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
        throw .invalid([])
    }

    /// The slot of an input or group field in `Row.values`, or nil for an unknown name.
    package func slot(of name: String) -> Int? {
        slots[name]
    }

    /// How many values a row has: input fields, then group fields.
    package var slotCount: Int { inputFields.count + groupFields.count }

    /// Evaluates one row.
    package func evaluate(_ row: Row) throws(EvaluationError) -> Results {
        throw EvaluationError(
            .undefinedResult, "org.jpmml.evaluator.UndefinedResultException", "Undefined result")
    }

    /// Evaluates many rows; a row that fails does not fail its neighbours.
    package func evaluate(batch rows: [Row]) -> [Result<Results, EvaluationError>] {
        rows.map { row in Result { () throws(EvaluationError) in try evaluate(row) } }
    }

    /// Runs the document's own verification records.
    ///
    /// - Throws: `PMMLError.verificationFailed` at the first record that does not agree.
    package func verify() throws(PMMLError) {}

    /// Which compiled form each part of the model took, one line a part.
    package func describeForms() -> String { "" }

    /// Merges rows that share a value of the one group field, in order of first appearance.
    ///
    /// Every other value becomes a list of the members' values. Where every group value is distinct, the
    /// rows come back unchanged, one a group (Openscoring's rule).
    package func merge(groups rows: [Row]) -> [RowGroup] {
        rows.indices.map { RowGroup(row: rows[$0], members: [$0]) }
    }
}
