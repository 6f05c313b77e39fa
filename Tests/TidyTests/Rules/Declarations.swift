/// What a line of blanked code declares.
enum Declaration {
    /// Words that may stand before the keyword.
    private static let modifiers: Set<Substring> = [
        "package", "public", "private", "fileprivate", "internal", "static", "class", "final", "mutating",
        "nonmutating", "override", "convenience", "required", "lazy", "weak", "unowned", "nonisolated",
        "indirect",
        "borrowing", "consuming", "set", "unsafe", "isolated", "inlinable", "discardableResult", "Sendable",
    ]
    private static let keywords: Set<Substring> = [
        "func", "var", "let", "init", "subscript", "struct", "class", "enum", "protocol", "actor",
        "typealias", "deinit",
    ]
    private static let types: Set<Substring> = ["struct", "class", "enum", "protocol", "actor", "typealias"]

    /// The keyword of the declaration that the line starts, and the name after it.
    static func parse(_ line: String) -> (modifiers: [Substring], keyword: Substring, name: String)? {
        let parts = words(of: line)
        guard let first = parts.first, modifiers.contains(first) || keywords.contains(first) else {
            return nil
        }
        for (index, word) in parts.enumerated() {
            let next = index + 1 < parts.count ? parts[index + 1] : ""
            let isModifier = word == "class" && (keywords.contains(next) || modifiers.contains(next))
            if keywords.contains(word), !isModifier {
                return (Array(parts[..<index]), word, name(after: word, in: line))
            }
            guard modifiers.contains(word) else { return nil }
        }
        return nil
    }

    /// The text after the keyword, up to the first character that cannot be part of a name or an operator.
    private static func name(after keyword: Substring, in line: String) -> String {
        guard let range = line.firstRange(of: keyword + " ") else { return String(keyword) }
        return String(
            line[range.upperBound...].drop { $0 == " " }.prefix { !" (<:={[,".contains($0) || $0 == "=" })
    }

    /// True where a function, initialiser, subscript or computed property begins.
    static func startsFunction(_ line: String) -> Bool {
        guard let declared = parse(line) else { return false }
        switch declared.keyword {
        case "func", "init", "subscript", "deinit": return true
        case "var": return line.hasSuffix("{")
        default: return false
        }
    }

    /// The type that the line declares.
    static func typeName(_ line: String) -> String? {
        guard let declared = parse(line), types.contains(declared.keyword) else { return nil }
        return declared.name
    }
}
