import Batching
import Imaging

/// What a `model.yaml` says; everything in it is optional.
package struct ModelConfiguration: Sendable {
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

    package var labels: [String]?
    package var image: ImageRecipe?
    package var output = Output.probabilities
    package var batching = BatchPolicy()
    package var run = Run.auto
    /// Inputs of the golden test, by file name beside the model.
    package var golden: String?

    package init() {}
}
