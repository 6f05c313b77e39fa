/// What the nodes of a tree answer, packed where it is a number or a category with its distribution.
struct TreeAnswers: Sendable {
    /// Which answer: the kind in the two highest bits, below them a place in that kind's table.
    struct Code: Sendable {
        fileprivate let bits: UInt32

        fileprivate enum Kind: UInt32 {
            case missing, number, distribution, general
        }

        fileprivate init(_ kind: Kind, _ place: Int) {
            bits = kind.rawValue << 30 | UInt32(truncatingIfNeeded: place) & 0x3FFF_FFFF
        }

        fileprivate var kind: Kind { Kind(rawValue: bits >> 30) ?? .missing }
        fileprivate var place: Int { Int(bits & 0x3FFF_FFFF) }
    }

    /// What all numbers of a tree have in common.
    private struct NumberKind: Sendable, Equatable {
        let dataType: DataType
        let opType: OpType
        let order: UInt16
    }

    /// A category with its distribution.
    private struct Choice: Sendable {
        let id: EntityIds.Code
        let value: UInt16
        /// Where its confidences stand, from 1; 0 where all are 0.
        let confidencesAt: UInt32
    }

    /// What all distributions of a tree have in common.
    private struct DistributionKind: Sendable {
        let categories: Categories
        let isFloat: Bool
    }

    private var ids = EntityIds()
    private var numberKind: NumberKind?
    private var numbers: [(number: Double, id: EntityIds.Code)] = []
    private var distributionKind: DistributionKind?
    private var values: [FieldValue] = []
    private var choices: [Choice] = []
    /// As many for each choice as there are categories.
    private var probabilities: [Double] = []
    private var confidences: [Double] = []
    private var general: [Result<Outcome, EvaluationError>] = []

    /// Adds an answer; its code.
    mutating func add(_ answer: Result<Outcome, EvaluationError>) -> Code {
        if case .success(.missing) = answer { return Code(.missing, 0) }
        if case .success(.full(let prediction)) = answer, let entity = prediction.entity,
            prediction.affinity == nil, prediction.reasonCodes == nil, prediction.rules == nil,
            prediction.display == nil, prediction.value.isValid,
            let code = addNumber(prediction, entity.id) ?? addChoice(prediction, entity.id)
        {
            return code
        }
        general.append(answer)
        return Code(.general, general.count - 1)
    }

    private mutating func addNumber(_ prediction: Prediction, _ id: String?) -> Code? {
        let value = prediction.value
        guard prediction.probability == nil, prediction.confidence == nil, let number = value.value.number,
            let dataType = value.value.dataType
        else { return nil }
        let kind = NumberKind(dataType: dataType, opType: value.opType, order: value.order)
        guard numberKind ?? kind == kind else { return nil }
        numberKind = kind
        numbers.append((number, ids.add(id)))
        return Code(.number, numbers.count - 1)
    }

    private mutating func addChoice(_ prediction: Prediction, _ id: String?) -> Code? {
        guard let probability = prediction.probability, let confidence = prediction.confidence,
            probability.categories === confidence.categories, probability.isFloat == confidence.isFloat,
            distributionKind?.categories ?? probability.categories === probability.categories,
            distributionKind?.isFloat ?? probability.isFloat == probability.isFloat,
            probability.scores.count == probability.categories.count,
            confidence.scores.count == probability.categories.count,
            let value = place(of: prediction.value)
        else { return nil }
        distributionKind = DistributionKind(
            categories: probability.categories, isFloat: probability.isFloat)
        var confidencesAt = 0
        if confidence.scores.contains(where: { $0 != 0 }) {
            confidencesAt = confidences.count + 1
            confidences += confidence.scores
        }
        guard let at = UInt32(exactly: confidencesAt) else { return nil }
        probabilities += probability.scores
        choices.append(Choice(id: ids.add(id), value: value, confidencesAt: at))
        return Code(.distribution, choices.count - 1)
    }

    /// Where a predicted value stands among the tree's, which are few.
    private mutating func place(of value: FieldValue) -> UInt16? {
        let known = values.firstIndex { other in
            other.opType == value.opType && other.order == value.order && other.value.isSame(as: value.value)
        }
        if let known { return UInt16(known) }
        guard values.count < 1000 else { return nil }
        values.append(value)
        return UInt16(values.count - 1)
    }

    /// The answer of a code.
    subscript(code: Code) -> Result<Outcome, EvaluationError> {
        switch code.kind {
        case .missing: .success(.missing)
        case .number: .success(.full(number(code.place)))
        case .distribution: .success(.full(choice(code.place)))
        case .general: general[code.place]
        }
    }

    private func number(_ place: Int) -> Prediction {
        let (number, id) = numbers[place]
        let value: Value
        switch numberKind?.dataType {
        case .integer: value = Int32(exactly: number).map(Value.integer) ?? .double(number)
        case .float: value = .float(Float(number))
        default: value = .double(number)
        }
        return Prediction(
            value: FieldValue(
                value, numberKind?.opType ?? .continuous, order: numberKind?.order ?? 0),
            entity: Prediction.Entity(id: ids[id]))
    }

    private func choice(_ place: Int) -> Prediction {
        let choice = choices[place]
        let value = values[Int(choice.value)]
        guard let kind = distributionKind else { return Prediction(value: value) }
        let count = kind.categories.count
        let first = place * count
        let confidencesAt = Int(choice.confidencesAt) - 1
        let confidence =
            confidencesAt < 0
            ? [Double](repeating: 0, count: count)
            : Array(confidences[confidencesAt..<confidencesAt + count])
        return Prediction(
            value: value,
            probability: Distribution(
                categories: kind.categories, scores: Array(probabilities[first..<first + count]),
                isFloat: kind.isFloat),
            confidence: Distribution(
                categories: kind.categories, scores: confidence, isFloat: kind.isFloat),
            entity: Prediction.Entity(id: ids[choice.id]))
    }

    /// The same in no more memory than it needs.
    func compacted() -> TreeAnswers {
        var copy = self
        copy.numbers = numbers.map { $0 }
        copy.choices = choices.map { $0 }
        copy.probabilities = probabilities.map { $0 }
        copy.confidences = confidences.map { $0 }
        copy.general = general.map { $0 }
        copy.ids = ids.compacted()
        return copy
    }
}

/// Ids of nodes: mostly numbers in text, which need no text of their own.
struct EntityIds: Sendable {
    /// A number below 2^31, or a place among the texts, or none.
    struct Code: Sendable {
        fileprivate let bits: UInt32
        fileprivate static let none = UInt32.max
        fileprivate static let isText: UInt32 = 1 << 31
    }

    private var texts: [String] = []

    /// Adds an id; its code.
    mutating func add(_ id: String?) -> Code {
        guard let id else { return Code(bits: Code.none) }
        if let number = UInt32(id), number < Code.isText, String(number) == id { return Code(bits: number) }
        texts.append(id)
        return Code(bits: Code.isText | UInt32(truncatingIfNeeded: texts.count - 1))
    }

    /// The id of a code.
    subscript(code: Code) -> String? {
        if code.bits == Code.none { return nil }
        return code.bits & Code.isText == 0
            ? String(code.bits) : texts[Int(code.bits & ~Code.isText)]
    }

    /// The same in no more memory than it needs.
    func compacted() -> EntityIds {
        var copy = EntityIds()
        copy.texts = texts.map { $0 }
        return copy
    }
}
