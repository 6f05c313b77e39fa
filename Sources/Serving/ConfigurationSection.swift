import Yams

/// A mapping of a YAML file, read key by key; everything that is not asked for is a fault.
package struct ConfigurationSection {
    /// Where it is in the file: `image`, empty for the whole.
    let path: String
    private let line: Int
    private let values: [String: Node]
    private let keyLines: [String: Int]

    /// Parses a whole file of at most `bytesMax` bytes.
    ///
    /// Aliases are refused: a few lines of them stand for any amount of data.
    package init(yaml bytes: [UInt8], bytesMax: Int = 1 << 20) throws(ConfigurationFault) {
        guard bytes.count <= bytesMax else {
            throw ConfigurationFault(line: 0, key: "", reason: "is larger than \(bytesMax) bytes")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationFault(line: 0, key: "", reason: "is not UTF-8")
        }
        if let line = firstAlias(in: bytes) {
            throw ConfigurationFault(line: line, key: "", reason: "aliases (*name) are not supported")
        }
        try self.init(Self.compose(text), path: "", line: 1)
    }

    private init(_ node: Node?, path: String, line: Int) throws(ConfigurationFault) {
        self.path = path
        self.line = line
        guard let node, node.null == nil else {
            (values, keyLines) = ([:], [:])
            return
        }
        guard case .mapping(let mapping) = node else {
            throw ConfigurationFault(
                line: node.mark?.line ?? line, key: path, reason: "must be `key: value` lines")
        }
        var values: [String: Node] = [:]
        var lines: [String: Int] = [:]
        for (key, value) in mapping {
            let keyLine = key.mark?.line ?? line
            guard let name = key.string else {
                throw ConfigurationFault(line: keyLine, key: path, reason: "a key must be a word")
            }
            values[name] = value
            lines[name] = keyLine
        }
        self.values = values
        keyLines = lines
    }

    private static func compose(_ text: String) throws(ConfigurationFault) -> Node? {
        do {
            return try Yams.compose(yaml: text)
        } catch let error as YamlError {
            switch error {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
                .composer(_, let problem, let mark, _):
                throw ConfigurationFault(line: mark.line, key: "", reason: problem)
            case .duplicatedKeysInMapping(let duplicates, let context):
                throw ConfigurationFault(
                    line: context.mark.line, key: duplicates.first ?? "", reason: "is given more than once")
            default: throw ConfigurationFault(line: 0, key: "", reason: "\(error)")
            }
        } catch {
            throw ConfigurationFault(line: 0, key: "", reason: "\(error)")
        }
    }

    /// Refuses every key but `known`, with the nearest of them.
    package func check(keys known: [String]) throws(ConfigurationFault) {
        let unknown = values.keys.filter { !known.contains($0) }
        guard let first = unknown.min(by: { line(of: $0) < line(of: $1) }) else { return }
        let hint = nearest(to: first, in: known).map { "; did you mean `\($0)`?" } ?? "."
        throw fault(first, "is not a key here\(hint) Keys: \(known.joined(separator: ", "))")
    }

    /// The section under a key; `nil` when it is absent or empty.
    package func section(_ key: String) throws(ConfigurationFault) -> ConfigurationSection? {
        guard let node = present(key) else { return nil }
        return try ConfigurationSection(node, path: name(of: key), line: line(of: key))
    }

    /// The word or line of text under a key.
    package func text(_ key: String) throws(ConfigurationFault) -> String? {
        guard let node = present(key) else { return nil }
        guard let text = node.string else { throw fault(key, "must be one word or line of text") }
        return text
    }

    /// The whole number under a key.
    package func integer(_ key: String, in range: ClosedRange<Int>) throws(ConfigurationFault) -> Int? {
        guard let node = present(key) else { return nil }
        guard let value = node.int, range.contains(value) else {
            throw fault(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// The finite number under a key.
    package func number(_ key: String) throws(ConfigurationFault) -> Double? {
        guard let node = present(key) else { return nil }
        guard let value = node.float, value.isFinite else { throw fault(key, "must be a number") }
        return value
    }

    /// `true` or `false` under a key.
    package func flag(_ key: String) throws(ConfigurationFault) -> Bool? {
        guard let node = present(key) else { return nil }
        guard let value = node.bool else { throw fault(key, "must be true or false") }
        return value
    }

    /// One of an enum's words under a key.
    package func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String, of type: Choice.Type
    ) throws(ConfigurationFault) -> Choice? {
        guard let text = try text(key) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let words = Choice.allCases.map(\.rawValue)
            let hint = nearest(to: text, in: words).map { "; did you mean `\($0)`?" } ?? ""
            throw fault(key, "must be one of \(words.joined(separator: ", "))\(hint)")
        }
        return choice
    }

    /// The list of words under a key, at most `countMax`.
    package func texts(_ key: String, countMax: Int) throws(ConfigurationFault) -> [String]? {
        try list(key, countMax: countMax, of: "words") { $0.string }
    }

    /// The list of finite numbers under a key, at most `countMax`.
    package func numbers(_ key: String, countMax: Int) throws(ConfigurationFault) -> [Double]? {
        try list(key, countMax: countMax, of: "numbers") { node in
            node.float.flatMap { $0.isFinite ? $0 : nil }
        }
    }

    /// A fault of the value under a key.
    package func fault(_ key: String, _ reason: String) -> ConfigurationFault {
        ConfigurationFault(line: line(of: key), key: name(of: key), reason: reason)
    }

    private func list<Element>(
        _ key: String, countMax: Int, of what: String, _ read: (Node) -> Element?
    ) throws(ConfigurationFault) -> [Element]? {
        guard let node = present(key) else { return nil }
        guard case .sequence(let nodes) = node, nodes.count <= countMax else {
            throw fault(key, "must be a list of at most \(countMax) \(what)")
        }
        let elements = nodes.compactMap(read)
        guard elements.count == nodes.count else { throw fault(key, "must be a list of \(what)") }
        return elements
    }

    private func present(_ key: String) -> Node? {
        guard let node = values[key], node.null == nil || node.scalar?.style == .doubleQuoted else {
            return nil
        }
        return node
    }

    private func line(of key: String) -> Int { keyLines[key] ?? line }
    private func name(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}

/// The line of the first `*name`; a star inside a word is none.
private func firstAlias(in bytes: [UInt8]) -> Int? {
    var line = 1
    var previous = UInt8(ascii: "\n")
    for byte in bytes {
        if byte == UInt8(ascii: "*"), " \t\n[{,:".utf8.contains(previous) { return line }
        if byte == UInt8(ascii: "\n") { line += 1 }
        previous = byte
    }
    return nil
}
