/// One model element with its outputs: what a document, or a segment of it, evaluates.
final class ModelUnit: Sendable {
    /// Index in `Frame.outcomes`.
    let number: Int
    let element: String
    let scoring: any ScoringModel
    let outputs: [Output]
    /// The declared targets; one without a name where there are none.
    let targets: [Target]
    let functionName: String
    /// Mining fields in order.
    let mining: [MiningField]

    init(
        number: Int, element: String, scoring: any ScoringModel, outputs: [Output], context: ModelContext
    ) {
        targets = context.targets
        functionName = context.functionName
        mining = context.scope.miningOrder
        self.number = number
        self.element = element
        self.scoring = scoring
        self.outputs = outputs
    }

    /// Scores the row, keeps the outcome in the frame, and publishes the outputs.
    ///
    /// Outputs about a missing target are not published; those that transform other fields always are.
    func evaluate(_ frame: Frame) throws(EvaluationError) -> Outcome {
        let outcome = try scoring.score(frame)
        frame.outcomes[number] = outcome
        for output in outputs { try output.publish(outcome, frame) }
        return outcome
    }

    /// Makes the outputs known to the model around this one.
    ///
    /// - Throws: Where one was not published.
    func declareOutputs(_ frame: Frame) throws(EvaluationError) {
        for output in outputs where !frame.isSet(output.slot) { throw .missingFieldValue(output.name) }
    }
}
