import Batching
import Glibc
import Logging
import Registry
import Synchronization
import Telemetry

/// The models: which are served, and every operation on them, one file each.
///
/// `pin` is for event loops; all that loads or writes blocks, and is for control threads.
package final class ModelService: Sendable {
    let configuration: ServingConfiguration
    let parts: ServiceParts
    let catalog = Catalog<ModelVersion>()
    /// Held for the disk's part of a change and the swap that publishes it, so that both happen in one order.
    let store: Mutex<Store>
    let staging: Staging
    let plans: PlanFiles
    /// Where long request bodies and answers go: on the data folder's file system, so that a deployment is
    /// moved from here, and emptied at start.
    package let uploadDirectory: String

    /// Locks the data folder and starts the inference threads; nothing is loaded yet.
    /// - Throws: `dataDirectoryInUse`, `dataDirectoryUnusable` or `storage`.
    package init(configuration: ServingConfiguration, metrics: Metrics, logger: Logger) throws(ServingError) {
        var options = Store.Options()
        options.retainedMax = configuration.retainedMax
        options.modelsMax = configuration.modelsMax
        options.bundledDirectory = configuration.bundledDirectory
        let store: Store
        do {
            store = try Store(directory: configuration.dataDirectory, options: options)
        } catch {
            throw ServingError(error)
        }
        self.configuration = configuration
        staging = store.staging
        plans = PlanFiles(directory: "\(configuration.dataDirectory)/.plans", disk: store.staging.disk)
        uploadDirectory = store.uploadDirectory
        self.store = Mutex(store)
        parts = ServiceParts(configuration: configuration, metrics: metrics, logger: logger)
    }

    /// The version to score with, `nil` for the one served now; hold it until the reply is sent.
    ///
    /// Cheap, never blocks on a deployment, and safe on an event loop.
    package func pin(_ name: String, version: Int? = nil) -> ModelVersion? {
        catalog.pin(name, version: version)
    }

    /// Whether every model known at start is warm.
    package var isReady: Bool { parts.ready.load(ordering: .acquiring) }
}
