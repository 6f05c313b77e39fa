/// PMML element `Scorecard`.
struct Scorecard: ScoringModel {
    /// PMML element `Attribute`.
    struct Attribute: Sendable {
        let predicate: Predicate
        let partialScore: Double?
        /// PMML element `ComplexPartialScore`.
        let expression: (any Expression)?
        let reasonCode: String?
    }

    /// PMML element `Characteristic`.
    struct Characteristic: Sendable {
        let attributes: [Attribute]
        let baseline: Double?
    }

    let characteristics: [Characteristic]
    let initialScore: Double
    let usesReasonCodes: Bool
    /// `pointsAbove`: partial score less baseline; otherwise the reverse.
    let isAbove: Bool
    let target: Target
    let math: MathContext

    var form: String { "scorecard: \(characteristics.count) characteristics" }

    func score(_ frame: Frame) throws(EvaluationError) -> Outcome {
        var score = math.rounded(initialScore)
        var reasons = Reasons()
        for characteristic in characteristics {
            guard let attribute = try matching(characteristic, frame) else {
                throw EvaluationError(
                    .undefinedResult, "org.jpmml.evaluator.UndefinedResultException", "Undefined result")
            }
            guard let partial = try partialScore(attribute, frame) else {
                throw EvaluationError(
                    .undefinedResult, "org.jpmml.evaluator.UndefinedResultException", "Undefined result")
            }
            score = math.rounded(score + partial)
            guard usesReasonCodes else { continue }
            guard let baseline = characteristic.baseline else {
                throw .missingAttribute("Characteristic", "baselineScore")
            }
            guard let code = attribute.reasonCode else { throw .missingAttribute("Attribute", "reasonCode") }
            let difference = math.rounded(isAbove ? partial - baseline : baseline - partial)
            reasons.add(code, difference)
        }
        let outcome = try target.regression(score)
        guard usesReasonCodes else { return outcome }
        return .full(Prediction(value: outcome.value, reasonCodes: reasons.ranked))
    }

    private func matching(
        _ characteristic: Characteristic, _ frame: Frame
    ) throws(EvaluationError) -> Attribute? {
        for attribute in characteristic.attributes where try attribute.predicate.evaluate(frame) == .yes {
            return attribute
        }
        return nil
    }

    private func partialScore(_ attribute: Attribute, _ frame: Frame) throws(EvaluationError) -> Double? {
        guard let expression = attribute.expression else {
            guard let score = attribute.partialScore else {
                throw .missingAttribute("Attribute", "partialScore")
            }
            return math.rounded(score)
        }
        let value = try expression.evaluate(frame)
        if value.isMissing { return nil }
        return try value.value.cast(to: .double).number.map(math.rounded)
    }

    /// Points by reason code.
    private struct Reasons {
        private var codes: [String] = []
        private var points: [Double] = []

        mutating func add(_ code: String, _ difference: Double) {
            if let index = codes.firstIndex(of: code) {
                points[index] += difference
            } else {
                codes.append(code)
                points.append(difference)
            }
        }

        /// The codes with points of 0 or more, most first.
        var ranked: [String] {
            codes.indices.filter { points[$0] >= 0 }
                .sorted { points[$0] == points[$1] ? $0 < $1 : points[$0] > points[$1] }
                .map { codes[$0] }
        }
    }
}

extension Scorecard {
    /// Compiles a `Scorecard` element.
    static func compile(_ model: ModelContext) throws(Fault) -> any ScoringModel {
        let element = model.element
        let algorithm = element["reasonCodeAlgorithm"] ?? "pointsBelow"
        guard ["pointsAbove", "pointsBelow"].contains(algorithm) else {
            throw element.fault("attribute reasonCodeAlgorithm has the unknown value \"\(algorithm)\"")
        }
        let baseline = try element.number("baselineScore")
        var characteristics: [Characteristic] = []
        for child in try element.requiredChild("Characteristics").children("Characteristic") {
            var attributes: [Attribute] = []
            for attribute in child.children("Attribute") {
                attributes.append(try self.attribute(attribute, of: child, model))
            }
            characteristics.append(
                Characteristic(
                    attributes: attributes, baseline: try child.number("baselineScore") ?? baseline))
        }
        return Scorecard(
            characteristics: characteristics, initialScore: try element.number("initialScore") ?? 0,
            usesReasonCodes: try element.flag("useReasonCodes", default: true),
            isAbove: algorithm == "pointsAbove", target: model.target, math: model.math)
    }

    private static func attribute(
        _ element: Element, of characteristic: Element, _ model: ModelContext
    ) throws(Fault) -> Attribute {
        guard let predicate = try model.predicate(in: element) else {
            throw element.fault("a predicate is required")
        }
        var expression: (any Expression)?
        if let complex = element.child("ComplexPartialScore") {
            expression = try model.scope.expression(in: complex)
        }
        return Attribute(
            predicate: predicate, partialScore: try element.number("partialScore"), expression: expression,
            reasonCode: element["reasonCode"] ?? characteristic["reasonCode"])
    }
}
