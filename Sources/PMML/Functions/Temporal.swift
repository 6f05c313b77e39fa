extension FunctionBody {
    /// Functions over dates and times.
    static func temporal(_ name: String) -> FunctionBody? {
        switch name {
        case "dateDaysSinceYear":
            return .binary { (a, b) throws(EvaluationError) in
                try present([a, b], name)
                guard case .date(let days) = try a.value.converted(to: .date) else {
                    throw .type(expected: "date", actual: a.value.typeName)
                }
                return try count(days - (try epoch(b, name)))
            }
        case "dateSecondsSinceYear":
            return .binary { (a, b) throws(EvaluationError) in
                try present([a, b], name)
                guard case .dateTime(let seconds) = try a.value.converted(to: .dateTime) else {
                    throw .type(expected: "dateTime", actual: a.value.typeName)
                }
                return try count(seconds - (try epoch(b, name)) * 86_400)
            }
        case "dateSecondsSinceMidnight":
            return .unary { (a) throws(EvaluationError) in
                guard case .time(let seconds) = try present(a, name, 0).converted(to: .time) else {
                    throw .type(expected: "time", actual: a.value.typeName)
                }
                return .integer(Int32(clamping: seconds))
            }
        case "formatDatetime":
            return .binary { (a, b) throws(EvaluationError) in
                try present([a, b], name)
                var moment = a.value
                if case .text = moment { moment = try moment.converted(to: .dateTime) }
                return .text(try DateFormat.text(moment, format: try text(b, name, 1)))
            }
        default: return nil
        }
    }

    /// Days since 1970-01-01 of 1 January of the year in the second argument.
    private static func epoch(_ argument: FieldValue, _ name: String) throws(EvaluationError) -> Int {
        let year = try integer(argument, name, 1)
        guard let days = CivilDate.days(year: year) else {
            throw EvaluationError(
                .type, "java.time.DateTimeException",
                "Invalid value for Year (valid values -999999999 - 999999999): \(year)")
        }
        return days
    }

    private static func count(_ count: Int) throws(EvaluationError) -> Value {
        guard let count = Int32(exactly: count) else { throw .type(expected: "integer", actual: "null") }
        return .integer(count)
    }
}

/// Dates through a format of `strftime`, as far as `java.util.Formatter` has its conversions (function
/// `formatDatetime`).
enum DateFormat {
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ]
    private static let weekdays = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]

    /// A moment as far as it is known: dates have no time, times no date.
    private struct Moment {
        let days: Int?
        let secondOfDay: Int?
    }

    /// `value` through `format`.
    static func text(_ value: Value, format: String) throws(EvaluationError) -> String {
        let moment: Moment
        switch value {
        case .date(let days): moment = Moment(days: days, secondOfDay: nil)
        case .time(let seconds): moment = Moment(days: nil, secondOfDay: seconds)
        case .dateTime(let seconds):
            let (days, secondOfDay) = CivilDate.split(seconds: seconds)
            moment = Moment(days: days, secondOfDay: secondOfDay)
        case .missing, .double, .float, .integer, .boolean, .text, .days, .seconds, .dateSeconds, .list:
            throw .type(expected: "dateTime", actual: value.typeName)
        }
        var result = ""
        var rest = format[...]
        while let character = rest.popFirst() {
            guard character == "%" else {
                result.append(character)
                continue
            }
            guard let conversion = rest.popFirst(), let part = text(conversion, moment) else {
                throw .invalidArgument(
                    "formatDatetime", "cannot accept \"pattern\" value of \"\(format)\"")
            }
            result += part
        }
        return result
    }

    private static func text(_ conversion: Character, _ moment: Moment) -> String? {
        if conversion == "%" { return "%" }
        if let days = moment.days, let part = dated(conversion, days) { return part }
        if let seconds = moment.secondOfDay, let part = clocked(conversion, seconds) { return part }
        return nil
    }

    private static func dated(_ conversion: Character, _ days: Int) -> String? {
        let (year, month, day) = CivilDate.date(days: days)
        // 0 is Sunday; 1970-01-01 was a Thursday.
        let weekday = ((days + 4) % 7 + 7) % 7
        switch conversion {
        case "Y": return CivilDate.padded(year, 4)
        case "y": return CivilDate.padded((year % 100 + 100) % 100, 2)
        case "C": return CivilDate.padded(year / 100, 2)
        case "m": return CivilDate.padded(month, 2)
        case "d": return CivilDate.padded(day, 2)
        case "e": return String(day)
        case "B": return months[month - 1]
        case "b", "h": return String(months[month - 1].prefix(3))
        case "A": return weekdays[weekday]
        case "a": return String(weekdays[weekday].prefix(3))
        case "j": return CivilDate.padded(days - (CivilDate.days(year: year) ?? days) + 1, 3)
        case "D": return ["m", "d", "y"].compactMap { dated($0, days) }.joined(separator: "/")
        case "F": return CivilDate.text(days: days)
        default: return nil
        }
    }

    private static func clocked(_ conversion: Character, _ seconds: Int) -> String? {
        let hour = seconds / 3600
        let half = hour % 12 == 0 ? 12 : hour % 12
        switch conversion {
        case "H": return CivilDate.padded(hour, 2)
        case "k": return String(hour)
        case "I": return CivilDate.padded(half, 2)
        case "l": return String(half)
        case "M": return CivilDate.padded(seconds / 60 % 60, 2)
        case "S": return CivilDate.padded(seconds % 60, 2)
        case "L": return "000"
        case "N": return "000000000"
        case "p": return hour < 12 ? "am" : "pm"
        case "T": return ["H", "M", "S"].compactMap { clocked($0, seconds) }.joined(separator: ":")
        case "R": return ["H", "M"].compactMap { clocked($0, seconds) }.joined(separator: ":")
        case "r":
            let clock = ["I", "M", "S"].compactMap { clocked($0, seconds) }.joined(separator: ":")
            return clock + (hour < 12 ? " AM" : " PM")
        default: return nil
        }
    }
}
