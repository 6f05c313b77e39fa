/// Where the time of one request went.
package struct Timing: Sendable, Hashable {
    /// Nanoseconds from submission to the start of the first batch with a row of it.
    package var queue: UInt64
    /// Nanoseconds that the batches with its rows ran, decoding its images included.
    package var inference: UInt64
    /// Rows of the largest of those batches, other requests' rows included.
    package var batchRows: Int
}
