import Glibc

extension Store {
    /// Empties the staging folders: whoever was at work there is gone.
    func sweepStaging() throws(StoreError) {
        for path in [staging.directory, uploadDirectory] {
            try disk.makeDirectory(path)
            for name in try disk.names(in: path) { try disk.remove("\(path)/\(name)") }
        }
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
