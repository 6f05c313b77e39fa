import Foundation

/// The package's own files, as the rules read them.
enum Tree {
    /// The folder of `Package.swift`.
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static let folders = ["Sources", "Tests", "Fuzz", "Benchmarks", "training", "scripts", ".ci"]
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
        return names.map { "\(folder)/\($0)" }.filter { isWritten($0) && !isFolder($0) }
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(
            atPath: root.appendingPathComponent(path).path, isDirectory: &isFolder)
        return exists && isFolder.boolValue
    }

    /// Sources and scripts; build products and virtual environments, below a folder's top, begin with a dot.
    private static func isWritten(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        let isHidden = parts.dropFirst().contains { $0.hasPrefix(".") }
        guard let name = parts.last, !isHidden else { return false }
        return parts[0] == "scripts" || name == "run" || endings.contains { name.hasSuffix($0) }
    }
}
