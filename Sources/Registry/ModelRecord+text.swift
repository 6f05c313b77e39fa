/// The `state` file: one `key value...` a line, closed by the checksum of the lines before, so that a bit
/// gone bad is seen.
///
///     augur-state 1
///     next 4
///     current 3
///     version number=3 source=data file=model.pmml bytes=812 sha256=... created=1700000000000 predecessor=2
///     checksum 1f...
extension ModelRecord {
    /// The file's bytes.
    package var text: [UInt8] {
        var lines = ["augur-state 1", "next \(next)"]
        if let stated = acknowledged ?? current { lines.append("current \(stated)") }
        lines += (versions + forgotten).sorted { $0.number < $1.number }.map { "version " + $0.text }
        let body = lines.map { $0 + "\n" }.joined()
        return Array((body + "checksum \(Checksum.of(Array(body.utf8)))\n").utf8)
    }

    /// Reads the file back; `nil` for anything that `text` did not write.
    package init?(text: [UInt8]) {
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
        guard lines.count >= 3, let last = lines.last, lines[0] == "augur-state 1" else { return nil }
        let body = lines.dropLast().map { $0 + "\n" }.joined()
        guard last == "checksum \(Checksum.of(Array(body.utf8)))" else { return nil }
        self.init()
        for line in lines.dropFirst().dropLast() {
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            guard parts.count == 2, read(key: parts[0], value: parts[1]) else { return nil }
        }
        guard current.map({ version($0) != nil }) ?? true else { return nil }
    }

    private mutating func read(key: String, value: String) -> Bool {
        switch key {
        case "next":
            guard let number = Int(value), number > 0 else { return false }
            next = number
        case "current":
            guard let number = Int(value) else { return false }
            current = number
        case "version":
            guard let version = VersionRecord(text: value) else { return false }
            versions.append(version)
        default: return false
        }
        return true
    }
}

extension VersionRecord {
    fileprivate var text: String {
        var fields = [
            "number=\(number)", "source=\(source.rawValue)", "file=\(file)", "bytes=\(bytes)",
            "sha256=\(sha256)",
            "created=\(created)",
        ]
        if let configurationSHA256 { fields.append("configuration=\(configurationSHA256)") }
        if let predecessor { fields.append("predecessor=\(predecessor)") }
        if let modelName { fields.append("modelName=\(hexadecimal(modelName))") }
        return fields.joined(separator: " ")
    }

    fileprivate init?(text: String) {
        let pairs = text.split(separator: " ").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        var fields: [String: String] = [:]
        for pair in pairs where pair.count == 2 { fields[pair[0]] = pair[1] }
        guard let number = fields["number"].flatMap({ Int($0) }), let file = fields["file"],
            let source = fields["source"].flatMap(Source.init),
            let bytes = fields["bytes"].flatMap({ Int($0) }),
            let sha256 = fields["sha256"], let created = fields["created"].flatMap({ Int64($0) })
        else { return nil }
        self.init(number: number, source: source, file: file, bytes: bytes, sha256: sha256)
        self.created = created
        configurationSHA256 = fields["configuration"]
        predecessor = fields["predecessor"].flatMap { Int($0) }
        modelName = fields["modelName"].flatMap(textFromHexadecimal)
    }
}

/// A model's own name may hold spaces and line ends; its bytes as digits hold neither.
private func hexadecimal(_ text: String) -> String {
    text.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}

private func textFromHexadecimal(_ digits: String) -> String? {
    let values = digits.compactMap(\.hexDigitValue)
    guard values.count == digits.count, values.count.isMultiple(of: 2) else { return nil }
    let bytes = stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] * 16 + values[$0 + 1]) }
    return String(decoding: bytes, as: UTF8.self)
}
