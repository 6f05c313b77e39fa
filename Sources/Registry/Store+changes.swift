import Glibc

extension Store {
    /// A change that is on disk.
    package struct Committed: Sendable {
        package let stored: StoredVersion
        /// The numbers that stay.
        package let kept: Set<Int>
        /// No longer kept; their files can go once the change is published.
        package let dropped: [StoredVersion]
    }

    /// Makes a staged version the one served, under the model's next number.
    ///
    /// Returns once that is durable. When it throws, the staged folder may have been used up, nothing else
    /// has changed.
    package mutating func commit(_ staged: StagedVersion, as name: ModelName) throws(StoreError) -> Committed
    {
        let isNew = records[name.text] == nil
        var record = try preparedRecord(of: name.text)
        let version = versionRecord(staged, number: record.next, replacing: record.current)
        let path = folder(name.text, version.number)
        do {
            try disk.remove(path)
            try disk.rename(staged.directory, to: path)
            try disk.sync(folder(name.text))
            record.serve(version.number)
            record.next += 1
            record.versions.append(version)
            let committed = try replace(record, for: name.text, stored: version.number)
            keepReserve()
            return committed
        } catch {
            try? disk.remove(path)
            if isNew { removeUnused(name.text) }
            throw error
        }
    }

    /// Serves a version that is kept already.
    package mutating func select(_ name: String, _ number: Int) throws(StoreError) -> Committed {
        guard records[name]?.current != nil else { throw .modelNotFound(name) }
        guard records[name]?.version(number) != nil else { throw .versionNotFound(name, number) }
        var record = try preparedRecord(of: name)
        record.serve(number)
        return try replace(record, for: name, stored: number)
    }

    /// Deletes a model; only its numbers are remembered. Its files can go once the change is published.
    package mutating func remove(_ name: String) throws(StoreError) -> [StoredVersion] {
        guard records[name]?.current != nil else { throw .modelNotFound(name) }
        do {
            return try removeOnce(name)
        } catch {
            guard case .disk(_, _, ENOSPC) = error, disk.size(of: reserve) != nil else { throw error }
            try disk.remove(reserve)
            return try removeOnce(name)
        }
    }

    private mutating func removeOnce(_ name: String) throws(StoreError) -> [StoredVersion] {
        var record = try preparedRecord(of: name)
        record.serve(nil)
        let dropped = record.drop(allBut: []).compactMap { stored(name, $0) }
        try write(record, for: name)
        return dropped
    }

    /// A file of zeros that is there to be given up: on a full disk a deletion could not write that the model
    /// is gone, and nothing but a deletion makes room.
    private var reserve: String { "\(directory)/.reserve" }

    /// Makes the reserve unless it is there, where the disk has the room.
    func keepReserve() {
        guard disk.size(of: reserve) == nil else { return }
        try? disk.write([UInt8](repeating: 0, count: 64 << 10), to: reserve)
    }

    /// Forgets a version that cannot be used, until the next start: the newest other one becomes current.
    ///
    /// Its files stay as long as those of any version, whatever changes until then: what cannot be used now
    /// may be repaired, or be read by the program that wrote it.
    package mutating func forget(_ name: String, _ number: Int, because reason: String) {
        guard let stored = stored(name, number) else { return }
        faults.append(StoreFault(path: stored.filePath, reason: reason))
        records[name]?.forget(number)
    }

    private mutating func replace(
        _ record: ModelRecord, for name: String, stored number: Int
    ) throws(StoreError) -> Committed {
        var record = record
        let kept = Retention.kept(of: record, retainedMax: options.retainedMax)
        let dropped = record.drop(allBut: kept).compactMap { stored(name, $0) }
        try write(record, for: name)
        guard let stored = stored(name, number) else { throw .versionNotFound(name, number) }
        return Committed(stored: stored, kept: kept, dropped: dropped)
    }

    private func versionRecord(_ staged: StagedVersion, number: Int, replacing: Int?) -> VersionRecord {
        var record = VersionRecord(
            number: number, source: .data, file: staged.file, bytes: staged.bytes, sha256: staged.sha256)
        record.configurationSHA256 = staged.configurationSHA256
        record.created = staged.created
        record.predecessor = replacing
        record.modelName = staged.modelName
        return record
    }

    /// A name's record, with its folder and a state file in it: a version's folder without any state would
    /// look like somebody else's files after a kill.
    private mutating func preparedRecord(of name: String) throws(StoreError) -> ModelRecord {
        // Any number might have been used already.
        guard !unnumbered.contains(name) else { throw .stateLost(path: folder(name)) }
        let known = records[name]
        if let known, disk.size(of: state(of: name)) != nil { return known }
        guard known != nil || records.count < options.modelsMax else {
            throw .tooManyModels(options.modelsMax)
        }
        try disk.makeDirectory(folder(name))
        if let foreign = try disk.names(in: folder(name)).first {
            throw .notAStore(path: folder(name), found: foreign)
        }
        do {
            try disk.sync(directory)
            let record = known ?? ModelRecord()
            try write(record, for: name)
            return record
        } catch {
            if known == nil { removeUnused(name) }
            throw error
        }
    }

    /// Undoes `preparedRecord` for a first deployment that failed.
    private mutating func removeUnused(_ name: String) {
        records[name] = nil
        try? disk.remove(folder(name))
    }
}

extension Disk {
    /// Deletes the files of versions that nobody remembers; what cannot be deleted is swept at the next
    /// start.
    package func removeFiles(of dropped: [StoredVersion]) {
        for version in dropped where version.record.source == .data { try? remove(version.directory) }
    }
}
