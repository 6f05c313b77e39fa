/// A model's target: its declared type, and PMML element `Target` (rescaling, casts, bounds, defaults).
struct Target: Sendable {
    /// How results are made whole (attribute `castInteger`).
    enum Cast: String, Sendable {
        case round, ceiling, floor
    }

    /// What a target without a name is called in results.
    static let standardName = "_target"

    /// Declared name, or nil.
    let name: String?
    var dataType: DataType?
    /// The type of categories, where it is not the target's.
    var keyType: DataType?
    var opType: OpType?
    var rescaleFactor = 1.0
    var rescaleConstant = 0.0
    var cast: Cast?
    var minimum: Double?
    var maximum: Double?
    /// `TargetValue@defaultValue` of the value-less target value.
    var defaultValue: String?
    /// Categories with their prior probabilities.
    var priors: [(value: String, probability: Double?)] = []
    /// Display values by category.
    var displays: [String: String] = [:]
    /// Display values and categories of the data field.
    var field: DataField?
    let math: MathContext

    /// A regression result: bounds, rescaling, cast, then the declared type.
    func regression(_ result: Double?) throws(EvaluationError) -> Outcome {
        if let result { return .plain(try typed(processed(result))) }
        guard let standard = try defaultNumber() else { return .missing }
        return .plain(try typed(processed(standard)))
    }

    /// The number after bounds, rescaling and cast.
    func processed(_ result: Double) -> Double {
        var number = result
        // NaN stays, and as a bound makes NaN, as with Java's `min` and `max`.
        if let minimum, number < minimum || minimum.isNaN { number = math.rounded(minimum) }
        if let maximum, number > maximum || maximum.isNaN { number = math.rounded(maximum) }
        if rescaleFactor != 1 { number = math.rounded(number * math.rounded(rescaleFactor)) }
        if rescaleConstant != 0 { number = math.rounded(number + math.rounded(rescaleConstant)) }
        switch cast {
        case .round: number = Target.rounded(number)
        case .ceiling: number = number.rounded(.up)
        case .floor: number = number.rounded(.down)
        case nil: break
        }
        return number
    }

    /// Java's `Math.round`, which answers a long: NaN is 0, and what is past the longs is the last of them.
    private static func rounded(_ number: Double) -> Double {
        number.isNaN ? 0 : min(max((number + 0.5).rounded(.down), -0x1p63), 0x1p63)
    }

    private func defaultNumber() throws(EvaluationError) -> Double? {
        guard let defaultValue else { return nil }
        guard let number = JavaNumber.double(defaultValue) else { throw .notANumber(defaultValue) }
        return number
    }

    /// A number in the target's declared type.
    func typed(_ number: Double) throws(EvaluationError) -> FieldValue {
        let value: Value
        switch cast {
        case nil: value = math.value(number)
        case .round where dataType == .string, .ceiling where dataType == .string,
            .floor where dataType == .string:
            value = math.value(number)
        case .round, .ceiling, .floor: value = Int32(exactly: number).map(Value.integer) ?? math.value(number)
        }
        guard let dataType else { return FieldValue(value, opType ?? .continuous) }
        return FieldValue(try value.converted(to: dataType), opType ?? dataType.naturalOpType)
    }

    /// The type in which category texts are read.
    var categoryType: DataType { keyType ?? dataType ?? .string }

    /// The answer where a classification has none: the priors, or nothing.
    func classificationDefault() throws(EvaluationError) -> Outcome {
        guard !priors.isEmpty else { return .missing }
        var scores: [Double] = []
        for prior in priors {
            guard let probability = prior.probability else {
                throw .missingAttribute("TargetValue", "priorProbability")
            }
            scores.append(probability)
        }
        let categories = try Categories(texts: priors.map(\.value), type: categoryType)
        return .full(classified(Distribution(categories: categories, scores: scores)))
    }

    /// The category with the greatest probability.
    func classified(_ distribution: Distribution) -> Prediction {
        Prediction(
            value: answer(distribution.best.map { distribution.categories.values[$0] } ?? .missing),
            probability: distribution)
    }

    /// A category as an answer, in the target's type where it fits.
    func answer(_ category: Value) -> FieldValue {
        guard let dataType, category.dataType != dataType, let typed = try? category.converted(to: dataType)
        else { return FieldValue(category, opType ?? .categorical) }
        return FieldValue(typed, opType ?? .categorical)
    }
}

extension EvaluationError {
    /// A required attribute that the document lacks, met while evaluating.
    static func missingAttribute(_ element: String, _ attribute: String) -> EvaluationError {
        EvaluationError(
            .modelFault, "org.jpmml.model.MissingAttributeException",
            "Required attribute \(element)@\(attribute) is not defined")
    }

    /// A required element that the document lacks, met while evaluating.
    static func missingElement(_ element: String, _ child: String) -> EvaluationError {
        EvaluationError(
            .modelFault, "org.jpmml.model.MissingElementException",
            "Required element \(element)/\(child) is not defined")
    }

    /// An attribute value that makes no sense here, met while evaluating.
    static func invalidAttribute(_ element: String, _ attribute: String, _ value: String) -> EvaluationError {
        EvaluationError(
            .modelFault, "org.jpmml.model.InvalidAttributeException",
            "Attribute with value \(element)@\(attribute)=\(value) is not valid")
    }

    /// An attribute value that is not supported, met while evaluating.
    static func unsupportedAttribute(
        _ element: String, _ attribute: String, _ value: String
    ) -> EvaluationError {
        EvaluationError(
            .modelFault, "org.jpmml.model.UnsupportedAttributeException",
            "Attribute with value \(element)@\(attribute)=\(value) is not supported")
    }

    /// An element that makes no sense here, met while evaluating.
    static func invalidElement(_ element: String) -> EvaluationError {
        EvaluationError(
            .modelFault, "org.jpmml.model.InvalidElementException", "Element \(element) is not valid")
    }
}
