/// Which predicate of a tree: none of its own, a comparison with a number, or any other.
struct PredicateCode: Sendable {
    fileprivate let bits: UInt32

    fileprivate static let always = PredicateCode(bits: 0)
    fileprivate static let never = PredicateCode(bits: 1)
    fileprivate static let isGeneral: UInt32 = 1 << 31
}

/// The predicates of a tree's nodes, packed where they compare a field with a number.
struct TreePredicates: Sendable {
    /// A comparison of a field with a finite number.
    fileprivate struct Test: Sendable {
        let slot: UInt32
        let comparison: Predicate.Operator
        let spelling: NumberSpelling
        let number: Double

        /// Nil for a constant that is more than its number.
        init?(slot: Int, _ comparison: Predicate.Operator, _ operand: Operand) {
            guard let number = operand.number, number.isFinite, let slot = UInt32(exactly: slot),
                let spelling = NumberSpelling(of: operand.text, number),
                operand.isMerely(number)
            else { return nil }
            self.slot = slot
            self.comparison = comparison
            self.spelling = spelling
            self.number = number
        }

        var predicate: Predicate {
            .simple(slot: Int(slot), comparison, Operand(number: number, spelling))
        }
    }

    private var tests: [Test] = []
    private var general: [Predicate] = []

    /// Adds a predicate; its code.
    mutating func add(_ predicate: Predicate) -> PredicateCode {
        switch predicate {
        case .always: return .always
        case .never: return .never
        case .simple(let slot, let comparison, let operand):
            guard let test = Test(slot: slot, comparison, operand) else { break }
            tests.append(test)
            return PredicateCode(bits: UInt32(truncatingIfNeeded: tests.count + 1))
        case .isMissing, .set, .and, .or, .xor, .surrogate, .failing: break
        }
        general.append(predicate)
        return PredicateCode(bits: PredicateCode.isGeneral | UInt32(truncatingIfNeeded: general.count - 1))
    }

    /// The same in no more memory than it needs.
    func compacted() -> TreePredicates {
        var copy = TreePredicates()
        copy.tests = tests.map { $0 }
        copy.general = general.map { $0 }
        return copy
    }

    /// The predicate of a code.
    subscript(code: PredicateCode) -> Predicate {
        if let general = general(code) { return general }
        switch code.bits {
        case PredicateCode.always.bits: return .always
        case PredicateCode.never.bits: return .never
        default: return tests[Int(code.bits) - 2].predicate
        }
    }

    /// The predicate of a code, where it is not a comparison with a number.
    func general(_ code: PredicateCode) -> Predicate? {
        guard code.bits & PredicateCode.isGeneral != 0 else { return nil }
        return general[Int(code.bits & ~PredicateCode.isGeneral)]
    }

    /// Whether the predicate of a code holds for the row in `frame`.
    func evaluate(_ code: PredicateCode, _ frame: Frame) throws(EvaluationError) -> Truth {
        if let general = general(code) { return try general.evaluate(frame) }
        switch code.bits {
        case PredicateCode.always.bits: return .yes
        case PredicateCode.never.bits: return .no
        default:
            let test = tests[Int(code.bits) - 2]
            if let quick = test.quick(try frame.value(Int(test.slot))) { return quick }
            return try test.predicate.evaluate(frame)
        }
    }
}

extension TreePredicates.Test {
    /// The outcome for a number or a missing value; nil leaves the value to the general comparison.
    fileprivate func quick(_ field: FieldValue) -> Truth? {
        let isEquality = comparison == .equal || comparison == .notEqual
        switch field.value {
        case .missing: return .unknown
        case .double(let value) where isEquality || field.opType == .continuous: return truth(value, number)
        case .float(let value) where isEquality || field.opType == .continuous:
            return truth(Double(value), Double(Float(number)))
        case .integer(let value) where !isEquality && field.opType == .continuous:
            return truth(Double(value), number)
        case .integer(let value) where isEquality && Int32(exactly: number) != nil:
            return truth(Double(value), number)
        case .double, .float, .integer, .boolean, .text, .date, .time, .dateTime, .days, .seconds,
            .dateSeconds, .list:
            return nil
        }
    }

    private func truth(_ value: Double, _ number: Double) -> Truth {
        switch comparison {
        case .equal: Truth(value == number)
        case .notEqual: Truth(value != number)
        case .lessThan: Truth(Value.order(value, number) < 0)
        case .lessOrEqual: Truth(Value.order(value, number) <= 0)
        case .greaterThan: Truth(Value.order(value, number) > 0)
        case .greaterOrEqual: Truth(Value.order(value, number) >= 0)
        }
    }
}
