import Glibc
import Synchronization

/// Where a deployment's files are gathered before they become a version, on the same file system as the
/// versions.
package struct Staging: Sendable {
    /// Holds one folder for each deployment under way; emptied at start.
    package let directory: String
    package let disk: Disk

    package init(directory: String, disk: Disk) {
        self.directory = directory
        self.disk = disk
    }

    /// An empty folder of its own for one deployment.
    package func begin() throws(StoreError) -> String {
        let number = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
        let path = "\(directory)/\(getpid())-\(number)"
        try disk.makeDirectory(path)
        return path
    }

    /// Makes the files of a deployment's folder durable and says what they are.
    /// - Parameter sha256: of the model file.
    package func finish(
        _ path: String, file: String, sha256: String, configuration: [UInt8]?
    ) throws(StoreError) -> StagedVersion {
        let model = "\(path)/\(file)"
        try disk.sync(model)
        if let configuration { try disk.write(configuration, to: "\(path)/model.yaml") }
        try disk.sync(path)
        return StagedVersion(
            directory: path, file: file, bytes: disk.size(of: model) ?? 0, sha256: sha256,
            configurationSHA256: configuration.map(Checksum.of))
    }

    /// Throws a deployment's folder away; what cannot be removed now is swept at the next start.
    package func discard(_ path: String) {
        try? disk.remove(path)
    }

    private static let count = Atomic<Int>(0)
}

/// A deployment's files, durable, but not yet a version.
package struct StagedVersion: Sendable, Hashable {
    package let directory: String
    package let file: String
    package let bytes: Int
    package let sha256: String
    package let configurationSHA256: String?
    /// Which model of a PMML document was asked for.
    package var modelName: String?
    /// Milliseconds since 1970.
    package var created: Int64 = 0
}
