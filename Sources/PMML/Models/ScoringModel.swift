/// A compiled model element: the arithmetic of one kind of model, without outputs.
///
/// One file per kind in this folder holds the type and the `compile` function that makes it; fields are slots
/// of the frame, found at compile time through `Scope.slot(of:)`.
protocol ScoringModel: Sendable {
    /// The model's answer for the row in `frame`, targets (rescaling, casts, defaults) applied.
    func score(_ frame: Frame) throws(EvaluationError) -> Outcome

    /// The form this model was compiled to, for `describeForms`.
    var form: String { get }
}
