/// Phrases that do not belong in sources.
struct PhraseRule {
    /// In the code of `Sources`: each can end the process on outside data.
    private static let traps = ["try!", "as!", "fatalError("]
    /// In comments, anywhere.
    private static let postponed = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]

    func findings(in file: SourceFile) -> [Finding] {
        file.lines.indices.compactMap { index in
            if let phrase = Self.phrase(in: file, at: index) {
                return Finding(path: file.path, line: index + 1, message: "\(phrase) does not belong here")
            }
            return nil
        }
    }

    private static func phrase(in file: SourceFile, at index: Int) -> String? {
        let isPostponed = postponed.first { words(of: file.lines[index]).contains(Substring($0)) }
        guard isPostponed == nil, file.isSwiftSource else { return isPostponed }
        return traps.first { file.code[index].contains($0) }
    }
}
