import PMML
import Testing

private typealias Case = (name: String, arguments: [String], row: [String: String], given: Given)

@Suite struct `Built-in functions` {
    // As JPMML-Evaluator 1.7.7 answers.
    @Test(
        arguments: [
            // Text, booleans and counts of days are numbers to functions of numbers.
            ("round", ["t"], ["t": "1.5"], .integer(2)), ("round", ["b"], ["b": "true"], .integer(1)),
            ("ln", ["b"], ["b": "true"], .double(0)), ("sqrt", ["t"], ["t": "abc"], .error(.invalidValue)),
            ("sqrt", ["d"], ["d": "2021-03-15"], .error(.type)),
            // The result has the argument's type.
            ("abs", ["t"], ["t": "-3"], .text("3.0")), ("abs", ["b"], ["b": "true"], .boolean(true)),
            ("rint", ["i"], ["i": "7"], .integer(7)), ("rint", ["x"], ["x": "2.5"], .double(2)),
            ("rint", ["t"], ["t": "2.5"], .text("2.0")),
            // Whole numbers past 32 bits are errors; a float clamps when it is rounded.
            ("floor", ["x"], ["x": "1e300"], .error(.undefinedResult)),
            ("round", ["x"], ["x": "1e300"], .error(.undefinedResult)),
            ("round", ["f"], ["f": "1e10"], .integer(2_147_483_647)),
            ("floor", ["x"], ["x": "-1.5"], .integer(-2)), ("ceil", ["x"], ["x": "-1.5"], .integer(-1)),
            // Aggregates leave missing values out; types must have one in common, but one value alone keeps
            // its own.
            ("sum", ["x", "y"], ["x": "2"], .double(2)), ("sum", ["i", "x"], ["i": "2"], .integer(2)),
            ("avg", ["i"], ["i": "3"], .double(3)), ("avg", ["x", "y"], ["x": "1", "y": "2"], .double(1.5)),
            ("max", ["t"], ["t": "1.5"], .text("1.5")), ("min", ["b"], ["b": "false"], .boolean(false)),
            ("min", ["x", "t"], ["x": "1", "t": "2"], .error(.undefinedResult)),
            ("min", ["x", "t"], ["x": "1", "t": "abc"], .error(.invalidValue)),
            ("min", ["d"], ["d": "2021-03-15"], .error(.type)), ("product", [], [:], .missing),
            // Conditions: 0 and 1 are booleans, in text too.
            ("not", ["i"], ["i": "0"], .boolean(true)), ("not", ["i"], ["i": "2"], .error(.type)),
            ("not", ["t"], ["t": "true"], .boolean(false)), ("not", ["t"], ["t": "maybe"], .error(.type)),
            ("and", ["x", "i"], ["x": "1", "i": "1"], .boolean(true)),
            ("if", ["i", "'yes'", "'no'"], ["i": "1"], .text("yes")),
            ("if", ["i", "'yes'"], ["i": "0"], .missing), ("if", ["i", "'yes'"], [:], .error(.missingValue)),
            // A missing value is among missing values only.
            ("isIn", ["x", "y"], [:], .boolean(true)), ("isIn", ["x", "y"], ["y": "1"], .boolean(false)),
            ("isIn", ["x", "y"], ["x": "1"], .boolean(false)), ("isNotIn", ["x", "y"], [:], .boolean(false)),
            ("isIn", ["x", "y"], ["x": "1", "y": "1"], .boolean(true)),
            ("hypot", ["x", "t"], ["x": "3", "t": "4"], .double(5)),
            ("x-atan2", ["x", "y"], ["x": "0", "y": "1"], .double(0)),
            // The extension prefix of functions that have become standard.
            ("x-modulo", ["i", "i"], ["i": "7"], .integer(0)), ("x-avg", ["x"], ["x": "2"], .double(2)),
            ("normalCDF", ["x", "x", "y"], ["x": "1", "y": "0"], .error(.type)),
            ("normalCDF", ["x", "x", "y"], ["x": "1", "y": "2"], .double(0.5)),
            ("stdNormalIDF", ["x"], ["x": "2"], .error(.invalidValue)),
            ("substring", ["t", "i", "i"], ["t": "abcdef", "i": "2"], .text("bc")),
            ("substring", ["t", "i", "i"], ["t": "abcdef", "i": "0"], .error(.type)),
            // Years that Java's calendar lacks, and one that is too far for 32 bits.
            ("dateDaysSinceYear", ["d", "'2000000000'"], ["d": "2020-01-01"], .error(.type)),
            ("dateDaysSinceYear", ["d", "'-2000000000'"], ["d": "2020-01-01"], .error(.type)),
            ("dateDaysSinceYear", ["d", "'999999999'"], ["d": "2020-01-01"], .error(.type)),
            ("dateSecondsSinceYear", ["m", "'1000000000'"], ["m": "2020-01-01T00:00:00"], .error(.type)),
            ("nowhere", ["x"], ["x": "1"], .error(.type)),
            ("ln", ["x", "y"], ["x": "1"], .error(.modelFault)),
        ] as [Case])
    private func `Functions answer as the reference does`(test: Case) throws {
        #expect(try given(document(output: apply(test.name, test.arguments)), test.row) == test.given)
    }

    @Test(arguments: [
        ("%5d", "-42", "  -42"), ("%05d", "-42", "-0042"), ("%+d", "42", "+42"), ("%(d", "-42", "(42)"),
        ("%,d", "-1234567", "-1,234,567"), ("%x", "42", "2a"), ("%#X", "42", "0X2A"), ("%o", "42", "52"),
        ("%-5d|", "42", "42   |"), ("%s %%", "42", "42 %"), ("%1$d/%1$d", "42", "42/42"),
        ("none", "42", "none"),
        ("%.1s", "42", "4"), ("%b", "42", "true"), ("%c", "42", "*"),
    ])
    func `Integers are formatted`(format: String, number: String, text: String) throws {
        let bytes = document(output: apply("formatNumber", ["i", "'\(format)'"]))
        #expect(try given(bytes, ["i": number]) == .text(text))
    }

    @Test(arguments: [
        ("%.2f", "2.345", "2.35"), ("%f", "2.5", "2.500000"), ("%08.2f", "-2.5", "-0002.50"),
        ("%.3e", "-1234.5678", "-1.235e+03"), ("%E", "0", "0.000000E+00"),
        ("%g", "0.00001234", "1.23400e-05"),
        ("%.3g", "-1234.5678", "-1.23e+03"), ("%g", "-1234.5678", "-1234.57"),
        ("%,.1f", "1e10", "10,000,000,000.0"),
        ("%s", "1e10", "1.0E10"),
    ])
    func `Doubles are formatted`(format: String, number: String, text: String) throws {
        let bytes = document(output: apply("formatNumber", ["x", "'\(format)'"]))
        #expect(try given(bytes, ["x": number]) == .text(text))
    }

    @Test(arguments: ["%f", "%2$d", "%d %d", "%q", "%", "%.2d"])
    func `A format that does not take an integer is an error`(format: String) throws {
        let bytes = document(output: apply("formatNumber", ["i", "'\(format)'"]))
        #expect(try given(bytes, ["i": "1"]) == .error(.type))
    }

    @Test(arguments: [
        ("%Y-%m-%d %H:%M:%S", "2021-03-05 01:02:03"), ("%y %b %B %a %A %j", "21 Mar March Fri Friday 064"),
        ("%D %F %T %R", "03/05/21 2021-03-05 01:02:03 01:02"), ("%e %k %l %p %r", "5 1 1 am 01:02:03 AM"),
        ("%C%h%%%L", "20Mar%000"),
    ])
    func `Moments are formatted`(format: String, text: String) throws {
        let bytes = document(output: apply("formatDatetime", ["m", "'\(format)'"]))
        #expect(try given(bytes, ["m": "2021-03-05T01:02:03"]) == .text(text))
    }

    @Test(arguments: ["%c", "%x", "%s", "%Z", "%q", "%", "%U", "%-d"])
    func `Conversions that moments do not have are errors`(format: String) throws {
        let bytes = document(output: apply("formatDatetime", ["m", "'\(format)'"]))
        #expect(try given(bytes, ["m": "2021-03-05T01:02:03"]) == .error(.type))
    }

    @Test func `Dates have no time`() throws {
        #expect(
            try given(document(output: apply("formatDatetime", ["d", "'%H'"])), ["d": "2021-03-05"])
                == .error(.type))
    }

    @Test(
        arguments: [
            ("dateDaysSinceYear", "d", "2021-03-15", "1960", .integer(22_354)),
            ("dateDaysSinceYear", "m", "1959-12-31T23:59:59", "1960", .integer(-1)),
            ("dateDaysSinceYear", "t", "2021-03-15", "1960", .integer(22_354)),
            ("dateDaysSinceYear", "t", "2021-03-15T10:20:30", "1960", .error(.type)),
            ("dateSecondsSinceYear", "m", "2021-03-15T10:20:30", "2021", .integer(6_344_430)),
            // Past 32 bits.
            ("dateSecondsSinceYear", "m", "2021-03-15T10:20:30", "0", .error(.type)),
            ("dateSecondsSinceYear", "d", "2021-03-15", "1960", .error(.type)),
            ("dateSecondsSinceYear", "m", nil, "1960", .error(.missingValue)),
        ] as [(String, String, String?, String, Given)])
    func `Days and seconds since a year are counted`(
        name: String, field: String, moment: String?, year: String, expected: Given
    ) throws {
        var row = ["i": year]
        row[field] = moment
        #expect(try given(document(output: apply(name, [field, "i"])), row) == expected)
    }

    @Test(
        arguments: [
            ("m", "2021-03-15T10:20:30", .integer(37_230)), ("t", "10:20", .integer(37_200)),
            ("t", "noon", .error(.type)), ("d", "2021-03-15", .error(.type)),
        ] as [(String, String, Given)])
    func `Seconds since midnight are counted`(field: String, moment: String, expected: Given) throws {
        #expect(
            try given(document(output: apply("dateSecondsSinceMidnight", [field])), [field: moment])
                == expected)
    }
}
