import Foundation

/// The package's own files, as the rules read them.
enum Tree {
    /// The folder of `Package.swift`.
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static let folders = ["Sources", "Tests", "Benchmarks", "training", "scripts", ".ci"]
    private static let endings = [".swift", ".c", ".cpp", ".h", ".py", ".sh"]

    /// Every file that a person writes here, in order of path.
    static func files() throws -> [SourceFile] {
        try folders.flatMap(paths).sorted().map { path in
            let text = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
            return SourceFile(path: path, text: text)
        }
    }

    static func manifest() throws -> String {
        try String(contentsOf: root.appendingPathComponent("Package.swift"), encoding: .utf8)
    }

    private static func paths(below folder: String) -> [String] {
        let found = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)
        let names = found?.compactMap { $0 as? String } ?? []
        return names.filter(isWritten).map { "\(folder)/\($0)" }
    }

    /// Build products and virtual environments begin with a dot.
    private static func isWritten(_ path: String) -> Bool {
        guard !path.split(separator: "/").contains(where: { $0.hasPrefix(".") }) else { return false }
        return endings.contains { path.hasSuffix($0) }
    }
}
