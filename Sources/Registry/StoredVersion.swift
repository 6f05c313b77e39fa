/// A version that is safe on disk.
package struct StoredVersion: Sendable, Hashable {
    package let name: String
    package let record: VersionRecord
    /// The folder that holds its files.
    package let directory: String

    package var number: Int { record.number }
    package var filePath: String { "\(directory)/\(record.file)" }
    package var configurationPath: String? {
        record.configurationSHA256.map { _ in "\(directory)/model.yaml" }
    }

    package init(name: String, record: VersionRecord, directory: String) {
        self.name = name
        self.record = record
        self.directory = directory
    }
}
