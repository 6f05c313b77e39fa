/// Where the models are on disk, and what is remembered of each name.
///
///     DATA/.lock                  locked by the one process that owns the folder
///     DATA/.staging/              deployments under way; emptied at start
///     DATA/.uploads/              request bodies and answers on their way; emptied at start
///     DATA/.plans/                not the store's: what was measured on networks
///     DATA/.reserve               given up by a deletion on a full disk
///     DATA/NAME/state             which version is served, the next number: the commit point of every change
///     DATA/NAME/state.copy        the same once more, read when `state` cannot be
///     DATA/NAME/VERSION/          model.pmml or model.onnx, and model.yaml if it has one
///
/// A change writes the new `state` beside the old one, syncs it, renames it over and syncs the folder
/// (`Store+state.swift`): at any moment the folder holds the state before or the state after. A version's
/// folder that no state names is what a killed deployment left, and is swept at the next start. Deleting a
/// model leaves its `state`, so that its numbers stay used and a bundled model of that name stays deleted.
///
/// A value with one owner: whoever changes it holds the owner's lock for the time of the disk's work.
package struct Store: Sendable {
    package let directory: String
    /// Found at start: what is on disk and cannot be used.
    package internal(set) var faults: [StoreFault] = []
    /// By model name, deleted models included.
    package internal(set) var records: [String: ModelRecord] = [:]
    /// Names whose next number nothing on disk tells any more: served, but not changed.
    var unnumbered: Set<String> = []
    /// Versions in the bundled folder, by model name and number.
    var bundled: [String: [Int: StoredVersion]] = [:]
    let options: Options
    let disk: Disk
    private let lock: FolderLock

    /// The bounds of a store.
    package struct Options: Sendable {
        /// Newest versions of a model kept; the one served and the one it replaced stay too (`Retention`).
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
        keepReserve()
        try readStates()
        try readBundled()
    }

    /// Where deployments are gathered.
    package var staging: Staging { Staging(directory: "\(directory)/.staging", disk: disk) }

    /// Where long request bodies and answers go; a deployment is taken from here.
    package var uploadDirectory: String { "\(directory)/.uploads" }

    /// A version that the records know, with where its files are.
    package func stored(_ name: String, _ number: Int) -> StoredVersion? {
        records[name]?.version(number).flatMap { stored(name, $0) }
    }

    func stored(_ name: String, _ record: VersionRecord) -> StoredVersion? {
        switch record.source {
        case .bundled: return bundled[name]?[record.number]
        case .data:
            let path = folder(name, record.number)
            let configuration = record.configurationSHA256.map { _ in "\(path)/model.yaml" }
            return StoredVersion(
                name: name, record: record, directory: path, configurationPath: configuration)
        }
    }

    func folder(_ name: String) -> String { "\(directory)/\(name)" }
    func folder(_ name: String, _ number: Int) -> String { "\(directory)/\(name)/\(number)" }
}
