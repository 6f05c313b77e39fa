/// Equality of texts by their code units, as Java compares them. Swift's `==` is canonical equivalence: it
/// takes an accent before another for the same accents the other way round; but it is quick to tell texts
/// apart.
func sameText(_ a: String, _ b: String) -> Bool {
    a == b && a.utf8.elementsEqual(b.utf8)
}

extension Value {
    /// Equality of two values of one data type; false for different types.
    ///
    /// Numbers compare by value, so that 0.0 equals -0.0; NaN equals NaN.
    func isSame(as other: Value) -> Bool {
        switch (self, other) {
        case (.double(let a), .double(let b)): a == b || (a.isNaN && b.isNaN)
        case (.float(let a), .float(let b)): a == b || (a.isNaN && b.isNaN)
        case (.integer(let a), .integer(let b)): a == b
        case (.boolean(let a), .boolean(let b)): a == b
        case (.text(let a), .text(let b)): sameText(a, b)
        case (.date(let a), .date(let b)), (.time(let a), .time(let b)),
            (.dateTime(let a), .dateTime(let b)), (.seconds(let a), .seconds(let b)):
            a == b
        case (.days(let a, let year), .days(let b, let otherYear)),
            (.dateSeconds(let a, let year), .dateSeconds(let b, let otherYear)):
            a == b && year == otherYear
        case (.list(let a), .list(let b)):
            a.count == b.count && zip(a, b).allSatisfy { $0.isSame(as: $1) }
        default: false
        }
    }

    /// Order of two values of one type: negative, zero or positive; nil where they have none.
    func order(to other: Value) -> Int? {
        switch (self, other) {
        case (.integer(let a), .integer(let b)): return a < b ? -1 : a == b ? 0 : 1
        case (.float(let a), .float(let b)): return Value.order(Double(a), Double(b))
        case (.boolean(let a), .boolean(let b)): return a == b ? 0 : b ? -1 : 1
        case (.text(let a), .text(let b)): return Value.order(a, b)
        case (.date(let a), .date(let b)), (.time(let a), .time(let b)),
            (.dateTime(let a), .dateTime(let b)), (.seconds(let a), .seconds(let b)):
            return a < b ? -1 : a == b ? 0 : 1
        case (.days(let a, let year), .days(let b, let otherYear)),
            (.dateSeconds(let a, let year), .dateSeconds(let b, let otherYear)):
            return year != otherYear ? nil : a < b ? -1 : a == b ? 0 : 1
        default:
            guard let a = number, let b = other.number else { return nil }
            return Value.order(a, b)
        }
    }

    /// NaN is greater than every number, as `java.lang.Double.compare` has it; the zeros are equal.
    static func order(_ a: Double, _ b: Double) -> Int {
        if a < b { return -1 }
        if a > b { return 1 }
        if a == b { return 0 }
        return a.isNaN ? (b.isNaN ? 0 : 1) : -1
    }

    /// By UTF-16 code units.
    static func order(_ a: String, _ b: String) -> Int {
        if sameText(a, b) { return 0 }
        return a.utf16.lexicographicallyPrecedes(b.utf16) ? -1 : 1
    }
}

extension EvaluationError {
    static let categoricalComparison = EvaluationError.evaluation(
        "Categorical value cannot be used in comparison operations")
}

extension FieldValue {
    /// Whether this equals `other`, which is first converted to this value's type.
    func equals(_ other: Value) throws(EvaluationError) -> Bool {
        guard let type = value.dataType else { return value.isSame(as: other) }
        return value.isSame(as: try other.converted(to: type))
    }

    /// Compares with `other` by this value's operational type.
    ///
    /// - Throws: Categorical values other than booleans have no order; ordinal values outside their declared
    ///   order neither.
    func compare(_ other: Value, orders: [[Value]]) throws(EvaluationError) -> Int {
        switch opType {
        case .continuous:
            if let a = value.number {
                if case .float = value, case .float = other { break }
                if let b = try comparand(other).number { return Value.order(a, b) }
            }
        case .categorical:
            guard case .boolean(let flag) = value else { throw .categoricalComparison }
            if let b = try other.converted(to: .double).number { return Value.order(flag ? 1 : 0, b) }
        case .ordinal:
            if order > 0, Int(order) <= orders.count {
                return try compare(other, in: orders[Int(order) - 1])
            }
        }
        guard let type = value.dataType, let result = value.order(to: try other.converted(to: type)) else {
            throw .type(expected: value.typeName, actual: other.typeName)
        }
        return result
    }

    /// The other side of a numeric comparison: text becomes a number of this type, or else a double.
    private func comparand(_ other: Value) throws(EvaluationError) -> Value {
        switch (value, other) {
        case (.float, .text): return try other.converted(to: .float)
        case (_, .text), (_, .boolean): return try other.converted(to: .double)
        default: return other
        }
    }

    private func compare(_ other: Value, in order: [Value]) throws(EvaluationError) -> Int {
        guard let type = value.dataType else { return 0 }
        let other = try other.converted(to: type)
        guard let a = order.firstIndex(where: { $0.isSame(as: value) }),
            let b = order.firstIndex(where: { $0.isSame(as: other) })
        else {
            throw .evaluation(
                "Values \"\(value.displayText)\" and \"\(other.displayText)\" cannot be ordered")
        }
        return a < b ? -1 : a == b ? 0 : 1
    }
}
