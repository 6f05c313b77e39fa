import Kernels
import Tensors
import Testing

private func strings(_ values: String...) throws -> Tensor {
    try Tensor(shape: [values.count], strings: values)
}

private func matches(_ pattern: String, _ text: String) throws -> Bool {
    try evaluate("RegexFullMatch", [strings(text)], ["pattern": .text(pattern)])[0]
        .converted(to: Int64.self) == [1]
}

@Test(arguments: [
    ("a*b", "aaab", true), ("a*b", "aaabc", false), ("", "", true), ("", "a", false),
    ("(cat|dog)s?", "dogs", true), ("(cat|dog)s?", "cats!", false), ("[a-c]{2,3}", "abca", false),
    ("[a-c]{2,3}", "abc", true), ("[^a-c]+", "xyz", true), ("[^a-c]+", "xaz", false),
    ("\\d{4}", "2024", true),
    ("\\D+", "12", false), (".", "\n", false), ("(?s).", "\n", true), ("(?i)Strasse", "sTRASSE", true),
    ("\\bfoo\\b.*", "foo bar", true), ("^a$", "a", true), ("a{0}", "", true), ("x|", "", true),
    ("[[:alpha:]]+", "Abc", true), ("[\\w.-]+", "a.b-c_1", true), ("\\x41\\x{e9}", "Aé", true),
    ("(a|ab)(c|bcd)", "abcd", true), ("(?:ab)+?", "abab", true), ("[]a]+", "]a", true), ("ü+", "üü", true),
    ("a{,3}", "a{,3}", true), ("a{2", "a{2", true), ("a{2,x}", "a{2,x}", true), ("{", "{", true),
    ("x{}", "x{}", true), ("(?i)straße", "STRAẞE", true), ("(?i)ΣΊΣΥΦΟΣ", "σίσυφος", true),
    ("(?i)[а-я]+", "ПРИВЕТ", true), ("(?i)k", "\u{212A}", true), ("(?i)i", "ı", false),
    ("(?i)[^é]", "É", false), ("ß", "ẞ", false), ("[\\D\\S]+", "a1", true),
    ("[b-da-bx]+", "abcdx", true),
])
func `A pattern matches the whole of a string or it does not`(pattern: String, text: String, expected: Bool)
    throws
{
    #expect(try matches(pattern, text) == expected)
}

@Test(arguments: [
    "(", ")", "a**?*+(", "a**", "a+?+", "a{2}{3}", "{2}", "a|{3,4}", "a{100000}", "[a", "[z-a]", "a{2,1}",
    "a{1001}", "\\", "(?=a)", "\\1", "*", "[[:none:]]",
    "\\x{zz}",
    String(repeating: "(", count: 100_000), "((((a{1000}){1000}){1000}){1000})", "(?P<n",
])
func `A pattern that is wrong, too long or beyond automata is refused`(pattern: String) {
    #expect(throws: KernelError.self) { try matches(pattern, "a") }
}

@Test func `A pattern that would run for ever by backtracking is done at once`() throws {
    #expect(try !matches("(a*)*b", String(repeating: "a", count: 2000)))
    #expect(try !matches("(a|aa)+$b", String(repeating: "a", count: 2000)))
}

@Test func `Strings are joined pair by pair, broadcast`() throws {
    let y = try evaluate("StringConcat", [strings("a", "b"), strings("!")])[0]
    #expect(y.strings == ["a!", "b!"])
    #expect(throws: KernelError.self) { try evaluate("StringConcat", [strings("a", "b"), floats([1], [1])]) }
}

@Test(
    arguments: [
        ("", nil, ["a", "b", "c"]), ("", 1, ["a", "b  c "]), (" ", nil, ["", "a", "b", "", "c", ""]),
        ("  ", nil, [" a b", "c "]), ("zz", nil, [" a b  c "]), ("", 0, ["a b  c "]),
    ] as [(String, Int64?, [String])])
func `A string is split at white space or at a delimiter`(delimiter: String, most: Int64?, expected: [String])
    throws
{
    var attributes: [String: AttributeValue] = ["delimiter": .text(delimiter)]
    attributes["maxsplit"] = most.map { .integer($0) }
    let results = try evaluate("StringSplit", [strings(" a b  c ")], attributes)
    #expect(results[0].strings == expected)
    #expect(results[1].converted(to: Int64.self) == [Int64(expected.count)])
}

@Test func `Short rows of split strings are filled up with empty ones`() throws {
    let results = try evaluate("StringSplit", [strings("a b", "", "c")])
    #expect(results[0].shape == [3, 2])
    #expect(results[0].strings == ["a", "b", "", "", "c", ""])
    #expect(results[1].converted(to: Int64.self) == [2, 0, 1])
}

@Test func `Stop words go, and case changes after`() throws {
    let x = try strings("Monday", "TUESDAY", "monday")
    let attributes: [String: AttributeValue] = [
        "stopwords": .texts(["monday"]), "case_change_action": .text("LOWER"),
    ]
    #expect(try evaluate("StringNormalizer", [x], attributes)[0].strings == ["tuesday"])
    let sensitive = attributes.merging(["is_case_sensitive": .integer(1)]) { $1 }
    #expect(try evaluate("StringNormalizer", [x], sensitive)[0].strings == ["monday", "tuesday"])
    #expect(try evaluate("StringNormalizer", [strings("Monday")], attributes)[0].strings == [""])
}

private func terms(_ mode: String, _ attributes: [String: AttributeValue] = [:]) throws -> [Float] {
    // Pool: 1, 2, and the pairs (1, 2), (1, 3).
    let form: [String: AttributeValue] = [
        "mode": .text(mode), "min_gram_length": .integer(1), "max_gram_length": .integer(2),
        "max_skip_count": .integer(0), "ngram_counts": .integers([0, 2]),
        "ngram_indexes": .integers([0, 1, 2, 3]), "pool_int64s": .integers([1, 2, 1, 2, 1, 3]),
    ]
    return try evaluate("TfIdfVectorizer", [integers([1, 2, 3, 1, 2])], form.merging(attributes) { $1 })[0]
        .floats()
}

@Test func `N-grams are counted, found or weighted`() throws {
    #expect(try terms("TF") == [2, 2, 2, 0])
    #expect(try terms("IDF") == [1, 1, 1, 0])
    #expect(try terms("TFIDF", ["weights": .floats([2, 3, 4, 5])]) == [4, 6, 8, 0])
    // One token may be skipped: (1, 3) stands at places 0 and 2; one token alone is not counted again.
    #expect(try terms("TF", ["max_skip_count": .integer(1)]) == [2, 2, 2, 1])
    #expect(try terms("TF", ["min_gram_length": .integer(2)]) == [0, 0, 2, 0])
    #expect(try terms("TF", ["ngram_indexes": .integers([3, 2, 1, 0])]) == [0, 2, 2, 2])
}

@Test(arguments: [
    ["ngram_counts": AttributeValue.integers([0, 3])], ["ngram_counts": .integers([2, 0])],
    ["ngram_counts": .integers([-1, 2])], ["ngram_indexes": .integers([0, 1, 2])],
    ["ngram_indexes": .integers([0, 1, 2, .max])], ["ngram_indexes": .integers([0, 1, 2, -1])],
    ["max_gram_length": .integer(.max)], ["max_skip_count": .integer(-1)], ["weights": .floats([1])],
    ["mode": .text("")],
])
func `A pool whose tables do not agree is refused`(attributes: [String: AttributeValue]) {
    #expect(throws: KernelError.self) { try terms("TF", attributes) }
}

@Test func `A text becomes tokens by an expression, by separators or by characters`() throws {
    func tokens(_ attributes: [String: AttributeValue]) throws -> [String] {
        let form: [String: AttributeValue] = ["pad_value": .text("#"), "mincharnum": .integer(1)]
        let merged = form.merging(attributes) { $1 }
        let text = try strings("ab, c d.", "x")
        return try evaluate("Tokenizer", [text], merged, domain: "com.microsoft")[0]
            .strings
    }
    #expect(try tokens(["tokenexp": .text("[a-z]+")]) == ["ab", "c", "d", "x", "#", "#"])
    #expect(try tokens(["separators": .texts([" ", "[.,]"])]) == ["ab", "c", "d", "x", "#", "#"])
    #expect(try tokens(["tokenexp": .text("[a-z]+"), "mincharnum": .integer(2)]) == ["ab", "#"])
    #expect(
        try tokens(["separators": .texts([""]), "mark": .integer(1)]).prefix(4) == ["\u{2}", "a", "b", ","])
    #expect(throws: KernelError.self) { try tokens([:]) }
}
