/// PMML element `MiningField`: how one model uses a field.
struct MiningField: Sendable {
    /// Attribute `usageType`, as far as it matters for scoring.
    enum Usage: Sendable {
        case active, target, group, supplementary, order, other
    }

    /// Attribute `invalidValueTreatment`.
    enum InvalidTreatment: Sendable {
        case returnInvalid, asIs, asMissing, asValue
    }

    let name: String
    let usage: Usage
    let opType: OpType?
    let invalidTreatment: InvalidTreatment
    let invalidReplacement: String?
    /// `missingValueTreatment="returnInvalid"`.
    let rejectsMissing: Bool
    let missingReplacement: String?
    let outliers: OutlierTreatment
    let lowValue: Double?
    let highValue: Double?
    let line: Int

    /// Whether a nested model takes the field as the model around it has it.
    var isPlain: Bool {
        invalidTreatment == .returnInvalid && invalidReplacement == nil && !rejectsMissing
            && missingReplacement == nil && outliers == .asIs && opType == nil
    }
}
