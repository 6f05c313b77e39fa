/// What is remembered about one name, also after the model is deleted: one `state` file.
package struct ModelRecord: Sendable, Hashable {
    /// The number that the next deployment gets; only grows, so no number is used twice.
    package var next: Int
    /// The version being served; `nil` when the model is deleted.
    package var current: Int?
    /// The versions that can be served, by rising number.
    package var versions: [VersionRecord]
    /// Those of which this process found that they cannot. The next start tries them again.
    private(set) var forgotten: [VersionRecord] = []
    /// The version served when nothing was forgotten, until another one is chosen.
    private(set) var acknowledged: Int?

    /// A name without versions unless given.
    package init(next: Int = 1, current: Int? = nil, versions: [VersionRecord] = []) {
        self.next = next
        self.current = current
        self.versions = versions
    }

    /// The version of that number.
    package func version(_ number: Int) -> VersionRecord? {
        versions.first { $0.number == number }
    }

    /// Serves that version from now on; `nil` when the model is deleted.
    mutating func serve(_ number: Int?) {
        current = number
        acknowledged = nil
    }

    /// Takes a version away that cannot be used; if it is the one served, the newest other one is instead.
    mutating func forget(_ number: Int) {
        guard let version = version(number) else { return }
        versions.removeAll { $0.number == number }
        forgotten.append(version)
        guard current == number else { return }
        acknowledged = acknowledged ?? number
        current = versions.map(\.number).max()
    }

    /// Drops the versions that are not kept, forgotten ones too.
    mutating func drop(allBut kept: Set<Int>) -> [VersionRecord] {
        let dropped = (versions + forgotten).filter { !kept.contains($0.number) }
        versions.removeAll { !kept.contains($0.number) }
        forgotten.removeAll { !kept.contains($0.number) }
        return dropped
    }

    /// What a rollback goes back to: what the current version replaced, or else the newest one below it.
    package var rollbackTarget: VersionRecord? {
        guard let current, let serving = version(current) else { return nil }
        return serving.predecessor.flatMap(version) ?? versions.last { $0.number < current }
    }
}

/// What is remembered about one version.
package struct VersionRecord: Sendable, Hashable {
    /// Which folder the version is in.
    package enum Source: String, Sendable {
        case data, bundled
    }

    /// Its number, from 1.
    package let number: Int
    /// Where its files are.
    package var source: Source
    /// The name of the model file: `model.pmml` or `model.onnx`.
    package var file: String
    /// The model file's size.
    package var bytes: Int
    /// The model file's SHA-256, 64 lower-case hexadecimal digits.
    package var sha256: String
    /// Its `model.yaml`'s SHA-256; `nil` without one.
    package var configurationSHA256: String?
    /// When it was deployed, milliseconds since 1970.
    package var created: Int64
    /// The version that it replaced, if any.
    package var predecessor: Int?
    /// Which model of a PMML document was asked for.
    package var modelName: String?

    /// A version with these files; its time is 0.
    package init(number: Int, source: Source, file: String, bytes: Int, sha256: String) {
        self.number = number
        self.source = source
        self.file = file
        self.bytes = bytes
        self.sha256 = sha256
        created = 0
    }
}
