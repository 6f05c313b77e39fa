/// A constant from the document that is compared with fields: its text, and its meaning as each common type.
///
/// JPMML parses such a constant by the type of the value that it meets; here that is done once at load.
struct Operand: Sendable {
    private let source: Source
    let double: Double?
    let float: Float?
    let integer: Int32?

    private enum Source {
        case text(String)
        case number(NumberSpelling)
    }

    init(_ text: String) {
        source = .text(text)
        if case .double(let value)? = try? Value.parse(text, as: .double) {
            double = value
        } else {
            double = nil
        }
        if case .float(let value)? = try? Value.parse(text, as: .float) { float = value } else { float = nil }
        integer = Value.wholeNumber(text)
    }

    /// A constant that is a finite number and nothing more; its text is made when it is asked for.
    init(number: Double, _ spelling: NumberSpelling) {
        source = .number(spelling)
        double = number
        float = Float(number)
        integer = Int32(exactly: number)
    }

    /// As it stands in the document.
    var text: String {
        switch source {
        case .text(let text): text
        case .number(let spelling): double.map(spelling.text) ?? ""
        }
    }

    /// Whether the constant means this number in every numeric type.
    func isMerely(_ number: Double) -> Bool {
        double == number && float == Float(number) && integer == Int32(exactly: number)
    }

    /// The constant as a double, where it is one.
    var number: Double? { double }

    /// Whether a present value equals this constant.
    ///
    /// - Throws: Where the constant cannot be read as the value's type.
    func equals(_ field: FieldValue) throws(EvaluationError) -> Bool {
        switch field.value {
        case .double(let value):
            guard let double else { throw .notANumber(text) }
            return value == double || (value.isNaN && double.isNaN)
        case .float(let value):
            guard let float else { throw .notANumber(text) }
            return value == float || (value.isNaN && float.isNaN)
        case .integer(let value):
            guard let integer else { throw .notANumber(text) }
            return value == integer
        case .text(let value):
            return sameText(value, text)
        case .missing, .list, .boolean, .date, .time, .dateTime, .days, .seconds, .dateSeconds:
            return try field.equals(.text(text))
        }
    }

    /// Compares a present value with this constant: negative, zero or positive.
    func compare(_ field: FieldValue, orders: [[Value]]) throws(EvaluationError) -> Int {
        if field.opType == .continuous {
            switch field.value {
            case .double(let value):
                guard let double else { throw .notANumber(text) }
                return Value.order(value, double)
            case .float(let value):
                guard let float else { throw .notANumber(text) }
                return Value.order(Double(value), Double(float))
            case .integer(let value):
                guard let double else { throw .notANumber(text) }
                return Value.order(Double(value), double)
            case .missing, .list, .text, .boolean, .date, .time, .dateTime, .days, .seconds, .dateSeconds:
                break
            }
        }
        return try field.compare(.text(text), orders: orders)
    }
}

/// How a number was spelled in the document, so that its text can be had again.
enum NumberSpelling: UInt8, CaseIterable {
    /// `0.5`, `1e-05`
    case shortest
    /// `0.5`, `1.0E-5`
    case java
    /// `5`
    case whole

    /// The spelling of `text`, which is read as `number`; nil for any other.
    init?(of text: String, _ number: Double) {
        guard let spelling = Self.allCases.first(where: { $0.text(number) == text }) else { return nil }
        self = spelling
    }

    /// The number as text.
    func text(_ number: Double) -> String {
        switch self {
        case .shortest: number.description
        case .java: JavaNumber.text(number)
        case .whole: Int(exactly: number).map(String.init) ?? number.description
        }
    }
}
