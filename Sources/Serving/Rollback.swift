import Registry

extension ModelService {
    /// Serves an earlier version again, durably: the one that the current one replaced, or the named one.
    /// - Throws: `modelNotFound`, `versionNotFound`, `nothingToRollBackTo` or `storage`, or why a version
    ///   that is
    ///   not warm any more cannot be loaded.
    package func rollback(_ name: String, to number: Int? = nil) throws(ServingError) -> ModelVersion {
        let target = try rollbackTarget(of: name, number)
        // Kept versions are warm; only right after a start can one still be on its way.
        let warm = catalog.pin(name, version: target.number)
        let version = if let warm { warm } else { try loaded(target) }
        let (replaced, dropped) = try change { (store) throws(StoreError) in
            let committed = try store.select(name, target.number)
            return (self.show(version, keeping: committed.kept), committed.dropped)
        }
        retire(replaced, keeping: catalog.slot(name))
        staging.disk.removeFiles(of: dropped)
        parts.logger.info("rolled back", metadata: ["model": "\(name)", "version": "\(version.number)"])
        return version
    }

    private func rollbackTarget(of name: String, _ number: Int?) throws(ServingError) -> StoredVersion {
        let found = store.withLock { store -> (exists: Bool, target: StoredVersion?) in
            guard let record = store.records[name], record.current != nil else { return (false, nil) }
            let target = number ?? record.rollbackTarget?.number
            return (true, target.flatMap { store.stored(name, $0) })
        }
        guard found.exists else { throw .modelNotFound(name) }
        if let target = found.target { return target }
        guard let number else { throw .nothingToRollBackTo(name) }
        throw .versionNotFound(name, number)
    }
}
