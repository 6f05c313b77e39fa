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
    /// Whether JPMML lacks this kind of model.
    private let isOwn: Bool

    init(
        number: Int, element: String, scoring: any ScoringModel, outputs: [Output], context: ModelContext
    ) {
        targets = context.targets
        functionName = context.functionName
        mining = context.scope.miningOrder
        self.number = number
        self.element = element
        isOwn = ModelUnit.ownModels.contains(element)
        self.scoring = scoring
        self.outputs = outputs
    }

    /// Scores the row, keeps the outcome in the frame, and publishes the outputs.
    ///
    /// Outputs about a missing target are not published; those that transform other fields always are.
    func evaluate(_ frame: Frame) throws(EvaluationError) -> Outcome {
        let outcome = try scoring.score(frame)
        if isOwn, !outcome.isFinite { throw .undefined("The answer is not a finite number") }
        try publish(outcome, frame)
        return outcome
    }

    /// Keeps an outcome in the frame, and publishes the outputs.
    func publish(_ outcome: Outcome, _ frame: Frame) throws(EvaluationError) {
        frame.outcomes[number] = outcome
        for output in outputs {
            if output.isAboutTarget { try checkTarget(of: output, outcome, frame) }
            try output.publish(outcome, frame)
        }
    }

    /// An output is about a target that the model, or the segment that answers for it, has answered.
    private func checkTarget(
        of output: Output, _ outcome: Outcome, _ frame: Frame
    ) throws(EvaluationError) {
        if outcome.isEmpty {
            throw .missingFieldValue(output.target ?? Target.standardName)
        }
        let names = answered(frame)
        if let target = output.target {
            guard names.contains(target) else { throw .missingFieldValue(target) }
        } else if names.count > 1 {
            throw .evaluation("Expected 1 target field, got \(names.count) target fields")
        }
    }

    /// The names of the targets that results have.
    private func answered(_ frame: Frame) -> [String?] {
        guard let ensemble = scoring as? Ensemble, let chosen = frame.chosen[number] else {
            return targets.map(\.name)
        }
        if ensemble.method == .selectAll, let first = chosen.first {
            return ensemble.segments[first].unit.answered(frame)
        }
        return chosen.flatMap { ensemble.segments[$0].unit.answered(frame) }
    }

    /// Makes the outputs known to the model around this one.
    ///
    /// - Throws: Where one was not published.
    func declareOutputs(_ frame: Frame) throws(EvaluationError) {
        for output in outputs where !frame.isSet(output.slot) { throw .missingFieldValue(output.name) }
    }
}
