import Glibc

/// PMML element `TextIndex`: how often a term occurs in a text field.
struct TextIndex: Expression {
    /// Attribute `localTermWeights`.
    enum Weight: String, Sendable {
        case termFrequency, binary, logarithmic
    }

    /// One row of a `TextIndexNormalization` table.
    struct Replacement: Sendable {
        let source: String
        let target: String
        let pattern: Pattern?
    }

    /// PMML element `TextIndexNormalization`.
    struct Normalisation: Sendable {
        let replacements: [Replacement]
        let isRecursive: Bool
        let isCaseSensitive: Bool
    }

    /// How text becomes tokens.
    enum Tokeniser: Sendable {
        /// The pattern matches what separates words.
        case separator(Pattern)
        /// The pattern matches words (`x-wordRE`).
        case word(Pattern)
    }

    let slot: Int
    let term: any Expression
    let weight: Weight
    let isCaseSensitive: Bool
    let distanceMax: Int
    let countsBestHits: Bool
    let tokeniser: Tokeniser
    let normalisations: [Normalisation]
    /// Recursive normalisation stops after this many passes.
    static let passesMax = 64
    /// Normalisation may double a text with every row of its table: longer ones, that are also more than
    /// double of what they were, are errors.
    static let charactersMax = 1 << 20

    func evaluate(_ frame: Frame) throws(EvaluationError) -> FieldValue {
        let subject = try frame.value(slot)
        let term = try term.evaluate(frame)
        if subject.isMissing || term.isMissing { return .missing }
        let tokens = try tokens(subject.value.displayText)
        let hits = hits(of: try words(term.value.displayText), in: tokens)
        switch weight {
        case .termFrequency: return FieldValue(.integer(Int32(clamping: hits)))
        case .binary: return FieldValue(.integer(hits > 0 ? 1 : 0))
        case .logarithmic: return FieldValue(.double(log10(1 + Double(hits))))
        }
    }

    /// The normalised words of a text.
    func tokens(_ text: String) throws(EvaluationError) -> [String] {
        var text = text
        let charactersMax = max(TextIndex.charactersMax, 2 * text.unicodeScalars.count)
        for normalisation in normalisations {
            text = try TextIndex.normalise(text, normalisation, charactersMax)
        }
        return try words(text)
    }

    /// The words of a text; the reference takes terms as they are, without normalising them.
    private func words(_ text: String) throws(EvaluationError) -> [String] {
        let words: [String]
        switch tokeniser {
        case .separator(let pattern): words = try pattern.split(text).map(TextIndex.trimmed)
        case .word(let pattern): words = try pattern.matches(in: text)
        }
        let kept = words.filter { !$0.isEmpty }
        return isCaseSensitive ? kept : kept.map { $0.lowercased() }
    }

    private static func trimmed(_ word: String) -> String {
        var body = word[...]
        while let first = body.unicodeScalars.first, isPunctuation(first) {
            body.unicodeScalars.removeFirst()
        }
        while let last = body.unicodeScalars.last, isPunctuation(last) { body.unicodeScalars.removeLast() }
        return String(body)
    }

    private static func isPunctuation(_ scalar: UnicodeScalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
            .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            true
        default: scalar.isASCII && "$+<=>^`|~".unicodeScalars.contains(scalar)
        }
    }

    /// A text with the table's replacements; an error past `charactersMax`.
    static func normalise(
        _ text: String, _ normalisation: Normalisation, _ charactersMax: Int
    ) throws(EvaluationError) -> String {
        var result = text
        for _ in 0..<(normalisation.isRecursive ? passesMax : 1) {
            var next = result
            for replacement in normalisation.replacements {
                if let pattern = replacement.pattern {
                    next = try pattern.replaced(
                        in: next, with: replacement.target, charactersMax: charactersMax)
                } else {
                    next = try next.replacingOccurrences(
                        of: replacement.source, with: replacement.target,
                        isCaseSensitive: normalisation.isCaseSensitive, charactersMax: charactersMax)
                }
            }
            if sameText(next, result) { break }
            result = next
        }
        return result
    }

    private func hits(of term: [String], in tokens: [String]) -> Int {
        guard !term.isEmpty, tokens.count >= term.count else { return 0 }
        var best = Int.max
        var count = 0
        for start in 0...(tokens.count - term.count) {
            guard let distance = distance(term, tokens[start..<start + term.count]) else { continue }
            if countsBestHits, distance < best {
                best = distance
                count = 1
            } else if !countsBestHits || distance == best {
                count += 1
            }
        }
        return count
    }

    /// Edits between the term and as many tokens, or nil past the maximum.
    private func distance(_ term: [String], _ tokens: ArraySlice<String>) -> Int? {
        var sum = 0
        for (word, token) in zip(term, tokens) where !sameText(word, token) {
            guard distanceMax > 0 else { return nil }
            sum += TextIndex.levenshtein(Array(word.utf16), Array(token.utf16))
            if sum > distanceMax { return nil }
        }
        return sum
    }

    /// The fewest single-unit edits from `a` to `b`.
    static func levenshtein(_ a: [UInt16], _ b: [UInt16]) -> Int {
        var row = Array(0...b.count)
        for (index, unit) in a.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in b.enumerated() {
                let above = row[column + 1]
                row[column + 1] = min(
                    above + 1, min(row[column] + 1, diagonal + (unit == other ? 0 : 1)))
                diagonal = above
            }
        }
        return row[b.count]
    }
}

extension String {
    /// Replaces every occurrence of `source`, left to right.
    ///
    /// - Throws: Past `charactersMax`.
    func replacingOccurrences(
        of source: String, with target: String, isCaseSensitive: Bool, charactersMax: Int
    ) throws(EvaluationError) -> String {
        let target = Array(target.unicodeScalars)
        let needle = Array((isCaseSensitive ? source : source.lowercased()).unicodeScalars)
        guard !needle.isEmpty else { return self }
        let scalars = Array(unicodeScalars)
        let haystack =
            isCaseSensitive
            ? scalars : scalars.map { $0.properties.lowercaseMapping.unicodeScalars.first ?? $0 }
        var result: [Unicode.Scalar] = []
        var at = 0
        while at < scalars.count {
            if at + needle.count <= haystack.count, haystack[at..<at + needle.count].elementsEqual(needle) {
                result += target
                guard result.count <= charactersMax else { throw .replacedTooLong }
                at += needle.count
            } else {
                result.append(scalars[at])
                at += 1
            }
        }
        return String(String.UnicodeScalarView(result))
    }
}

extension Scope {
    /// Compiles a `TextIndex` element.
    func textIndex(_ element: Element) throws(Fault) -> any Expression {
        for (attribute, unsupported) in [
            ("localTermWeights", "augmentedNormalizedTermFrequency"), ("tokenize", "false"),
        ] where element[attribute] == unsupported {
            compiler.report(element.warning("\(attribute) \(unsupported) is not supported"))
            return FailingExpression(
                error: .unsupportedAttribute("TextIndex", attribute, unsupported),
                slot: slot(of: try element.required("textField"), at: element))
        }
        let isCaseSensitive = try element.flag("isCaseSensitive", default: false)
        let tokeniser: TextIndex.Tokeniser
        if let word = element["x-wordRE"] ?? element["wordRE"] {
            tokeniser = .word(try pattern(word, element))
        } else {
            tokeniser = .separator(try pattern(element["wordSeparatorCharacterRE"] ?? "\\s+", element))
        }
        var normalisations: [TextIndex.Normalisation] = []
        for child in element.children("TextIndexNormalization") {
            normalisations.append(try normalisation(child, isCaseSensitive: isCaseSensitive))
        }
        return TextIndex(
            slot: slot(of: try element.required("textField"), at: element),
            term: try expression(in: element),
            weight: try element.choice("localTermWeights", default: TextIndex.Weight.termFrequency),
            isCaseSensitive: isCaseSensitive,
            distanceMax: max(0, try element.integer("maxLevenshteinDistance") ?? 0),
            countsBestHits: element["countHits"] == "bestHits", tokeniser: tokeniser,
            normalisations: normalisations)
    }

    private func pattern(_ source: String, _ element: Element) throws(Fault) -> Pattern {
        do throws(EvaluationError) {
            return try Pattern(source)
        } catch {
            throw element.fault(error.message)
        }
    }

    private func normalisation(
        _ element: Element, isCaseSensitive outer: Bool
    ) throws(Fault) -> TextIndex.Normalisation {
        let isCaseSensitive = try element.flag("isCaseSensitive", default: outer)
        let source = element["inField"] ?? "string"
        let target = element["outField"] ?? "stem"
        let regex = element["regexField"] ?? "regex"
        guard let table = element.child("InlineTable") else {
            throw element.fault("an InlineTable is required; a TableLocator cannot be followed")
        }
        var replacements: [TextIndex.Replacement] = []
        for row in table.children where row.name == "row" {
            let cells = Dictionary(
                row.children.map { (InlineCell.name($0.name), $0.text) },
                uniquingKeysWith: { first, _ in first })
            guard let from = cells[InlineCell.name(source)], let to = cells[InlineCell.name(target)] else {
                throw row.fault("cells \(source) and \(target) are required")
            }
            let isRegex = cells[InlineCell.name(regex)]?.lowercased() == "true"
            let flags = isCaseSensitive ? "" : "(?i)"
            replacements.append(
                TextIndex.Replacement(
                    source: from, target: to, pattern: isRegex ? try pattern(flags + from, element) : nil))
        }
        return TextIndex.Normalisation(
            replacements: replacements, isRecursive: try element.flag("recursive", default: false),
            isCaseSensitive: isCaseSensitive)
    }
}
