import Batching
import Imaging

/// What a `model.yaml` says; everything in it is optional.
package struct ModelConfiguration: Sendable, Hashable {
    /// What a network's first output holds.
    package enum Output: String, Sendable, CaseIterable {
        case probabilities, logits
    }

    /// Where batches run.
    package enum Run: String, Sendable, CaseIterable {
        /// Decided by the cost measured at warm-up.
        case auto
        case loop, threads
    }

    /// One row whose answer is known: the network must give it at warm-up, or is not deployed.
    package struct Golden: Sendable, Hashable {
        /// The first input, batch 1, row-major.
        package var input: [Double]
        /// The first output, as the network gives it.
        package var output: [Double]
        /// How far each value may be off, absolutely.
        package var tolerance = 1e-3
    }

    /// The classes' names, in the order of the first output's last axis.
    package var labels: [String]?
    /// How a picture becomes the network's input.
    package var image: ImageRecipe?
    package var output = Output.probabilities
    /// Rows of a batch at most; `nil` is decided by the cost measured at warm-up.
    package var sizeMax: Int?
    /// Requests waiting at most; `nil` is the service's default.
    package var depthMax: Int?
    /// Nanoseconds that a request may wait on the threads for a batch to fill; `nil` is the service's
    /// default.
    package var delayMax: UInt64?
    package var run = Run.auto
    package var golden: Golden?

    package init() {}
}
