import Registry

extension ModelService {
    /// Deploys a model: reads, validates, optimises, warms up, stores, publishes. Blocks for as long as that takes.
    ///
    /// Any number of threads may deploy at once, also the same name: each gets its own number, the last to be
    /// stored is served. The calling thread's priority is not touched.
    /// - Throws: any `ServingError`; then nothing that is served has changed and nothing is left on disk.
    package func deploy(_ deployment: Deployment) throws(ServingError) -> Deployed {
        throw .unsupportedFormat("not yet")
    }

    /// Removes a model and all its versions, durably; requests in flight finish.
    /// - Throws: `modelNotFound` or `storage`.
    package func undeploy(_ name: String) throws(ServingError) {
        throw .modelNotFound(name)
    }

    /// Serves an earlier version again, durably: the one that the current one replaced, or the named one.
    /// - Throws: `modelNotFound`, `versionNotFound`, `nothingToRollBackTo` or `storage`.
    package func rollback(_ name: String, to number: Int? = nil) throws(ServingError) -> ModelVersion {
        throw .modelNotFound(name)
    }

    /// Loads and warms up what the data folder and the bundled models hold; then `isReady`.
    ///
    /// A version that cannot be served is reported in the log and in `progress`, and the newest good one takes its
    /// place.
    package func restore(
        progress: (RestoreProgress) -> Void = { _ in }
    ) throws(ServingError) {
    }

    /// The served version of each model, by name ignoring case.
    package func list() -> [ModelVersion] {
        []
    }

    /// The versions of a model that can be scored or rolled back to, by rising number; empty for an unknown model.
    package func versions(of name: String) -> [ModelVersion] {
        []
    }

    /// Stops taking work: waits at most `seconds` for what is queued, then ends the threads.
    package func shutdown(withinSeconds seconds: Double) {
    }
}

/// One step of `restore`.
package struct RestoreProgress: Sendable {
    package let name: String
    package let number: Int
    /// `nil` when it is warm.
    package let failure: ServingError?
    package let done: Int
    package let total: Int
}
