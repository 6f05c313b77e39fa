import Batching
import CProcess
import Logging
import Registry
import Synchronization
import Telemetry

/// What the operations share, made once.
final class ServiceParts: Sendable {
    let configuration: ServingConfiguration
    let metrics: Metrics
    let logger: Logger
    let pool: InferencePool
    let reaper = Reaper()
    let background = Background()
    let ready = Atomic<Bool>(false)

    init(configuration: ServingConfiguration, metrics: Metrics, logger: Logger) {
        augur_return_large_blocks()
        self.configuration = configuration
        self.metrics = metrics
        self.logger = logger
        let threads = configuration.threads > 0 ? configuration.threads : processorCount()
        pool = InferencePool(threads: threads) { index in
            nameThread("infer-\(index)")
            lengthenThreadSlice()
        }
    }
}
