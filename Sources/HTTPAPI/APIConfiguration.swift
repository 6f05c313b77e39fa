/// What the HTTP layer bounds, and who may do what.
package struct APIConfiguration: Sendable {
    /// Tokens and addresses.
    package var roles = Roles()
    /// Bytes of a request body that is scored, after decoding; more is 413.
    package var bodyBytesMax = 32 << 20
    /// Bytes of a table, after decoding, and as many of its answer, which are on disk; more is 413.
    package var tableBytesMax = 2 << 30
    /// Bytes of an uploaded model, after decoding; more is 413.
    package var modelBytesMax = 2 << 30
    /// Requests of one batch, and rows of one table of a model with group fields; more is 413.
    package var batchRowsMax = 100_000
    /// Rows that are handed to the model at a time.
    package var chunkRows = 1024
    /// Bytes of one JSON answer, which is in memory; more is 413.
    package var answerBytesMax = 256 << 20
    /// Bytes of a JSON body up to which it is parsed on the event loop that read it.
    package var loopBodyBytesMax = 16_384
    /// Threads that take large bodies apart and put large answers together.
    package var codecThreads = 2
    /// Large bodies that may wait for a thread; the next is refused with 503.
    package var codecDepthMax = 256
    /// Threads for deployments and other changes.
    package var controlThreads = 2
    /// Changes that may wait for a thread; the next is refused with 503.
    package var controlDepthMax = 64
    /// Of this build, as `X-Application` says it.
    package var version = "1.0.0"

    package init() {}

    /// `Openscoring/2.1.x` comes first, the one value that every published client takes; ours follows.
    package var identity: String { "Openscoring/2.1.1, Augur/\(version)" }
}
