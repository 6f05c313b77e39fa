/// Names that say nothing, and types that shadow their module.
struct NameRule {
    static let banned: Set<String> = [
        "Util", "Utils", "Utilities", "Helper", "Helpers", "Manager", "Handler", "Common", "Base", "Impl",
        "Info",
    ]

    func findings(in file: SourceFile) -> [Finding] {
        guard file.isSwift else { return [] }
        return fileFindings(in: file) + typeFindings(in: file)
    }

    private func fileFindings(in file: SourceFile) -> [Finding] {
        guard let word = Self.bannedWord(in: file.stem) else { return [] }
        return [Finding(path: file.path, line: 1, message: "a file named \(word)")]
    }

    private func typeFindings(in file: SourceFile) -> [Finding] {
        file.code.enumerated().compactMap { index, line in
            guard let name = Declaration.typeName(line) else { return nil }
            if let word = Self.bannedWord(in: name) {
                return Finding(path: file.path, line: index + 1, message: "\(name): a type named \(word)")
            }
            guard file.isSwiftSource, name == file.target else { return nil }
            return Finding(path: file.path, line: index + 1, message: "\(name) has its module's name")
        }
    }

    private static func bannedWord(in name: String) -> String? {
        camelWords(of: name).first(where: banned.contains)
    }

    /// `HTTPRequestInfo` is `HTTPRequest`, `Info`: a word starts at a capital after a small letter or digit.
    static func camelWords(of name: String) -> [String] {
        var parts: [String] = []
        var previous: Character = " "
        for character in name {
            if character.isUppercase, !previous.isUppercase || parts.isEmpty {
                parts.append(String(character))
            } else if parts.isEmpty {
                parts.append(String(character))
            } else {
                parts[parts.count - 1].append(character)
            }
            previous = character
        }
        return parts
    }
}
