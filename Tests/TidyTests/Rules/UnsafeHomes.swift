/// Pointers live in named files, and each unsafe operation has a `// SAFETY:` line in its declaration.
struct UnsafeRule {
    /// Files, or folders when they end in a slash, that may hold pointers.
    let homes: [String]

    /// Words that make code unsafe, by how they begin.
    private static let prefixes = ["Unsafe", "unsafe", "withUnsafe", "Unmanaged", "OpaquePointer"]
    /// What must be justified: it makes, rebinds or vouches for memory, rather than naming a type.
    private static let operations = [
        "withUnsafe", "Unmanaged.", "unsafeBitCast", "unsafeDowncast", "unsafeUninitializedCapacity",
        "assumingMemoryBound", "bindMemory", "withMemoryRebound", "nonisolated(unsafe)", "unowned(unsafe)",
        "Pointer(", "Pointer.allocate", ".allocate(", "mutating:",
    ]

    func findings(in file: SourceFile) -> [Finding] {
        guard file.isSwiftSource else { return [] }
        let used = file.code.indices.filter { Self.isUnsafe(file.code[$0]) }
        guard let first = used.first else { return [] }
        guard isHome(file.path) else {
            return [Finding(path: file.path, line: first + 1, message: "unsafe code outside its homes")]
        }
        return used.filter { Self.isOperation(file.code[$0]) && !Self.isJustified(file, at: $0) }.map {
            Finding(
                path: file.path, line: $0 + 1, message: "unsafe operation without a // SAFETY: line above it")
        }
    }

    private func isHome(_ path: String) -> Bool {
        homes.contains { $0.hasSuffix("/") ? path.hasPrefix($0) : path == $0 }
    }

    private static func isUnsafe(_ line: String) -> Bool {
        words(of: line).contains { word in prefixes.contains { word.hasPrefix($0) } }
    }

    private static func isOperation(_ line: String) -> Bool {
        operations.contains { line.contains($0) } && !line.contains("func ")
    }

    /// How far below the use its reason may stand: as the first words of the closure that it opens.
    private static let linesBelowMax = 4

    /// True when a SAFETY line stands just below the use, or between it and the start of its declaration, doc
    /// comment included.
    private static func isJustified(_ file: SourceFile, at use: Int) -> Bool {
        let below = file.lines[use...].prefix(1 + linesBelowMax)
        if below.contains(where: { $0.contains("SAFETY:") }) { return true }
        var reachedDeclaration = false
        for index in stride(from: use, through: 0, by: -1) {
            if file.lines[index].contains("SAFETY:") { return true }
            let isComment = file.lines[index].drop { $0 == " " }.hasPrefix("//")
            if reachedDeclaration, !isComment { return false }
            if Declaration.startsFunction(file.code[index]) { reachedDeclaration = true }
        }
        return false
    }
}
