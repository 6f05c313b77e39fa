/// A file as the rules see it: its lines as written, and its code with comments and literals blanked.
struct SourceFile {
    /// Path below the package root, such as `Sources/JSON/JSONError.swift`.
    let path: String
    /// The lines as written.
    let lines: [String]
    /// The same lines with spaces for the characters of comments and string literals.
    let code: [String]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let blanked = path.hasSuffix(".swift") ? Blanking.code(of: text) : text
        code = blanked.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The target that the file belongs to: the folder below `Sources` or `Tests`.
    var target: String? {
        let parts = path.split(separator: "/")
        guard parts.count > 2, parts[0] == "Sources" || parts[0] == "Tests" else { return nil }
        return String(parts[1])
    }

    var isSwiftSource: Bool { path.hasPrefix("Sources/") && path.hasSuffix(".swift") }
    var isSwift: Bool { path.hasSuffix(".swift") }

    /// The file's name without its extension.
    var stem: String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return name.split(separator: ".").first.map(String.init) ?? name
    }
}

/// What a rule objects to, and where.
struct Finding: Hashable, CustomStringConvertible {
    let path: String
    /// Counted from 1.
    let line: Int
    let message: String

    var description: String { "\(path):\(line): \(message)" }
}

/// Splits `text` at everything that is no letter, digit or underscore.
func words(of text: String) -> [Substring] {
    text.split { !($0.isLetter || $0.isNumber || $0 == "_") }
}
