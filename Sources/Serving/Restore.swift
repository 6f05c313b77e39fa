import Batching
import Registry
import Synchronization

extension ModelService {
    /// Loads and warms up what the data folder and the bundled models hold; then `isReady`.
    ///
    /// The versions to be served come first, several at a time; `progress` is called for each, on any thread.
    /// The versions kept for rollback follow in the background after this has returned, then the measuring of
    /// those served. A version that cannot be served is reported in the log and in `progress`, and the newest
    /// good one takes its place.
    package func restore(progress: @escaping @Sendable (RestoreProgress) -> Void = { _ in }) {
        let names = store.withLock { store in
            for fault in store.faults { self.report(fault.path, fault.reason) }
            return store.records.filter { $0.value.current != nil }.keys.sorted()
        }
        let done = Atomic<Int>(0)
        inParallel(names) { name in
            self.restoreServed(name) { number, failure in
                let count =
                    failure == nil ? done.add(1, ordering: .relaxed).newValue : done.load(ordering: .relaxed)
                progress(
                    RestoreProgress(
                        name: name, number: number, failure: failure, done: count, total: names.count))
            }
        }
        parts.ready.store(true, ordering: .releasing)
        parts.background.run { [weak self] in
            for name in names { self?.restoreKept(name) }
        }
        for version in names.compactMap({ catalog.pin($0) }) { measureWhileServing(version) }
    }

    /// Brings the version to be served up, or the newest good one.
    private func restoreServed(_ name: String, report: (Int, ServingError?) -> Void) {
        while let stored = store.withLock({ store in
            store.records[name]?.current.flatMap { store.stored(name, $0) }
        }) {
            // It was deployed while this one was loading.
            if catalog.pin(name, version: stored.number) != nil { return report(stored.number, nil) }
            do {
                let version = try loaded(stored)
                let replaced = store.withLock { store -> Slot?? in
                    // Something newer was deployed meanwhile.
                    guard store.records[name]?.current == stored.number else { return nil }
                    return self.show(version, keeping: [stored.number])
                }
                if replaced == nil { continue }
                return report(stored.number, nil)
            } catch {
                self.report(stored.filePath, "\(error)")
                report(stored.number, error)
                store.withLock { $0.forget(name, stored.number, because: "\(error)") }
            }
        }
    }

    /// Brings up the versions that are kept beside the served one.
    private func restoreKept(_ name: String) {
        let kept = store.withLock { store in
            (store.records[name]?.versions ?? []).compactMap { store.stored(name, $0.number) }
        }
        for stored in kept.reversed() where catalog.pin(name, version: stored.number) == nil {
            do {
                let version = try loaded(stored)
                version.releaseIdleMemory()
                keep(version)
            } catch {
                report(stored.filePath, "\(error)")
                store.withLock { $0.forget(name, stored.number, because: "\(error)") }
            }
        }
    }

    /// Adds a version to the warm ones, unless it was dropped meanwhile.
    private func keep(_ version: ModelVersion) {
        store.withLock { store in
            guard let slot = self.catalog.slot(version.name), slot.versions[version.number] == nil,
                store.records[version.name]?.version(version.number) != nil
            else { return }
            version.life.move(to: .kept)
            version.metrics.print(as: version.stored, in: self.parts.metrics)
            let versions = slot.versions.merging([version.number: version]) { old, _ in old }
            self.catalog.swap(version.name, to: Slot(serving: slot.current.number, versions: versions))
        }
    }

    /// A stored version, checked against its SHA-256, loaded and warm; its kernels are those that were chosen
    /// for it before.
    func loaded(_ stored: StoredVersion) throws(ServingError) -> ModelVersion {
        if let damage = staging.disk.damage(of: stored) {
            throw .verificationFailed("\(stored.filePath) \(damage)")
        }
        guard let format = ArtifactFormat(fileName: stored.record.file) else {
            throw .unsupportedFormat("\(stored.filePath) is no model file")
        }
        var text: [UInt8]?
        if let path = stored.configurationPath {
            do { text = try staging.disk.read(path, bytesMax: 1 << 20) } catch { throw ServingError(error) }
        }
        let source = ModelSource(
            path: stored.filePath, format: format, configurationText: text,
            modelName: stored.record.modelName,
            bytesMax: configuration.artifactBytesMax, sha256: stored.record.sha256)
        let warm = try warmed(source, replacing: stored.name, measuring: 0).model
        warm.servable.life.move(to: .stored)
        return ModelVersion(warm, stored: stored, parts: parts)
    }

    private func report(_ path: String, _ reason: String) {
        parts.logger.error("cannot be served", metadata: ["path": "\(path)", "reason": "\(reason)"])
    }
}

/// Runs `body` for each name on as many threads as there are processors, and waits for all; on this thread
/// when the system gives none.
func inParallel(
    _ names: [String],
    startThread: (@escaping @Sendable () -> Void) -> Bool = { Batching.startThread($0) },
    _ body: @escaping @Sendable (String) -> Void
) {
    struct Work {
        var waiting: [String]
        var ended = 0
    }
    let work = Monitor(Work(waiting: names.reversed()))
    let run = { @Sendable in
        while let name = work.withLock({ $0.waiting.popLast() }) { body(name) }
    }
    var started = 0
    for _ in 0..<min(names.count, processorCount()) {
        let isStarted = startThread {
            nameThread("restore")
            run()
            work.withLock {
                $0.ended += 1
            } thenWake: { _ in
                .all
            }
        }
        if isStarted { started += 1 }
    }
    if started == 0 { run() }
    work.wait { $0.ended == started ? .done(()) : .sleep(until: nil) }
}

/// One step of `restore`.
package struct RestoreProgress: Sendable {
    package let name: String
    package let number: Int
    /// `nil` when it is warm.
    package let failure: ServingError?
    /// Models warm so far, of `total`.
    package let done: Int
    package let total: Int
}
