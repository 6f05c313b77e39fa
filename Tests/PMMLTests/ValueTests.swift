import Testing

@testable import PMML

@Suite struct `Values` {
    @Test(arguments: [
        ("a\u{323}\u{307}", "a\u{307}\u{323}"), ("\u{e9}", "e\u{301}"), ("\u{212b}", "\u{c5}"),
    ])
    func `Texts that only look alike are different, as in Java`(a: String, b: String) {
        #expect(a == b)
        #expect(!sameText(a, b))
        #expect(sameText(a, String(a)))
        #expect(Value.order(a, b) == -Value.order(b, a))
    }

    @Test(arguments: [Int.min, Int.min + 1, -86_401, -86_400, -1, 0, 1, 86_399, 86_400, Int.max])
    func `Any count of seconds is some whole days and a time of day`(seconds: Int) {
        let (days, rest) = CivilDate.split(seconds: seconds)
        #expect((0..<86_400).contains(rest))
        #expect(days.multipliedReportingOverflow(by: 86_400).partialValue &+ rest == seconds)
    }

    @Test(arguments: [Int.min, -719_469, -719_468, -1, 0, 59, 60, 11_016, 2_932_896, Int.max])
    func `Any count of days is a date`(days: Int) {
        let (year, month, day) = CivilDate.date(days: days)
        #expect((1...12).contains(month) && (1...31).contains(day))
        guard abs(year) < 1_000_000 else { return }
        #expect(CivilDate.days(year: year, month: month, day: day) == days)
    }
}
