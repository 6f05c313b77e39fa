import Batching

/// How models are stored, kept and run; every default is what `augur serve` uses without configuration.
package struct ServingConfiguration: Sendable {
    /// The folder that deployments go to; made when absent, owned by one process at a time.
    package var dataDirectory: String
    /// The folder of bundled models, `NAME/VERSION/model.onnx|model.pmml`; only read. `nil` for none.
    package var bundledDirectory: String?
    /// Threads for dear models; 0 for one for each processor.
    package var threads = 0
    /// Event loops that will submit requests, each with its own lane for cheap models.
    package var loops = 1
    /// Newest versions of a model kept, at least 1; the one served is kept too, and above 1 the one it
    /// replaced.
    package var retainedMax = 2
    /// Bytes of one model file at most.
    package var artifactBytesMax = 2 << 30
    /// Names that can be in use or remembered as deleted.
    package var modelsMax = 10_000
    /// A batch of one row that takes longer than this at warm-up goes to the threads, in nanoseconds.
    package var loopCostMax: UInt64 = 200_000
    /// What a model gets whose `model.yaml` says nothing about batching.
    package var batching = BatchPolicy()

    package init(dataDirectory: String, bundledDirectory: String? = nil) {
        self.dataDirectory = dataDirectory
        self.bundledDirectory = bundledDirectory
    }
}
