extension FunctionBody {
    /// Functions over dates and times.
    static func temporal(_ name: String) -> FunctionBody? {
        switch name {
        case "dateDaysSinceYear":
            return .binary { (a, b) throws(EvaluationError) in
                let days = try days(try present(a, name, 0))
                let year = try integer(b, name, 1)
                return sinceDays(days - CivilDate.days(year: year), year)
            }
        case "dateSecondsSinceYear":
            return .binary { (a, b) throws(EvaluationError) in
                let seconds = try seconds(try present(a, name, 0))
                let year = try integer(b, name, 1)
                return sinceSeconds(seconds - CivilDate.days(year: year) * 86_400, year)
            }
        case "dateSecondsSinceMidnight":
            return .unary { (a) throws(EvaluationError) in .seconds(try secondOfDay(try present(a, name, 0)))
            }
        case "formatDatetime":
            return .binary { (a, b) throws(EvaluationError) in
                let moment = try present(a, name, 0)
                return .text(try DateFormat.text(moment, format: try text(b, name, 1)))
            }
        default: return nil
        }
    }

    private static func sinceDays(_ count: Int, _ year: Int) -> Value {
        .days(count, since: Int16(clamping: year))
    }

    private static func sinceSeconds(_ count: Int, _ year: Int) -> Value {
        .dateSeconds(count, since: Int16(clamping: year))
    }

    /// The day of a date or date-time, since 1970.
    private static func days(_ value: Value) throws(EvaluationError) -> Int {
        switch try temporal(value) {
        case .date(let days): return days
        case .dateTime(let seconds): return CivilDate.split(seconds: seconds).days
        default: throw .type(expected: "date", actual: value.typeName)
        }
    }

    private static func seconds(_ value: Value) throws(EvaluationError) -> Int {
        switch try temporal(value) {
        case .dateTime(let seconds): return seconds
        case .date(let days): return days * 86_400
        default: throw .type(expected: "dateTime", actual: value.typeName)
        }
    }

    private static func secondOfDay(_ value: Value) throws(EvaluationError) -> Int {
        switch value {
        case .time(let seconds): return seconds
        case .dateTime(let seconds): return CivilDate.split(seconds: seconds).secondOfDay
        case .text(let text):
            if let seconds = CivilDate.parseTime(text[...]) { return seconds }
            throw .illegalArgument(text)
        default: throw .type(expected: "time", actual: value.typeName)
        }
    }

    /// Text counts as a date or a date-time.
    private static func temporal(_ value: Value) throws(EvaluationError) -> Value {
        guard case .text(let text) = value else { return value }
        if let days = CivilDate.parseDate(text[...]) { return .date(days) }
        if let seconds = CivilDate.parseDateTime(text[...]) { return .dateTime(seconds) }
        throw .illegalArgument(text)
    }
}

/// Dates through a POSIX `strftime` format (function `formatDatetime`).
enum DateFormat {
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ]
    private static let weekdays = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]

    private struct Moment {
        let days: Int
        let secondOfDay: Int

        var hour: Int { secondOfDay / 3600 }
        /// 0 is Sunday; 1970-01-01 was a Thursday.
        var weekday: Int { ((days + 4) % 7 + 7) % 7 }
    }

    /// `value` through `format`.
    static func text(_ value: Value, format: String) throws(EvaluationError) -> String {
        let moment: Moment
        switch value {
        case .date(let days): moment = Moment(days: days, secondOfDay: 0)
        case .time(let seconds): moment = Moment(days: 0, secondOfDay: seconds)
        case .dateTime(let seconds):
            let (days, secondOfDay) = CivilDate.split(seconds: seconds)
            moment = Moment(days: days, secondOfDay: secondOfDay)
        case .missing, .double, .float, .integer, .boolean, .text, .days, .seconds, .dateSeconds, .list:
            throw .type(expected: "dateTime", actual: value.typeName)
        }
        var result = ""
        var rest = format[...]
        while let character = rest.popFirst() {
            guard character == "%", let conversion = rest.popFirst() else {
                result.append(character)
                continue
            }
            guard let part = dated(conversion, moment) ?? clocked(conversion, moment) else {
                throw EvaluationError(
                    .type, "java.lang.IllegalArgumentException", "Bad date format \"\(format)\"")
            }
            result += part
        }
        return result
    }

    private static func dated(_ conversion: Character, _ moment: Moment) -> String? {
        let (year, month, day) = CivilDate.date(days: moment.days)
        switch conversion {
        case "Y": return CivilDate.padded(year, 4)
        case "y": return CivilDate.padded((year % 100 + 100) % 100, 2)
        case "C": return CivilDate.padded(year / 100, 2)
        case "m": return CivilDate.padded(month, 2)
        case "d": return CivilDate.padded(day, 2)
        case "e": return day < 10 ? " \(day)" : "\(day)"
        case "B": return months[month - 1]
        case "b", "h": return String(months[month - 1].prefix(3))
        case "A": return weekdays[moment.weekday]
        case "a": return String(weekdays[moment.weekday].prefix(3))
        case "j": return CivilDate.padded(moment.days - CivilDate.days(year: year) + 1, 3)
        case "u": return String(moment.weekday == 0 ? 7 : moment.weekday)
        case "w": return String(moment.weekday)
        case "D": return ["m", "d", "y"].compactMap { dated($0, moment) }.joined(separator: "/")
        case "F": return CivilDate.text(days: moment.days)
        default: return nil
        }
    }

    private static func clocked(_ conversion: Character, _ moment: Moment) -> String? {
        switch conversion {
        case "H": return CivilDate.padded(moment.hour, 2)
        case "I": return CivilDate.padded(moment.hour % 12 == 0 ? 12 : moment.hour % 12, 2)
        case "M": return CivilDate.padded(moment.secondOfDay / 60 % 60, 2)
        case "S": return CivilDate.padded(moment.secondOfDay % 60, 2)
        case "p": return moment.hour < 12 ? "AM" : "PM"
        case "T": return ["H", "M", "S"].compactMap { clocked($0, moment) }.joined(separator: ":")
        case "R": return ["H", "M"].compactMap { clocked($0, moment) }.joined(separator: ":")
        case "n": return "\n"
        case "t": return "\t"
        case "%": return "%"
        default: return nil
        }
    }
}
