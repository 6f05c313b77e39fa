/// Every `package` declaration has a doc comment.
///
/// A comment covers the run of one-line declarations below it, up to a blank line: the fields of a small type
/// need no comment each where the type's own says what they are. Not asked for where another text says it
/// already: in an extension that adds a conformance, for the standard library's requirements, and for an
/// initialiser that only sets each property from the parameter of its name.
struct DocumentationRule {
    private static let documentedElsewhere: Set<String> = [
        "==", "<", "hash", "description", "debugDescription",
    ]

    func findings(in file: SourceFile) -> [Finding] {
        guard file.isSwiftSource else { return [] }
        return file.code.enumerated().compactMap { index, line in
            guard let declared = Declaration.parse(line), declared.modifiers.contains("package"),
                !Self.documentedElsewhere.contains(declared.name), !Self.isDocumented(file, at: index),
                !Self.isInConformance(file, at: index),
                !(declared.keyword == "init" && Self.onlySetsProperties(file, from: index))
            else { return nil }
            let message = "package \(declared.keyword) \(declared.name) has no doc comment"
            return Finding(path: file.path, line: index + 1, message: message)
        }
    }

    /// True when a doc comment stands above, with only attributes and one-line declarations between.
    private static func isDocumented(_ file: SourceFile, at index: Int) -> Bool {
        for above in stride(from: index - 1, through: 0, by: -1) {
            let line = file.lines[above].drop { $0 == " " }
            if line.hasPrefix("///") || line.hasSuffix("*/") { return true }
            let mayStandBetween = line.hasPrefix("@") || line.hasPrefix("// ")
            guard mayStandBetween || Declaration.parse(file.code[above]) != nil else { return false }
        }
        return false
    }

    /// True inside `extension Type: Conformance`, whose requirements the protocol documents.
    private static func isInConformance(_ file: SourceFile, at index: Int) -> Bool {
        let outermost = stride(from: index, through: 0, by: -1).first { above in
            let line = file.code[above]
            return line.first.map { $0 != " " && $0 != "}" && $0 != ")" } ?? false
        }
        guard let outermost, outermost < index else { return false }
        let line = file.code[outermost].prefix { $0 != "{" }
        return words(of: String(line)).contains("extension") && line.contains(":")
    }

    /// True when every line of the body reads `self.name = name`, where `self.` may be left out.
    private static func onlySetsProperties(_ file: SourceFile, from index: Int) -> Bool {
        guard let opening = file.code[index...].firstIndex(where: { $0.hasSuffix("{") }),
            let closing = file.code[opening...].dropFirst().firstIndex(where: { $0.contains("}") })
        else { return file.code[index].hasSuffix("{}") }
        return file.code[(opening + 1)..<closing].allSatisfy { line in
            let sides = words(of: line).filter { $0 != "self" }
            return sides.count == 2 && sides[0] == sides[1]
        }
    }
}
