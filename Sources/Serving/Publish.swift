import Registry

/// A model's warm versions, as the catalog holds them.
typealias Slot = Catalog<ModelVersion>.Slot

extension ModelService {
    /// Changes the store and the catalog as one step.
    func change<Result>(
        _ body: (inout Store) throws(StoreError) -> sending Result
    ) throws(ServingError) -> sending Result {
        do {
            return try store.withLock { (store) throws(StoreError) -> sending Result in try body(&store) }
        } catch {
            throw ServingError(error)
        }
    }

    /// Makes a version the one served, in one swap; of the others those in `kept` stay warm.
    ///
    /// Called with the store's lock held. Returns what was there before.
    func show(_ version: ModelVersion, keeping kept: Set<Int>) -> Slot? {
        let before = catalog.slot(version.name)
        var versions = (before?.versions ?? [:]).filter { kept.contains($0.key) }
        versions[version.number] = version
        let stored = version.stored
        version.metrics.print(as: stored, in: parts.metrics)
        let slot = Slot(serving: version.number, versions: versions)
        catalog.swap(version.name, to: slot)
        if let previous = before?.current, previous !== version { previous.life.move(to: .kept) }
        version.life.move(to: .serving)
        return before
    }

    /// Lets go of the versions of `before` that are not in `after`: they finish what they have, then are
    /// freed.
    func retire(_ before: Slot?, keeping after: Slot?) {
        if let previous = before?.current, after?.current !== previous { previous.releaseIdleMemory() }
        for (number, version) in before?.versions ?? [:] where after?.versions[number] !== version {
            version.life.move(to: .draining)
            VersionMetrics.retire(version.name, number, in: parts.metrics)
        }
    }
}
