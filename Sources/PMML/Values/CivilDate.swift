/// Days and seconds of the proleptic Gregorian calendar.
enum CivilDate {
    /// Days since 1970-01-01 of a valid date, or nil.
    static func days(year: Int, month: Int, day: Int) -> Int? {
        guard (-999_999_999...999_999_999).contains(year), (1...12).contains(month), day >= 1,
            day <= length(ofMonth: month, year: year)
        else { return nil }
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func length(ofMonth month: Int, year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// Days since 1970-01-01 of 1 January; nil for a year that Java's calendar does not have.
    static func days(year: Int) -> Int? {
        days(year: year, month: 1, day: 1)
    }

    /// Year, month and day of a count of days since 1970-01-01.
    static func date(days: Int) -> (year: Int, month: Int, day: Int) {
        // Cut into eras first: no sum leaves the integers then, whatever the count.
        let (eras, rest) = divided(days, by: 146_097)
        let shifted = rest + 719_468
        let era = eras + shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// Whole days and the rest in seconds, both for any sign.
    static func split(seconds: Int) -> (days: Int, secondOfDay: Int) {
        let (days, rest) = divided(seconds, by: 86_400)
        return (days, rest)
    }

    /// The quotient rounded down, and the rest, which is not negative.
    private static func divided(_ number: Int, by divisor: Int) -> (quotient: Int, rest: Int) {
        let (quotient, rest) = number.quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
    }

    /// Parses `yyyy-MM-dd`.
    static func parseDate(_ text: Substring) -> Int? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4, parts[1].count == 2, parts[2].count == 2,
            let year = digits(parts[0]), let month = digits(parts[1]), let day = digits(parts[2])
        else { return nil }
        return days(year: year, month: month, day: day)
    }

    /// Parses `HH:mm`, `HH:mm:ss` or `HH:mm:ss.fraction` into seconds of the day.
    static func parseTime(_ text: Substring) -> Int? {
        let whole = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        if whole.count == 2, !whole[1].utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) { return nil }
        let parts = whole[0].split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3, parts.allSatisfy({ $0.count == 2 }),
            let hour = digits(parts[0]), let minute = digits(parts[1]), hour < 24, minute < 60
        else { return nil }
        guard parts.count == 3 else { return hour * 3600 + minute * 60 }
        guard let second = digits(parts[2]), second < 60 else { return nil }
        return hour * 3600 + minute * 60 + second
    }

    /// Parses `yyyy-MM-ddTHH:mm:ss` into seconds since 1970.
    static func parseDateTime(_ text: Substring) -> Int? {
        guard let mark = text.firstIndex(of: "T"), let days = parseDate(text[..<mark]),
            let seconds = parseTime(text[text.index(after: mark)...])
        else { return nil }
        return days * 86_400 + seconds
    }

    private static func digits(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } ? Int(text) : nil
    }

    /// `2021-03-15`.
    static func text(days: Int) -> String {
        let (year, month, day) = date(days: days)
        return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2)
    }

    /// `10:20:30`; seconds are left out where they are zero, as `java.time.LocalTime` does.
    static func text(secondOfDay: Int) -> String {
        let clock = padded(secondOfDay / 3600, 2) + ":" + padded(secondOfDay / 60 % 60, 2)
        return secondOfDay % 60 == 0 ? clock : clock + ":" + padded(secondOfDay % 60, 2)
    }

    /// A number with leading zeros.
    static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number.magnitude)
        return (number < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
