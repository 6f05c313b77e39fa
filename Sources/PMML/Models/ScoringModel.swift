/// A compiled model element: the arithmetic of one kind of model, without outputs.
///
/// One file per kind in this folder holds the type and the `compile` function that makes it; fields are slots
/// of the frame, found at compile time through `Scope.slot(of:)`.
///
/// An answer that is NaN or infinite, out of a document's or a row's extreme numbers, is what JPMML answers:
/// NaN and the infinities where it publishes them (sums, distances, kernels, softmax), an error where it has
/// one (shares of votes whose weights sum to 0). The models that JPMML lacks (`ModelUnit.ownModels`) have no
/// such answers: their rows end in an error. Outputs that transform what a model answers are arithmetic of
/// PMML's functions, and follow JPMML too.
protocol ScoringModel: Sendable {
    /// The model's answer for the row in `frame`, targets (rescaling, casts, defaults) applied.
    func score(_ frame: Frame) throws(EvaluationError) -> Outcome

    /// The form this model was compiled to, for `describeForms`.
    var form: String { get }
}
