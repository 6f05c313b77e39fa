extension ModelService {
    /// Ends the inference threads: waits at most `seconds` for what is queued or running, then drops the
    /// rest.
    package func shutdown(withinSeconds seconds: Double) {
        parts.pool.stop(withinSeconds: seconds)
    }
}
