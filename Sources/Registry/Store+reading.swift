import Glibc

extension Store {
    /// Empties the staging folders: whoever was at work there is gone.
    func sweepStaging() throws(StoreError) {
        for path in [staging.directory, uploadDirectory] {
            try disk.makeDirectory(path)
            for name in try disk.names(in: path) { try disk.remove("\(path)/\(name)") }
        }
    }

    /// Reads each model's state, and sweeps the version folders that it does not name.
    mutating func readStates() throws(StoreError) {
        for name in try disk.names(in: directory) where !name.hasPrefix(".") {
            guard ModelName(name) != nil, disk.isDirectory(folder(name)) else {
                faults.append(StoreFault(path: folder(name), reason: "is no model's folder; left alone"))
                continue
            }
            try readState(of: name)
        }
    }

    private mutating func readState(of name: String) throws(StoreError) {
        let path = "\(folder(name))/state"
        let entries = try disk.names(in: folder(name))
        guard disk.size(of: path) != nil else {
            if entries.isEmpty || entries == ["state.tmp"] { return try disk.remove(folder(name)) }
            faults.append(StoreFault(path: folder(name), reason: "has no state file; left alone"))
            return
        }
        let bytes = try? disk.read(path, bytesMax: 1 << 20)
        guard let record = bytes.flatMap({ ModelRecord(text: $0) }) else {
            faults.append(StoreFault(path: path, reason: "is damaged; the newest version on disk is served"))
            records[name] = rebuiltRecord(of: name, entries)
            return
        }
        // A first deployment that was killed before its version counted: as if it had not been.
        if record == ModelRecord() { return try disk.remove(folder(name)) }
        records[name] = record
        let named = Set(record.versions.filter { $0.source == .data }.map { "\($0.number)" })
        for entry in entries where entry != "state" && !named.contains(entry) {
            try disk.remove("\(folder(name))/\(entry)")
        }
    }

    /// What the folders say, when the state file cannot: sizes and sums are taken as they are found.
    private func rebuiltRecord(of name: String, _ entries: [String]) -> ModelRecord {
        let numbers = entries.compactMap { Int($0) }.filter { $0 > 0 && $0 < Int.max }.sorted()
        let versions = numbers.compactMap { foundVersion(in: folder(name, $0), number: $0, source: .data) }
        return ModelRecord(next: (numbers.last ?? 0) + 1, current: versions.last?.number, versions: versions)
    }

    /// The version that a folder of a model repository holds; `nil` without exactly one model file.
    func foundVersion(in path: String, number: Int, source: VersionRecord.Source) -> VersionRecord? {
        let files = ["model.onnx", "model.pmml"].filter { disk.size(of: "\(path)/\($0)") != nil }
        guard let file = files.first, files.count == 1 else { return nil }
        let model = "\(path)/\(file)"
        guard let sha256 = try? Checksum.ofFile(model, on: disk) else { return nil }
        var record = VersionRecord(
            number: number, source: source, file: file, bytes: disk.size(of: model) ?? 0, sha256: sha256)
        record.created = disk.written(model)
        let yaml = try? disk.read("\(path)/model.yaml", bytesMax: 16 << 20)
        record.configurationSHA256 = yaml.map(Checksum.of)
        return record
    }
}

extension Disk {
    /// Whether a version's files are still what was deployed; says what is wrong otherwise.
    package func damage(of version: StoredVersion) -> String? {
        guard version.record.source == .data else { return nil }
        guard let sha256 = try? Checksum.ofFile(version.filePath, on: self) else { return "cannot be read" }
        guard sha256 == version.record.sha256 else { return "does not have the SHA-256 it was deployed with" }
        guard let expected = version.record.configurationSHA256, let path = version.configurationPath else {
            return nil
        }
        let yaml = try? read(path, bytesMax: 16 << 20)
        return yaml.map(Checksum.of) == expected ? nil : "has a model.yaml that was changed"
    }

    /// Makes a folder and those above it.
    func makeDirectories(_ path: String) throws(StoreError) {
        guard !isDirectory(path) else { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeDirectories(String(path[..<slash]))
        }
        try makeDirectory(path)
    }
}
