import Testing

@testable import PMML

/// Patterns, texts, and the texts with each match in angle brackets, as JPMML-Evaluator 1.7.7 answers on
/// Java 17 (function `replace`).
private let matches: [(pattern: String, text: String, expected: String)] = [
    ("a|ab", "aaa", "<a><a><a>"),
    ("ab|a", "aaa", "<a><a><a>"),
    ("(a|ab)(c|bcd)(d*)", "abcd", "<abcd>"),
    ("a*", "_1 2-3", "<>_<>1<> <>2<>-<>3<>"),
    ("a*?", "_1 2-3", "<>_<>1<> <>2<>-<>3<>"),
    ("a+?", "aaa", "<a><a><a>"),
    ("(|a)*", "_1 2-3", "<>_<>1<> <>2<>-<>3<>"),
    ("(|a)+", "_1 2-3", "<>_<>1<> <>2<>-<>3<>"),
    ("(a*)*", "_1 2-3", "<>_<>1<> <>2<>-<>3<>"),
    ("(a*)+", "_1 2-3", "<>_<>1<> <>2<>-<>3<>"),
    ("(a+)+$", "a", "<a>"),
    ("x*", "_1 2-3", "<>_<>1<> <>2<>-<>3<>"),
    ("\\bfox(es)?\\b", "fox foxes foxy", "<fox> <foxes> foxy"),
    ("^[A-Z].*", "Pub & Priv", "<Pub & Priv>"),
    ("(ed)$", "ended ed", "ended <ed>"),
    ("a$", "a\u{a}a", "a\u{a}<a>"),
    ("a\\Z", "a\u{a}a", "a\u{a}<a>"),
    ("a\\z", "a\u{a}a", "a\u{a}<a>"),
    ("^a", "a\u{a}a", "<a>\u{a}a"),
    ("(?m)^a", "a\u{a}a", "<a>\u{a}<a>"),
    ("(?m)a$", "a\u{a}a", "<a>\u{a}<a>"),
    (".", "a\u{301} b\u{301}", "<a><\u{301}>< ><b><\u{301}>"),
    ("(?s).", "ended ed", "<e><n><d><e><d>< ><e><d>"),
    ("a.b", "A.b a.b a.bb", "A.b <a.b> <a.b>b"),
    (
        "(?i)stra\u{df}e", "stra\u{df}e STRASSE Stra\u{df}e STRA\u{df}E",
        "<stra\u{df}e> STRASSE <Stra\u{df}e> <STRA\u{df}E>"
    ),
    ("(?i)\u{c9}", "\u{e9} caf\u{e9} \u{c9}", "\u{e9} caf\u{e9} <\u{c9}>"),
    ("(?iu)\u{c9}", "\u{e9} caf\u{e9} \u{c9}", "<\u{e9}> caf<\u{e9}> <\u{c9}>"),
    ("(?i)k", "kK\u{212a}", "<k><K>\u{212a}"),
    ("(?iu)k", "kK\u{212a}", "<k><K><\u{212a}>"),
    (
        "\\w+", "stra\u{df}e STRASSE Stra\u{df}e STRA\u{df}E",
        "<stra>\u{df}<e> <STRASSE> <Stra>\u{df}<e> <STRA>\u{df}<E>"
    ),
    (
        "\\W+", "stra\u{df}e STRASSE Stra\u{df}e STRA\u{df}E",
        "stra<\u{df}>e< >STRASSE< >Stra<\u{df}>e< >STRA<\u{df}>E"
    ),
    ("\\d+", "_1 2-3", "_<1> <2>-<3>"),
    ("\\D+", "_1 2-3", "<_>1< >2<->3"),
    (
        "\\s+", "stra\u{df}e STRASSE Stra\u{df}e STRA\u{df}E",
        "stra\u{df}e< >STRASSE< >Stra\u{df}e< >STRA\u{df}E"
    ),
    (
        "\\S+", "stra\u{df}e STRASSE Stra\u{df}e STRA\u{df}E",
        "<stra\u{df}e> <STRASSE> <Stra\u{df}e> <STRA\u{df}E>"
    ),
    ("\\b", "x\u{85}y\u{2028}z\u{d}\u{a}w", "<>x<>\u{85}<>y<>\u{2028}<>z<>\u{d}\u{a}<>w<>"),
    ("\\B", "Hello World", "H<>e<>l<>l<>o W<>o<>r<>l<>d"),
    ("\\b\u{e9}", "\u{e9} caf\u{e9} \u{c9}", "<\u{e9}> caf\u{e9} \u{c9}"),
    ("\u{e9}\\b", "\u{e9} caf\u{e9} \u{c9}", "<\u{e9}> caf<\u{e9}> \u{c9}"),
    ("[^a-c]+", "A.b a.b a.bb", "<A.>b< >a<.>b< >a<.>bb"),
    ("[a-c&&[^b]]+", "a\u{a}a", "<a>\u{a}<a>"),
    ("[a[xy]]+", "fox foxes foxy", "fo<x> fo<x>es fo<xy>"),
    ("[]a]+", "a\u{a}a", "<a>\u{a}<a>"),
    ("[a-]+", "a\u{a}a", "<a>\u{a}<a>"),
    (
        "[\\w-]+", "stra\u{df}e STRASSE Stra\u{df}e STRA\u{df}E",
        "<stra>\u{df}<e> <STRASSE> <Stra>\u{df}<e> <STRA>\u{df}<E>"
    ),
    ("[-a]", "aaa", "<a><a><a>"),
    ("(?i)[a-c]+", "A.b a.b a.bb", "<A>.<b> <a>.<b> <a>.<bb>"),
    ("(?i)[^a-c]+", "A.b a.b a.bb", "A<.>b< >a<.>b< >a<.>bb"),
    ("\\p{L}+", "A.b a.b a.bb", "<A>.<b> <a>.<b> <a>.<bb>"),
    ("\\p{Lu}", "kK\u{212a}", "k<K><\u{212a}>"),
    ("\\p{IsAlphabetic}+", "A.b a.b a.bb", "<A>.<b> <a>.<b> <a>.<bb>"),
    ("\\p{Punct}+", "A.b a.b a.bb", "A<.>b a<.>b a<.>bb"),
    ("\\P{L}+", "A.b a.b a.bb", "A<.>b< >a<.>b< >a<.>bb"),
    (
        "\\p{Alpha}+", "stra\u{df}e STRASSE Stra\u{df}e STRA\u{df}E",
        "<stra>\u{df}<e> <STRASSE> <Stra>\u{df}<e> <STRA>\u{df}<E>"
    ),
    ("\\Qa.b\\E+", "A.b a.b a.bb", "A.b <a.b> <a.bb>"),
    (
        "\\x41", "stra\u{df}e STRASSE Stra\u{df}e STRA\u{df}E",
        "stra\u{df}e STR<A>SSE Stra\u{df}e STR<A>\u{df}E"
    ),
    (
        "\\u0041", "stra\u{df}e STRASSE Stra\u{df}e STRA\u{df}E",
        "stra\u{df}e STR<A>SSE Stra\u{df}e STR<A>\u{df}E"
    ),
    ("\\x{1F600}", "\u{1f600}A", "<\u{1f600}>A"),
    ("\\t", "a", "a"),
    ("a{2}", "aaa", "<aa>a"),
    ("a{2,}", "aaa", "<aaa>"),
    ("a{1,2}?", "aaa", "<a><a><a>"),
    ("(a)(b)?", "aaa", "<a><a><a>"),
    ("(?<n>a)(?:b)", "abab", "<ab><ab>"),
    ("(a)|b", "A.b a.b a.bb", "A.<b> <a>.<b> <a>.<b><b>"),
    ("()", "_1 2-3", "<>_<>1<> <>2<>-<>3<>"),
    ("[aeiou]", "fox foxes foxy", "f<o>x f<o>x<e>s f<o>xy"),
    ("}", "a", "a"),
    ("\\R", "x\u{85}y\u{2028}z\u{d}\u{a}w", "x<\u{85}>y<\u{2028}>z<\u{d}\u{a}>w"),
    (
        "\\h+", "stra\u{df}e STRASSE Stra\u{df}e STRA\u{df}E",
        "stra\u{df}e< >STRASSE< >Stra\u{df}e< >STRA\u{df}E"
    ),
    ("\\v", "x\u{85}y\u{2028}z\u{d}\u{a}w", "x<\u{85}>y<\u{2028}>z<\u{d}><\u{a}>w"),
    ("[\\s\\-_;,]+", "_1 2-3", "<_>1< >2<->3"),
    ("is|are|seem(ed|s?)|were", "a", "a"),
    ("\\cA", "a", "a"),
    ("\\012", "a\u{a}a", "a<\u{a}>a"),
    (
        "\\0101", "stra\u{df}e STRASSE Stra\u{df}e STRA\u{df}E",
        "stra\u{df}e STR<A>SSE Stra\u{df}e STR<A>\u{df}E"
    ),
    (
        "[^\\d\\s]+", "stra\u{df}e STRASSE Stra\u{df}e STRA\u{df}E",
        "<stra\u{df}e> <STRASSE> <Stra\u{df}e> <STRA\u{df}E>"
    ),
    ("[[:alpha:]]+", "a\u{a}a", "<a>\u{a}<a>"),
    ("(?i:a)b", "abab", "<ab><ab>"),
    ("(?i)a(?-i)b", "abab", "<ab><ab>"),
    ("((a)|(b))+", "A.b a.b a.bb", "A.<b> <a>.<b> <a>.<bb>"),
    ("(a|b)*?c", "abcd", "<abc>d"),
    ("(?:a|b){2,3}", "ab", "<ab>"),
    ("\\p{Nd}+", "_1 2-3", "_<1> <2>-<3>"),
    ("\\p{Lower}+", "A.b a.b a.bb", "A.<b> <a>.<b> <a>.<bb>"),
    (
        "(?i)\\p{Lower}+", "stra\u{df}e STRASSE Stra\u{df}e STRA\u{df}E",
        "<stra>\u{df}<e> <STRASSE> <Stra>\u{df}<e> <STRA>\u{df}<E>"
    ),
    ("(?u)\\b\\w\\w+\\b", "fox foxes foxy", "<fox> <foxes> <foxy>"),
    ("\\$", "[a]$", "[a]<$>"),
    ("a&b", "a", "a"),
    ("[&a]+", "a\u{a}a", "<a>\u{a}<a>"),
    ("[a&&b]", "a", "a"),
    ("[^]a]", "ended ed", "<e><n><d><e><d>< ><e><d>"),
    ("a|", "_1 2-3", "<>_<>1<> <>2<>-<>3<>"),
    ("|a", "_1 2-3", "<>_<>1<> <>2<>-<>3<>"),
    ("(a|)+b", "A.b a.b a.bb", "A.<b> a.<b> a.<b><b>"),
    ("(?:)", "_1 2-3", "<>_<>1<> <>2<>-<>3<>"),
    ("(a)?b", "A.b a.b a.bb", "A.<b> a.<b> a.<b><b>"),
    ("a{0}b", "A.b a.b a.bb", "A.<b> a.<b> a.<b><b>"),
    ("\\e", "a", "a"),
    ("a$", "ba\u{a}", "b<a>\u{a}"),
    ("a\\z", "ba\u{a}", "ba\u{a}"),
    ("\\b", "na\u{ef}ve_\u{ff11}\u{ff12}", "<>na\u{ef}ve_\u{ff11}\u{ff12}<>"),
    (".", "x\u{85}y\u{2028}z\u{d}\u{a}w", "<x>\u{85}<y>\u{2028}<z>\u{d}\u{a}<w>"),
]

private func replaced(_ pattern: String, _ text: String, _ template: String) throws -> String {
    try Pattern(pattern).replaced(in: text, with: template)
}

private func failure(_ run: () throws -> String) -> EvaluationError.Kind? {
    do {
        _ = try run()
        return nil
    } catch {
        return (error as? EvaluationError)?.kind
    }
}

@Suite struct `Patterns` {
    @Test(arguments: matches)
    func `Matches are those of Java`(pattern: String, text: String, expected: String) throws {
        let actual = try replaced(pattern, text, "<$0>")
        #expect(sameText(actual, expected), "\(actual)")
    }

    @Test(arguments: [
        "a{,2}", "a**", "[", "(", ")", "*a", "\\", "{", "a{", "[a", "[b-a]", "(?z)a", "\\q", "[\\b]",
    ])
    func `What Java refuses is refused`(pattern: String) {
        #expect(failure { try replaced(pattern, "a", "") } == .undefinedResult)
    }

    /// No automaton does these in a bounded time, or they are left out.
    @Test(arguments: [
        "(?<=a)b", "(?>a)", "(?d).", "(?x)a b", "(a)\\1", "\\G.", "\\X", "\\p{InGreek}+", "\\p{IsGreek}+",
        "\\p{javaLowerCase}+", "a(?=b)", "a++",
    ])
    func `What is not supported is a fault of the document`(pattern: String) {
        #expect(failure { try replaced(pattern, "a", "") } == .modelFault)
    }

    @Test(arguments: [
        ("(a)(b)?", "ab a", "[$1|$2]", "[a|b] [a|]"), ("(?<first>a)(b)", "ab", "${first}$2$0", "abab"),
        ("(a)", "a", "$12", "a2"), ("a", "a", "\\$1\\\\", "$1\\"),
        ("(a|ab)(c|bcd)(d*)", "abcd", "$1,$2,$3", "a,bcd,"),
        ("(a*)+", "aa", "[$1]", "[][]"), ("(?:(a)|b)+", "ab", "[$1]", "[a]"),
    ])
    func `Templates name groups`(pattern: String, text: String, template: String, expected: String) throws {
        #expect(try replaced(pattern, text, template) == expected)
    }

    @Test(arguments: ["$1", "$", "$x", "${a}", "${a", "\\"])
    func `A template that names no group is an error`(template: String) {
        #expect(failure { try replaced("a", "a", template) } == .type)
        #expect(failure { try replaced("a", "b", template) } == nil)
    }

    @Test(
        arguments: [
            ("\\s+", "a  b c ", ["a", "b", "c"]), ("", "ab", ["a", "b"]), ("x", "xaxx", ["", "a"]),
            ("x", "", [""]), ("x", "x", [""]),
        ] as [(String, String, [String])])
    func `Texts are split as Java splits them`(pattern: String, text: String, expected: [String]) throws {
        #expect(try Pattern(pattern).split(text) == expected)
    }

    /// A matcher that backtracks takes exponentially, or a power of its length, long for these.
    @Test(arguments: [
        ("(a+)+$", false), ("(a|aa)+$", false), ("(a|a?)+$", true), ("(.*)*x", false), ("(a*)*b", true),
        ("([a-z]+)*[0-9]", false), ("(?i)(x+x+)+y", false),
    ])
    func `No pattern makes a text take long`(pattern: String, isFound: Bool) throws {
        let text = String(repeating: "a", count: 3000) + "b"
        #expect(try Pattern(pattern).isFound(in: text) == isFound)
    }

    @Test(arguments: [
        "(a?){30000}", "a{99999}", "((a{100}){100}){100}", "[[[[", String(repeating: "(", count: 500),
    ])
    func `Large patterns are refused`(pattern: String) {
        #expect(failure { try replaced(pattern, "a", "") } != nil)
    }

    @Test func `A search has a bounded number of steps`() throws {
        let program = try PatternProgram("(a?){300}b")
        let text = Array(repeating: UInt32(97), count: 100)
        var few = PatternRun(program, text, withGroups: false, stepsMax: 10_000)
        #expect(throws: EvaluationError.self) { try few.next() }
        var enough = PatternRun(program, text, withGroups: false)
        #expect(try enough.next() == nil)
    }

    @Test(arguments: [true, false], [true, false])
    func `Normalisation makes no long text of a short one`(isRegex: Bool, isRecursive: Bool) throws {
        let row = TextIndex.Replacement(source: "a", target: "aa", pattern: isRegex ? try Pattern("a") : nil)
        let table = TextIndex.Normalisation(
            replacements: Array(repeating: row, count: isRecursive ? 1 : 8), isRecursive: isRecursive,
            isCaseSensitive: true)
        #expect(failure { try TextIndex.normalise("ab", table, 100) } == .undefinedResult)
        #expect(try TextIndex.normalise("b", table, 1) == "b")
    }
}
