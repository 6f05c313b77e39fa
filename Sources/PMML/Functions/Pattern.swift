import Synchronization

/// A regular expression in Java's syntax, as far as Swift's own engine shares it.
final class Pattern: @unchecked Sendable {
    // A Regex holds no mutable state once made; the type is just not marked Sendable.
    private let regex: Regex<AnyRegexOutput>

    private static let known = Mutex<[String: Pattern]>([:])
    private static let knownMax = 1024

    init(_ source: String) throws(EvaluationError) {
        do {
            // `\w`, `\d`, `\s` and `\b` know ASCII only, as in Java.
            regex = try Regex(Pattern.adapted(source)).matchingSemantics(.unicodeScalar)
                .anchorsMatchLineEndings(false).asciiOnlyCharacterClasses().wordBoundaryKind(.simple)
        } catch {
            throw EvaluationError(
                .type, "java.util.regex.PatternSyntaxException", "Bad regular expression \"\(source)\"")
        }
    }

    /// The pattern without Java's flag `(?u)`: Unicode case folding is the rule of Swift's engine.
    private static func adapted(_ source: String) -> String {
        source.hasPrefix("(?u)") ? String(source.dropFirst(4)) : source
    }

    /// A pattern from text, made once; at most `knownMax` are kept.
    static func cached(_ source: String) throws(EvaluationError) -> Pattern {
        if let pattern = known.withLock({ $0[source] }) { return pattern }
        let pattern = try Pattern(source)
        known.withLock { if $0.count < knownMax { $0[source] = pattern } }
        return pattern
    }

    /// Whether the pattern occurs anywhere in `subject`.
    func isFound(in subject: String) -> Bool {
        subject.firstMatch(of: regex) != nil
    }

    /// The ranges of the matches in order.
    func ranges(in subject: String) -> [Range<String.Index>] {
        subject.matches(of: regex).map(\.range)
    }

    /// Replaces every match; `$1` to `$9` and `\` in `template` work as in Java.
    func replaced(in subject: String, with template: String) -> String {
        var result = ""
        var at = subject.startIndex
        for match in subject.matches(of: regex) {
            result += subject[at..<match.range.lowerBound]
            result += expanded(template, match)
            at = match.range.upperBound
        }
        return result + subject[at...]
    }

    private func expanded(_ template: String, _ match: Regex<AnyRegexOutput>.Match) -> String {
        guard template.contains("$") || template.contains("\\") else { return template }
        var result = ""
        var rest = template[...]
        while let character = rest.popFirst() {
            if character == "\\", let next = rest.popFirst() {
                result.append(next)
            } else if character == "$", let digit = rest.first?.wholeNumberValue {
                rest.removeFirst()
                if digit < match.output.count, let group = match.output[digit].substring { result += group }
            } else {
                result.append(character)
            }
        }
        return result
    }

    /// The parts of `subject` between matches; empty parts at the end are dropped, as Java's `split` does.
    func split(_ subject: String) -> [String] {
        var parts: [String] = []
        var at = subject.startIndex
        for range in ranges(in: subject) where !range.isEmpty {
            if range.lowerBound == subject.startIndex, range.upperBound == subject.startIndex { continue }
            parts.append(String(subject[at..<range.lowerBound]))
            at = range.upperBound
        }
        parts.append(String(subject[at...]))
        while let last = parts.last, last.isEmpty, parts.count > 1 { parts.removeLast() }
        return parts
    }
}
