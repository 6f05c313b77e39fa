/// Why a tensor could not be made.
package enum TensorError: Error, Hashable {
    /// A dimension below zero.
    case negativeDimension([Int])
    /// The elements would take more than `limit` bytes.
    case tooLarge(dims: [Int], limit: Int)
    /// `given` elements for a shape of `expected`.
    case countMismatch(expected: Int, given: Int)
    /// The system had no memory left for this many bytes.
    case outOfMemory(bytes: Int)
}
