/// What is remembered of one name is in its folder twice, so that one damaged file loses nothing: neither
/// which version was served, nor which numbers were used. Of a deleted model nothing else knows its numbers.
extension Store {
    func state(of name: String) -> String { "\(folder(name))/state" }
    func stateCopy(of name: String) -> String { "\(folder(name))/state.copy" }

    /// Makes `record` what is remembered, on disk first; whatever fails, the old state is what the disk
    /// holds.
    ///
    ///     state.tmp, state.copy.tmp written, synced ─> state.copy renamed ─> state renamed ─> folder synced
    ///
    /// The rename of `state` is the commit point. A kill before it leaves at most a copy that is a change
    /// ahead, which the next start puts right.
    mutating func write(_ record: ModelRecord, for name: String) throws(StoreError) {
        let files = [stateCopy(of: name), state(of: name)]
        do {
            for file in files { try disk.write(record.text, to: "\(file).tmp") }
            for file in files { try disk.rename("\(file).tmp", to: file) }
            try disk.sync(folder(name))
        } catch {
            restoreState(of: name)
            throw error
        }
        records[name] = record
    }

    /// After a change that could not be made durable: the old state again, as well as the disk allows.
    private func restoreState(of name: String) {
        for file in [state(of: name), stateCopy(of: name)] {
            try? disk.remove("\(file).tmp")
            put(records[name], in: file)
        }
    }

    /// Makes the file hold that record, unless it does; no record, no file.
    private func put(_ record: ModelRecord?, in file: String) {
        guard let record else {
            try? disk.remove(file)
            return
        }
        guard (try? disk.read(file, bytesMax: Self.stateBytesMax)) != record.text else { return }
        guard (try? disk.write(record.text, to: "\(file).tmp")) != nil else { return }
        try? disk.rename("\(file).tmp", to: file)
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
        let entries = try disk.names(in: folder(name))
        if entries.allSatisfy({ $0.hasPrefix("state") && $0.hasSuffix(".tmp") }) {
            return try disk.remove(folder(name))
        }
        guard entries.contains(where: { $0 == "state" || $0 == "state.copy" }) else {
            faults.append(StoreFault(path: folder(name), reason: "has no state file; left alone"))
            return
        }
        guard let record = recordOfEither(name) else {
            records[name] = rebuiltRecord(of: name, entries)
            unnumbered.insert(name)
            return
        }
        // A first deployment that was killed before its version counted: as if it had not been.
        if record == ModelRecord() { return try disk.remove(folder(name)) }
        records[name] = record
        put(record, in: state(of: name))
        put(record, in: stateCopy(of: name))
        let named = Set(record.versions.filter { $0.source == .data }.map { "\($0.number)" })
        for entry in entries where entry != "state" && entry != "state.copy" && !named.contains(entry) {
            try disk.remove("\(folder(name))/\(entry)")
        }
    }

    /// What the state file says, or its copy where it is damaged or gone; `nil` when neither can be read.
    private mutating func recordOfEither(_ name: String) -> ModelRecord? {
        let record = readRecord(state(of: name))
        let copy = readRecord(stateCopy(of: name))
        switch (record, copy) {
        case (let record?, let copy):
            // One that was never written is no fault: a kill came first.
            if copy == nil, disk.size(of: stateCopy(of: name)) != nil {
                faults.append(StoreFault(path: stateCopy(of: name), reason: "is damaged; written anew"))
            }
            return record
        case (nil, let copy?):
            // Without a state, a kill came between the first two renames.
            if disk.size(of: state(of: name)) != nil {
                faults.append(StoreFault(path: state(of: name), reason: "is damaged; its copy is used"))
            }
            return copy
        case (nil, nil):
            faults.append(
                StoreFault(
                    path: state(of: name),
                    reason: "and its copy are damaged; the newest version on disk is served, and the model "
                        + "cannot be changed"))
            return nil
        }
    }

    private func readRecord(_ file: String) -> ModelRecord? {
        let bytes = try? disk.read(file, bytesMax: Self.stateBytesMax)
        return bytes.flatMap { ModelRecord(text: $0) }
    }

    /// What the folders say, when no state file can: sizes and sums are taken as they are found.
    private func rebuiltRecord(of name: String, _ entries: [String]) -> ModelRecord {
        let numbers = entries.compactMap { Int($0) }.filter { $0 > 0 && $0 < Int.max }.sorted()
        let versions = numbers.compactMap { foundVersion(in: folder(name, $0), number: $0, source: .data) }
        return ModelRecord(next: (numbers.last ?? 0) + 1, current: versions.last?.number, versions: versions)
    }

    private static var stateBytesMax: Int { 1 << 20 }
}
