/// The outcome of a predicate: PMML's logic has three values.
enum Truth: Sendable {
    case yes, no, unknown

    init(_ truth: Bool) {
        self = truth ? .yes : .no
    }
}

/// PMML element group `PREDICATE`.
indirect enum Predicate: Sendable {
    case always, never
    case simple(slot: Int, Operator, Operand)
    case isMissing(slot: Int, expected: Bool)
    case set(SetPredicate)
    case and([Predicate])
    case or([Predicate])
    case xor([Predicate])
    case surrogate([Predicate])
    /// The document is at fault: whoever asks gets this error.
    case failing(EvaluationError)

    /// Attribute `SimplePredicate@operator` without the two tests of presence.
    enum Operator: String, Sendable {
        case equal, notEqual, lessThan, lessOrEqual, greaterThan, greaterOrEqual
    }

    /// Whether the predicate holds for the row in `frame`.
    func evaluate(_ frame: Frame) throws(EvaluationError) -> Truth {
        switch self {
        case .always: return .yes
        case .never: return .no
        case .simple(let slot, let comparison, let operand):
            return try Predicate.compare(try frame.value(slot), comparison, operand, frame)
        case .isMissing(let slot, let expected):
            return Truth(try frame.value(slot).isMissing == expected)
        case .set(let set): return try set.evaluate(frame)
        case .and(let parts): return try Predicate.all(parts, frame)
        case .or(let parts): return try Predicate.any(parts, frame)
        case .xor(let parts): return try Predicate.odd(parts, frame)
        case .surrogate(let parts):
            for part in parts {
                let truth = try part.evaluate(frame)
                if truth != .unknown { return truth }
            }
            return .unknown
        case .failing(let error): throw error
        }
    }

    private static func compare(
        _ value: FieldValue, _ comparison: Operator, _ operand: Operand, _ frame: Frame
    ) throws(EvaluationError) -> Truth {
        if value.isMissing { return .unknown }
        switch comparison {
        case .equal: return Truth(try operand.equals(value))
        case .notEqual: return Truth(!(try operand.equals(value)))
        case .lessThan: return Truth(try operand.compare(value, orders: frame.orders) < 0)
        case .lessOrEqual: return Truth(try operand.compare(value, orders: frame.orders) <= 0)
        case .greaterThan: return Truth(try operand.compare(value, orders: frame.orders) > 0)
        case .greaterOrEqual: return Truth(try operand.compare(value, orders: frame.orders) >= 0)
        }
    }

    private static func all(_ parts: [Predicate], _ frame: Frame) throws(EvaluationError) -> Truth {
        var result = Truth.yes
        for part in parts {
            switch try part.evaluate(frame) {
            case .no: return .no
            case .unknown: result = .unknown
            case .yes: break
            }
        }
        return result
    }

    private static func any(_ parts: [Predicate], _ frame: Frame) throws(EvaluationError) -> Truth {
        var result = Truth.no
        for part in parts {
            switch try part.evaluate(frame) {
            case .yes: return .yes
            case .unknown: result = .unknown
            case .no: break
            }
        }
        return result
    }

    private static func odd(_ parts: [Predicate], _ frame: Frame) throws(EvaluationError) -> Truth {
        var isOdd = false
        for part in parts {
            switch try part.evaluate(frame) {
            case .yes: isOdd.toggle()
            case .unknown: return .unknown
            case .no: break
            }
        }
        return Truth(isOdd)
    }
}

/// PMML element `SimpleSetPredicate`.
final class SetPredicate: Sendable {
    let slot: Int
    let isIn: Bool
    let members: [Operand]
    private let texts: Set<String>
    private let numbers: Set<Double>

    init(slot: Int, isIn: Bool, members: [String]) {
        self.slot = slot
        self.isIn = isIn
        self.members = members.map(Operand.init)
        texts = Set(members)
        numbers = Set(self.members.compactMap(\.number))
    }

    func evaluate(_ frame: Frame) throws(EvaluationError) -> Truth {
        let value = try frame.value(slot)
        if value.isMissing { return .unknown }
        return Truth(try contains(value) == isIn)
    }

    /// How many steps it takes to ask about a value of a type: one where a table is asked, else one a member.
    func steps(_ type: DataType) -> Int {
        let isTable =
            type == .string || (numbers.count == members.count && (type == .double || type == .integer))
        return isTable ? 1 : max(1, members.count)
    }

    private func contains(_ value: FieldValue) throws(EvaluationError) -> Bool {
        switch value.value {
        case .text(let text): return texts.contains(text)
        case .double(let number) where numbers.count == members.count: return numbers.contains(number)
        case .integer(let number) where numbers.count == members.count:
            return numbers.contains(Double(number))
        case .missing, .double, .float, .integer, .boolean, .date, .time, .dateTime, .days, .seconds,
            .dateSeconds, .list:
            for member in members where try member.equals(value) { return true }
            return false
        }
    }
}
