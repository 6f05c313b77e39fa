import Foundation
import Synchronization

@testable import Registry

/// A folder that goes when the test does.
final class TemporaryFolder: Sendable {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "augur-registry-" + UUID().uuidString
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Every file and folder below, relative, sorted; the lock and the staging folders left out.
    var contents: [String] {
        let all = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        return all.filter { !$0.hasPrefix("data/.") && $0 != "data" }.sorted()
    }

    func write(_ text: String, to file: String) throws {
        let url = URL(fileURLWithPath: "\(path)/\(file)")
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }
}

/// The disk's steps so far, and from which one on they fail.
final class Fault: Sendable {
    enum Kind: Sendable {
        /// That step fails, the next ones work: a full disk, say.
        case once
        /// That step and all later ones fail: nothing is cleaned up, as after kill -9.
        case crash
    }

    private let count = Mutex(0)
    private let armed: Mutex<(at: Int, kind: Kind)?> = Mutex(nil)

    var steps: Int { count.withLock { $0 } }

    func arm(at step: Int, _ kind: Kind) {
        count.withLock { $0 = 0 }
        armed.withLock { $0 = (step, kind) }
    }

    func disarm() { armed.withLock { $0 = nil } }

    var disk: Disk {
        Disk { step throws(StoreError) in
            let number = self.count.withLock { count in
                count += 1
                return count
            }
            guard let armed = self.armed.withLock({ $0 }) else { return }
            let fails = armed.kind == .once ? number == armed.at : number >= armed.at
            if fails { throw .disk(operation: "\(step)", path: "", code: 28) }
        }
    }
}

extension TemporaryFolder {
    func store(disk: Disk = Disk(), bundled: Bool = false, retained: Int = 2) throws(StoreError) -> Store {
        var options = Store.Options()
        options.retainedMax = retained
        options.bundledDirectory = bundled ? "\(path)/models" : nil
        return try Store(directory: "\(path)/data", options: options, disk: disk)
    }
}

extension Store {
    /// Stages and commits a model file with that text.
    @discardableResult
    mutating func deploy(
        _ name: String, _ text: String, yaml: String? = nil
    ) throws(StoreError) -> Committed {
        guard let model = ModelName(name) else { throw .modelNotFound(name) }
        let folder = try staging.begin()
        do {
            try disk.write(Array(text.utf8), to: "\(folder)/model.pmml")
            let staged = try staging.finish(
                folder, file: "model.pmml", sha256: Checksum.of(Array(text.utf8)),
                configuration: yaml.map { Array($0.utf8) })
            return try commit(staged, as: model)
        } catch {
            staging.discard(folder)
            throw error
        }
    }

    /// The text of the model file being served.
    func served(_ name: String) -> String? {
        guard let current = records[name]?.current, let version = stored(name, current) else { return nil }
        guard disk.damage(of: version) == nil else { return nil }
        return try? String(decoding: disk.read(version.filePath, bytesMax: 1 << 20), as: UTF8.self)
    }
}
