extension Store {
    /// Reads the bundled folder: `NAME/VERSION/model.onnx|model.pmml`, and the `model.yaml` of that version
    /// or of the nearest earlier one of the same format.
    mutating func readBundled() throws(StoreError) {
        guard let root = options.bundledDirectory else { return }
        for name in try disk.names(in: root) where !name.hasPrefix(".") && disk.isDirectory("\(root)/\(name)")
        {
            guard ModelName(name) != nil else {
                faults.append(StoreFault(path: "\(root)/\(name)", reason: "is no valid model name"))
                continue
            }
            let versions = try bundledVersions(of: name, in: "\(root)/\(name)")
            bundled[name] = Dictionary(uniqueKeysWithValues: versions.map { ($0.number, $0) })
            adopt(versions.map(\.record), as: name)
        }
    }

    private mutating func bundledVersions(of name: String, in path: String) throws(StoreError)
        -> [StoredVersion]
    {
        var versions: [StoredVersion] = []
        var configurations: [String: String] = [:]
        let numbers = try disk.names(in: path).compactMap(versionNumber).sorted()
        for number in numbers {
            let folder = "\(path)/\(number)"
            guard let record = foundVersion(in: folder, number: number, source: .bundled) else {
                faults.append(StoreFault(path: folder, reason: "needs one model.onnx or model.pmml"))
                continue
            }
            if record.configurationSHA256 != nil { configurations[record.file] = "\(folder)/model.yaml" }
            versions.append(
                StoredVersion(
                    name: name, record: record, directory: folder,
                    configurationPath: configurations[record.file]))
        }
        return versions
    }

    /// Joins bundled versions with what is remembered: a name that was deployed to, rolled back or deleted
    /// keeps the version last acknowledged; newer bundled numbers can then be chosen, and are not used again.
    private mutating func adopt(_ found: [VersionRecord], as name: String) {
        guard let newest = found.last?.number else { return }
        guard var record = records[name] else {
            var versions = Array(found.suffix(options.retainedMax))
            for index in versions.indices.dropFirst() {
                versions[index].predecessor = versions[index - 1].number
            }
            records[name] = ModelRecord(next: newest + 1, current: newest, versions: versions)
            return
        }
        let isNew = { (version: VersionRecord) in version.number >= record.next }
        if record.current != nil { record.versions += found.filter(isNew).suffix(options.retainedMax) }
        let present = Set(found.map(\.number))
        for version in record.versions where version.source == .bundled && !present.contains(version.number) {
            faults.append(StoreFault(path: "\(name)/\(version.number)", reason: "is no longer bundled"))
        }
        record.versions.removeAll { $0.source == .bundled && !present.contains($0.number) }
        if let current = record.current, record.version(current) == nil {
            record.current = record.versions.map(\.number).max()
        }
        record.next = max(record.next, newest + 1)
        records[name] = record
    }
}

/// `7` as in a folder's name; `nil` for `07`, `+7`, `0` and all else.
private func versionNumber(_ text: String) -> Int? {
    guard let number = Int(text), number > 0, number < Int.max, "\(number)" == text else { return nil }
    return number
}
