import Synchronization

/// A regular expression in Java's syntax, of which what an automaton can do.
final class Pattern: Sendable {
    private let program: PatternProgram

    private static let known = Mutex<Known>(Known())
    /// Instructions of all patterns that are kept.
    private static let knownMax = 1 << 18

    private struct Known {
        var patterns: [String: Pattern] = [:]
        var instructionCount = 0
    }

    /// - Throws: What Java refuses, and what is not supported.
    init(_ source: String) throws(EvaluationError) {
        do throws(PatternFault) {
            program = try PatternProgram(source)
        } catch {
            let shown = source.count > 200 ? source.prefix(200) + "..." : source[...]
            switch error {
            case .wrong: throw .evaluation("Bad regular expression \"\(shown)\"")
            case .unsupported(let what):
                throw .unsupportedPattern("\(what) in the regular expression \"\(shown)\" is not supported")
            case .tooLarge:
                throw .unsupportedPattern("The regular expression \"\(shown)\" is too large")
            }
        }
    }

    /// A pattern from text, made once as long as there is room; a row may bring its own patterns.
    static func cached(_ source: String) throws(EvaluationError) -> Pattern {
        if let pattern = known.withLock({ $0.patterns[source] }) { return pattern }
        let pattern = try Pattern(source)
        let count = pattern.program.instructions.count + source.utf8.count
        known.withLock { known in
            if known.instructionCount + count > knownMax { known = Known() }
            guard known.patterns.updateValue(pattern, forKey: source) == nil else { return }
            known.instructionCount += count
        }
        return pattern
    }

    /// Whether the pattern occurs anywhere in `subject`.
    ///
    /// - Throws: A search that takes more than `PatternRun.stepsMax` steps, as all that follow.
    func isFound(in subject: String) throws(EvaluationError) -> Bool {
        var run = PatternRun(program, subject.unicodeScalars.map(\.value), withGroups: false)
        return try run.next() != nil
    }

    /// The texts of the matches in order.
    func matches(in subject: String) throws(EvaluationError) -> [String] {
        let text = Array(subject.unicodeScalars)
        var run = PatternRun(program, text.map(\.value), withGroups: false)
        var texts: [String] = []
        while let match = try run.next() { texts.append(Pattern.string(text[match[0]..<match[1]])) }
        return texts
    }

    /// Replaces every match; `$1`, `${name}` and `\` in `template` work as in Java.
    ///
    /// - Throws: Past `charactersMax`, and where the template names no group.
    func replaced(
        in subject: String, with template: String, charactersMax: Int = 1 << 24
    ) throws(EvaluationError) -> String {
        let text = Array(subject.unicodeScalars)
        let template = Array(template.unicodeScalars)
        var run = PatternRun(program, text.map(\.value), withGroups: template.contains("$"))
        var result: [Unicode.Scalar] = []
        var at = 0
        while let match = try run.next() {
            result.append(contentsOf: text[at..<match[0]])
            try expand(template[...], match, text, &result)
            guard result.count <= charactersMax else { throw .replacedTooLong }
            at = match[1]
        }
        result.append(contentsOf: text[at...])
        return Pattern.string(result[...])
    }

    /// The parts of `subject` between matches, as Java's `split`: no empty one at the end, nor before an
    /// empty match at the start.
    func split(_ subject: String) throws(EvaluationError) -> [String] {
        let text = Array(subject.unicodeScalars)
        var run = PatternRun(program, text.map(\.value), withGroups: false)
        var parts: [String] = []
        var at = 0
        while let match = try run.next() {
            guard match[1] > 0 else { continue }
            parts.append(Pattern.string(text[at..<match[0]]))
            at = match[1]
        }
        parts.append(Pattern.string(text[at...]))
        while let last = parts.last, last.isEmpty, parts.count > 1 { parts.removeLast() }
        return parts
    }

    private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        String(String.UnicodeScalarView(scalars))
    }
}

// Templates of replacements.
extension Pattern {
    private func expand(
        _ template: ArraySlice<Unicode.Scalar>, _ match: [Int], _ text: [Unicode.Scalar],
        _ result: inout [Unicode.Scalar]
    ) throws(EvaluationError) {
        var rest = template
        while let character = rest.popFirst() {
            switch character {
            case "\\":
                guard let escaped = rest.popFirst() else {
                    throw .illegalArgument("character to be escaped is missing")
                }
                result.append(escaped)
            case "$":
                let group = try group(&rest)
                if match[2 * group] >= 0 {
                    result.append(contentsOf: text[match[2 * group]..<match[2 * group + 1]])
                }
            default: result.append(character)
            }
        }
    }

    /// The group that a `$` names: as many digits as make a group that there is, or a name in braces.
    private func group(_ rest: inout ArraySlice<Unicode.Scalar>) throws(EvaluationError) -> Int {
        if rest.first == "{" {
            let name = rest.dropFirst().prefix { $0 != "}" }
            guard name.endIndex < rest.endIndex, let group = program.groupNames[Pattern.string(name)] else {
                throw .illegalArgument("No group with name {\(Pattern.string(name))}")
            }
            rest = rest[(name.endIndex + 1)...]
            return group
        }
        func digit() -> Int? {
            rest.first.flatMap { ("0"..."9").contains($0) ? Int($0.value) - 48 : nil }
        }
        guard var group = digit() else { throw .illegalArgument("Illegal group reference") }
        rest.removeFirst()
        guard group <= program.groupCount else {
            throw EvaluationError(.type, "java.lang.IndexOutOfBoundsException", "No group \(group)")
        }
        while let next = digit(), group * 10 + next <= program.groupCount {
            group = group * 10 + next
            rest.removeFirst()
        }
        return group
    }
}

extension EvaluationError {
    /// A replacement that makes a text too long.
    static let replacedTooLong = EvaluationError.evaluation("The replaced text is too long")

    fileprivate static func unsupportedPattern(_ message: String) -> EvaluationError {
        EvaluationError(.modelFault, "org.jpmml.evaluator.NotImplementedException", message)
    }
}
