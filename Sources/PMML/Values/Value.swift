/// One typed value.
///
/// Integers stay within 32 bits, as JPMML's do; dates are days since 1970-01-01, times seconds of the day,
/// date-times seconds since 1970-01-01T00:00:00.
enum Value: Sendable {
    case missing
    case double(Double)
    case float(Float)
    case integer(Int32)
    case boolean(Bool)
    case text(String)
    case date(Int)
    case time(Int)
    case dateTime(Int)
    case days(Int, since: Int16)
    case seconds(Int)
    case dateSeconds(Int, since: Int16)
    case list([Value])

    /// Whether there is no value.
    var isMissing: Bool {
        if case .missing = self { return true }
        return false
    }

    /// The data type of a present scalar; nil for missing values and lists.
    var dataType: DataType? {
        switch self {
        case .missing, .list: nil
        case .double: .double
        case .float: .float
        case .integer: .integer
        case .boolean: .boolean
        case .text: .string
        case .date: .date
        case .time: .time
        case .dateTime: .dateTime
        case .days(_, let year): .dateDaysSince(Int(year))
        case .seconds: .timeSeconds
        case .dateSeconds(_, let year): .dateTimeSecondsSince(Int(year))
        }
    }

    /// The number in a numeric value, widened; nil for others.
    var number: Double? {
        switch self {
        case .double(let value): value
        case .float(let value): Double(value)
        case .integer(let value): Double(value)
        case .missing, .boolean, .text, .date, .time, .dateTime, .days, .seconds, .dateSeconds, .list: nil
        }
    }
}
