import Batching
import Logging
import Registry
import Telemetry

/// The models: which are served, and every operation on them.
///
/// `pin` is for event loops; all that writes to disk blocks and is for control threads.
package final class ModelService: Sendable {
    let configuration: ServingConfiguration
    let parts: ServiceParts
    let catalog = Catalog<ModelVersion>()

    /// Locks the data folder and starts the inference threads; nothing is loaded yet.
    /// - Throws: `dataDirectoryInUse`, `dataDirectoryUnusable` or `storage`.
    package init(configuration: ServingConfiguration, metrics: Metrics, logger: Logger) throws(ServingError) {
        self.configuration = configuration
        parts = ServiceParts(configuration: configuration, metrics: metrics, logger: logger)
    }

    /// Where request bodies go that are to be deployed: on the data folder's file system, emptied at start.
    package var uploadDirectory: String { configuration.dataDirectory + "/.staging" }

    /// The version to score with, `nil` for the one served now; hold it until the reply is sent.
    ///
    /// Cheap, never blocks on a deployment, and safe on an event loop.
    package func pin(_ name: String, version: Int? = nil) -> ModelVersion? {
        catalog.pin(name, version: version)
    }

    /// Whether every model known at start is warm.
    package var isReady: Bool { parts.ready.load(ordering: .acquiring) }
}
