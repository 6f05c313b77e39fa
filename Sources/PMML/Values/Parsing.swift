extension EvaluationError {
    /// Text that a numeric type cannot take.
    static func notANumber(_ text: String) -> EvaluationError {
        EvaluationError(.invalidValue, "java.lang.NumberFormatException", "For input string: \"\(text)\"")
    }

    /// Text that a boolean or a date cannot take.
    static func illegalArgument(_ text: String) -> EvaluationError {
        EvaluationError(.type, "java.lang.IllegalArgumentException", text)
    }

    /// A value of one type where another was needed.
    static func type(expected: String, actual: String) -> EvaluationError {
        EvaluationError(
            .type, "org.jpmml.evaluator.TypeCheckException", "Expected \(expected) value, got \(actual) value"
        )
    }

    /// A result that is none, such as one that is not a number.
    static func undefined(_ message: String) -> EvaluationError {
        EvaluationError(
            .undefinedResult, "org.jpmml.evaluator.UndefinedResultException", message)
    }

    /// A computation that has no answer.
    static func evaluation(_ message: String) -> EvaluationError {
        EvaluationError(.undefinedResult, "org.jpmml.evaluator.EvaluationException", message)
    }
}

extension Value {
    /// Parses text by a data type, as JPMML does.
    ///
    /// - Throws: `NumberFormatException` for numbers, `IllegalArgumentException` for booleans and dates.
    static func parse(_ text: String, as type: DataType) throws(EvaluationError) -> Value {
        switch type {
        case .string: return .text(text)
        case .double:
            if let number = JavaNumber.double(text) { return .double(number) }
            if let flag = flag(text) { return .double(flag ? 1 : 0) }
            throw .notANumber(text)
        case .float:
            if let number = JavaNumber.float(text) { return .float(number) }
            if let flag = flag(text) { return .float(flag ? 1 : 0) }
            throw .notANumber(text)
        case .integer: return .integer(try parseInteger(text))
        case .boolean:
            if let flag = flag(text) { return .boolean(flag) }
            if let number = JavaNumber.double(text), number == 0 || number == 1 {
                return .boolean(number == 1)
            }
            throw .illegalArgument(text)
        case .date, .time, .dateTime, .dateDaysSince, .timeSeconds, .dateTimeSecondsSince:
            return try parseTemporal(text, as: type)
        }
    }

    /// `true` or `false` in any case.
    private static func flag(_ text: String) -> Bool? {
        guard text.utf8.count == 4 || text.utf8.count == 5 else { return nil }
        let lower = text.lowercased()
        return lower == "true" ? true : lower == "false" ? false : nil
    }

    private static func parseInteger(_ text: String) throws(EvaluationError) -> Int32 {
        guard let integer = wholeNumber(text) else { throw .notANumber(text) }
        return integer
    }

    /// The integer that a text means, as `parse` reads it, or nil.
    static func wholeNumber(_ text: String) -> Int32? {
        if let integer = JavaNumber.integer(text) { return integer }
        if let number = JavaNumber.double(text) {
            return number == number.rounded() ? Int32(exactly: number) : nil
        }
        return flag(text).map { $0 ? 1 : 0 }
    }

    private static func parseTemporal(_ text: String, as type: DataType) throws(EvaluationError) -> Value {
        let parsed: Value?
        switch type {
        case .date: parsed = CivilDate.parseDate(text[...]).map(Value.date)
        case .time: parsed = CivilDate.parseTime(text[...]).map(Value.time)
        case .dateTime: parsed = CivilDate.parseDateTime(text[...]).map(Value.dateTime)
        case .dateDaysSince(let year):
            parsed = CivilDate.parseDate(text[...]).flatMap { days in
                CivilDate.days(year: year).map { .days(days - $0, since: Int16(year)) }
            }
        case .timeSeconds: parsed = CivilDate.parseTime(text[...]).map(Value.seconds)
        case .dateTimeSecondsSince(let year):
            parsed = CivilDate.parseDateTime(text[...]).flatMap { seconds in
                CivilDate.days(year: year).map { .dateSeconds(seconds - $0 * 86_400, since: Int16(year)) }
            }
        case .string, .integer, .float, .double, .boolean: parsed = nil
        }
        guard let parsed else { throw .illegalArgument(text) }
        return parsed
    }
}
