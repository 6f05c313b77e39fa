import Yams

/// What is wrong with a configuration file, and where.
struct ConfigurationError: Error, CustomStringConvertible {
    let path: String
    /// From 1.
    let line: Int
    let reason: String

    var description: String { "\(path):\(line): \(reason)" }
}

extension Settings {
    /// Takes every value that the YAML text states.
    ///
    /// - Throws: `ConfigurationError` for the first fault: text that is not YAML, a key that does not exist
    ///   (with the
    ///   nearest one that does) or a value of another kind.
    mutating func read(yaml: String, path: String) throws(ConfigurationError) {
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch {
            throw ConfigurationError(
                path: path, line: Self.line(of: error), reason: "not valid YAML: \(error)")
        }
        guard let root, root != Node("") else { return }
        guard let sections = root.mapping else {
            throw ConfigurationError(path: path, line: 1, reason: "sections with settings are needed")
        }
        for (name, section) in sections {
            try read(section, named: name, path: path)
        }
    }

    private mutating func read(_ section: Node, named name: Node, path: String) throws(ConfigurationError) {
        let sectionName = name.string ?? ""
        let known = Setting.all.contains { $0.key.hasPrefix(sectionName + ".") }
        guard known else { throw Self.unknown(sectionName, at: name, path: path) }
        // A section that is only named changes nothing.
        if section.string == "" || section.null != nil { return }
        guard let values = section.mapping else {
            throw Self.fault("\(sectionName) holds settings, not a value", at: section, path: path)
        }
        for (key, value) in values {
            let whole = "\(sectionName).\(key.string ?? "")"
            guard let setting = Setting.all.first(where: { $0.key == whole }) else {
                throw Self.unknown(whole, at: key, path: path)
            }
            guard let text = value.scalar?.string else {
                throw Self.fault("\(whole): a single value is needed", at: value, path: path)
            }
            if let reason = setting.take(&self, text) {
                throw Self.fault("\(whole): \(reason), found \"\(text)\"", at: value, path: path)
            }
        }
    }

    private static func fault(_ reason: String, at node: Node, path: String) -> ConfigurationError {
        ConfigurationError(path: path, line: node.mark?.line ?? 0, reason: reason)
    }

    private static func unknown(_ key: String, at node: Node, path: String) -> ConfigurationError {
        let names = Setting.all.map(\.key)
        let candidates =
            key.contains(".") ? names : names.compactMap { $0.split(separator: ".").first.map(String.init) }
        let nearest = candidates.min { editDistance($0, key) < editDistance($1, key) } ?? ""
        return fault("there is no setting \"\(key)\"; the nearest is \"\(nearest)\"", at: node, path: path)
    }

    private static func line(of error: any Error) -> Int {
        guard let error = error as? YamlError else { return 1 }
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _):
            return mark.line
        default: return 1
        }
    }
}

/// Insertions, deletions and replacements that turn one text into the other (Levenshtein); a different letter
/// case costs nothing.
func editDistance(_ left: String, _ right: String) -> Int {
    let left = Array(left.lowercased().prefix(200))
    let right = Array(right.lowercased().prefix(200))
    var previous = Array(0...right.count)
    for (row, a) in left.enumerated() {
        var current = [row + 1]
        for (column, b) in right.enumerated() {
            let replaced = previous[column] + (a == b ? 0 : 1)
            current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
        }
        previous = current
    }
    return previous[right.count]
}
