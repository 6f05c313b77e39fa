import Registry

extension ModelService {
    /// Removes a model and all its versions, durably; requests in flight finish.
    /// - Throws: `modelNotFound` or `storage`.
    package func undeploy(_ name: String) throws(ServingError) {
        let (before, dropped) = try change { (store) throws(StoreError) in
            let dropped = try store.remove(name)
            return (self.catalog.swap(name, to: nil), dropped)
        }
        retire(before, keeping: nil)
        staging.disk.removeFiles(of: dropped)
        parts.logger.info("undeployed", metadata: ["model": "\(name)"])
    }
}
