extension Value {
    /// Parses text, casts anything else, to a data type (JPMML's `parseOrCast`).
    func converted(to type: DataType) throws(EvaluationError) -> Value {
        if case .text(let text) = self, type != .string { return try Value.parse(text, as: type) }
        return try cast(to: type)
    }

    /// Casts between types without loss; nothing is ever truncated.
    ///
    /// - Throws: `TypeCheckException` where the value has no exact counterpart.
    func cast(to type: DataType) throws(EvaluationError) -> Value {
        switch type {
        case .double:
            switch self {
            case .missing, .double: return self
            case .float(let value): return .double(Double(value))
            case .integer(let value): return .double(Double(value))
            case .boolean(let value): return .double(value ? 1 : 0)
            case .days(let count, _), .seconds(let count), .dateSeconds(let count, _):
                return .double(Double(count))
            case .text, .date, .time, .dateTime, .list: break
            }
        case .float:
            switch self {
            case .missing, .float: return self
            case .double(let value): return .float(Float(value))
            case .integer(let value): return .float(Float(value))
            case .boolean(let value): return .float(value ? 1 : 0)
            case .days(let count, _), .seconds(let count), .dateSeconds(let count, _):
                return .float(Float(count))
            case .text, .date, .time, .dateTime, .list: break
            }
        case .integer:
            if let integer = exactInteger() { return integer }
        case .boolean:
            switch self {
            case .missing, .boolean: return self
            case .double(let value) where value == 0 || value == 1: return .boolean(value == 1)
            case .float(let value) where value == 0 || value == 1: return .boolean(value == 1)
            case .integer(let value) where value == 0 || value == 1: return .boolean(value == 1)
            case .double, .float, .integer, .text, .date, .time, .dateTime, .days, .seconds, .dateSeconds,
                .list:
                break
            }
        case .string:
            if let text = castText() { return text }
        case .date, .time, .dateTime, .dateDaysSince, .timeSeconds, .dateTimeSecondsSince:
            if let temporal = castTemporal(to: type) { return temporal }
        }
        throw .type(expected: type.name, actual: typeName)
    }

    /// The name of the type as error messages show it.
    var typeName: String {
        switch self {
        case .missing: "missing"
        case .list: "java.util.Collection"
        case .double, .float, .integer, .boolean, .text, .date, .time, .dateTime, .days, .seconds,
            .dateSeconds:
            dataType?.name ?? ""
        }
    }

    private func exactInteger() -> Value? {
        switch self {
        case .missing, .integer: self
        case .double(let value): Int32(exactly: value).map(Value.integer)
        case .float(let value): Int32(exactly: value).map(Value.integer)
        case .boolean(let value): .integer(value ? 1 : 0)
        case .days(let count, _), .seconds(let count), .dateSeconds(let count, _):
            Int32(exactly: count).map(Value.integer)
        case .text, .date, .time, .dateTime, .list: nil
        }
    }

    private func castText() -> Value? {
        switch self {
        case .missing, .text: self
        case .double(let value): .text(JavaNumber.text(value))
        case .float(let value): .text(JavaNumber.text(value))
        case .integer(let value): .text(String(value))
        case .boolean(let value): .text(value ? "true" : "false")
        case .date, .time, .dateTime, .days, .seconds, .dateSeconds, .list: nil
        }
    }

    private func castTemporal(to type: DataType) -> Value? {
        if isMissing || dataType == type { return self }
        switch (self, type) {
        case (.dateTime(let seconds), .date): return .date(CivilDate.split(seconds: seconds).days)
        case (.dateTime(let seconds), .time): return .time(CivilDate.split(seconds: seconds).secondOfDay)
        default: return nil
        }
    }

    /// The text of a value in messages and string functions.
    var displayText: String {
        switch self {
        case .missing: "null"
        case .double(let value): JavaNumber.text(value)
        case .float(let value): JavaNumber.text(value)
        case .integer(let value): String(value)
        case .boolean(let value): value ? "true" : "false"
        case .text(let value): value
        case .date(let days): CivilDate.text(days: days)
        case .time(let seconds): CivilDate.text(secondOfDay: seconds)
        case .dateTime(let seconds): dateTimeText(seconds)
        case .days(let count, _), .seconds(let count), .dateSeconds(let count, _): String(count)
        case .list(let values): "[" + values.map(\.displayText).joined(separator: ", ") + "]"
        }
    }

    private func dateTimeText(_ seconds: Int) -> String {
        let (days, secondOfDay) = CivilDate.split(seconds: seconds)
        return CivilDate.text(days: days) + "T" + CivilDate.text(secondOfDay: secondOfDay)
    }
}
