/// Where the models are on disk, and what is remembered of each name.
///
///     DATA/.lock                  locked by the one process that owns the folder
///     DATA/.staging/, .uploads/   deployments under way; emptied at start
///     DATA/NAME/state             which version is served, the next number: the commit point of every change
///     DATA/NAME/VERSION/          model.pmml or model.onnx, and model.yaml if it has one
///
/// A change writes the new `state` beside the old one, syncs it, renames it over and syncs the folder: at any
/// moment the folder holds the state before or the state after. A version's folder that no state names is
/// what a killed deployment left, and is swept at the next start. Deleting a model leaves its `state`, so
/// that its numbers stay used and a bundled model of that name stays deleted.
///
/// A value with one owner: whoever changes it holds the owner's lock for the time of the disk's work.
package struct Store: Sendable {
    package let directory: String
    /// Found at start: what is on disk and cannot be used.
    package internal(set) var faults: [StoreFault] = []
    /// By model name, deleted models included.
    package internal(set) var records: [String: ModelRecord] = [:]
    /// Versions in the bundled folder, by model name and number.
    var bundled: [String: [Int: StoredVersion]] = [:]
    let options: Options
    let disk: Disk
    private let lock: FolderLock

    /// The bounds of a store.
    package struct Options: Sendable {
        /// Versions of a model kept, the served one included.
        package var retainedMax = 2
        /// Names in use or remembered as deleted.
        package var modelsMax = 10_000
        /// The read-only folder of bundled models.
        package var bundledDirectory: String?

        /// Two versions a model, 10,000 names, no bundled models.
        package init() {}
    }

    /// Takes the folder over, made if absent: locks it, sweeps what a killed process left, reads every state.
    /// - Throws: `inUse`, `notAStore` for a folder with something else in it, or `disk`.
    package init(directory: String, options: Options, disk: Disk = Disk()) throws(StoreError) {
        self.directory = directory
        self.options = options
        self.disk = disk
        try disk.makeDirectories(directory)
        let foreign = try disk.names(in: directory).first { $0 != "lost+found" }
        if let foreign, disk.size(of: "\(directory)/.lock") == nil {
            throw .notAStore(path: directory, found: foreign)
        }
        lock = try FolderLock(directory: directory)
        try sweepStaging()
        try readStates()
        try readBundled()
    }

    /// Where deployments are gathered.
    package var staging: Staging { Staging(directory: "\(directory)/.staging", disk: disk) }

    /// Where request bodies go that become deployments.
    package var uploadDirectory: String { "\(directory)/.uploads" }

    /// A version that the records know, with where its files are.
    package func stored(_ name: String, _ number: Int) -> StoredVersion? {
        guard let record = records[name]?.version(number) else { return nil }
        switch record.source {
        case .bundled: return bundled[name]?[number]
        case .data:
            let path = folder(name, number)
            let configuration = record.configurationSHA256.map { _ in "\(path)/model.yaml" }
            return StoredVersion(
                name: name, record: record, directory: path, configurationPath: configuration)
        }
    }

    func folder(_ name: String) -> String { "\(directory)/\(name)" }
    func folder(_ name: String, _ number: Int) -> String { "\(directory)/\(name)/\(number)" }

    /// Makes `record` what is remembered, on disk first; whatever fails, the old state is what the disk
    /// holds.
    mutating func write(_ record: ModelRecord, for name: String) throws(StoreError) {
        let state = "\(folder(name))/state"
        let fresh = "\(state).tmp"
        try disk.write(record.text, to: fresh)
        do {
            try disk.rename(fresh, to: state)
        } catch {
            try? disk.remove(fresh)
            throw error
        }
        do {
            try disk.sync(folder(name))
        } catch {
            restoreState(of: name)
            throw error
        }
        records[name] = record
    }

    /// After a rename that could not be made durable: the old state again, as well as the disk allows.
    private func restoreState(of name: String) {
        let state = "\(folder(name))/state"
        guard let old = records[name] else {
            try? disk.remove(state)
            return
        }
        guard (try? disk.write(old.text, to: "\(state).tmp")) != nil else { return }
        try? disk.rename("\(state).tmp", to: state)
    }
}
