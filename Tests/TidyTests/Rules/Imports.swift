/// A module imports what its row of the package table lists, and of the system only what is named here.
struct ImportRule {
    let table: PackageTable
    /// Targets that may use Foundation: none of them runs between a request's bytes and its reply.
    let foundationTargets: Set<String>

    /// Executable targets, which may import every target of the table.
    let executables: Set<String>

    /// Modules of the toolchain that every target may import.
    static let system: Set<String> = ["Glibc", "Musl", "Darwin", "Synchronization"]
    /// What an executable may import beside every target of the table.
    static let executable: Set<String> = ["ArgumentParser", "Yams", "Logging", "Foundation"]

    func findings(in file: SourceFile) -> [Finding] {
        guard file.isSwiftSource, let target = file.target else { return [] }
        return Self.imports(of: file).compactMap { line, module in
            guard !isAllowed(module, in: target) else { return nil }
            return Finding(path: file.path, line: line, message: "\(target) may not import \(module)")
        }
    }

    private func isAllowed(_ module: String, in target: String) -> Bool {
        if Self.system.contains(module) { return true }
        if module == "Foundation", foundationTargets.contains(target) { return true }
        if executables.contains(target) {
            return Self.executable.contains(module) || table.entries.contains { $0.target == module }
        }
        guard let entry = table.entries.first(where: { $0.target == target }) else { return false }
        return entry.imports.contains(module) || entry.products.contains(module)
    }

    /// Line and module of each import, whatever its attributes, access level or kind.
    static func imports(of file: SourceFile) -> [(line: Int, module: String)] {
        let kinds: Set<Substring> = [
            "struct", "class", "enum", "protocol", "func", "var", "let", "typealias",
        ]
        return file.code.enumerated().compactMap { index, line in
            let parts = words(of: line)
            guard let at = parts.firstIndex(of: "import"), at + 1 < parts.count, !line.contains("=") else {
                return nil
            }
            let isKind = kinds.contains(parts[at + 1]) && at + 2 < parts.count
            return (index + 1, String(parts[at + (isKind ? 2 : 1)]))
        }
    }
}
