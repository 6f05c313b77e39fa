/// A version that is safe on disk.
package struct StoredVersion: Sendable, Hashable {
    package let name: String
    package let record: VersionRecord
    /// The folder that holds its files.
    package let directory: String

    /// Its number, from 1; 0 for a dry run.
    package var number: Int { record.number }
    /// The model file.
    package var filePath: String { "\(directory)/\(record.file)" }
    /// Its `model.yaml`, its own or the one it inherits; `nil` without one.
    package let configurationPath: String?

    /// A version by its record and its place.
    package init(name: String, record: VersionRecord, directory: String, configurationPath: String?) {
        self.name = name
        self.record = record
        self.directory = directory
        self.configurationPath = configurationPath
    }
}
