import Batching
import Imaging
import ONNX
import Tensors

/// An ONNX network behind its micro-batchers, with what its `model.yaml` says about images and labels.
package final class NetworkServable: Sendable {
    /// For its inputs, outputs and metadata; data is scored through `submit`.
    package let network: Network
    /// How an image becomes the network's input; `nil` when it takes tensors only.
    package let recipe: ImageRecipe?
    /// The classes' names, in the order of the last axis of the first output.
    package let labels: [String]?
    /// Whether the first output holds logits, which become probabilities by softmax.
    package let outputIsLogits: Bool
    private let batching: ServableBatching

    init(model: NetworkModel, batching: ServableBatching) {
        network = model.network
        recipe = model.pipeline?.recipe
        labels = model.labels
        outputIsLogits = model.outputIsLogits
        self.batching = batching
    }

    /// Scores the rows of one request; `completion` gets one answer a row, in order, on whichever thread
    /// computed the last of them.
    ///
    /// The caller keeps its `ModelVersion` until then: capture it in `completion`.
    /// - Parameter lane: the event loop that this is called on, `nil` from any other thread.
    package func submit(
        _ rows: [NetworkInput], on lane: LoopLane?,
        completion: @escaping @Sendable ([Result<NetworkAnswer, NetworkFailure>], Timing) -> Void
    ) -> Submission {
        let job = NetworkJob(rows: rows, completion: completion)
        // Decoding an image is never cheap enough for the event loop.
        let isImage = rows.contains { if case .image = $0 { true } else { false } }
        return batching.submit(job, rows: rows.count, on: isImage ? nil : lane)
    }

    /// Takes a request whose caller left out of the queue; its completion is then not called.
    ///
    /// False when it has been computed, or is being computed, in full.
    @discardableResult
    package func cancel(_ ticket: Ticket) -> Bool { batching.cancel(ticket) }
}

/// One row for a network.
package enum NetworkInput: Sendable {
    /// A JPEG or PNG file; needs a recipe.
    case image([UInt8])
    /// A tensor for each input by its name, batch axis included. Rows whose first axes are 1 (or equal in all
    /// inputs) are batched with others when the network allows.
    case tensors([String: Tensor])
}

/// What a network said about one row.
package enum NetworkAnswer: Sendable {
    /// The network has labels, and its first output is one score for each.
    case classification(Classification)
    /// Every output by name, in the network's order, batch axis included.
    case outputs([(name: String, value: NetworkValue)])
}

/// A probability for each class.
package struct Classification: Sendable, Hashable {
    /// In the order of the servable's labels; they sum to 1 when the network says probabilities or logits.
    package let probabilities: [Float]

    /// Class indices from the most to the least probable, at most `count`; equal ones in label order.
    package func top(_ count: Int) -> [Int] {
        let order = probabilities.indices.sorted {
            (probabilities[$1], $0) < (probabilities[$0], $1)
        }
        return Array(order.prefix(max(0, count)))
    }
}

/// Why one row could not be scored; its neighbours are not affected.
package enum NetworkFailure: Error {
    /// The bytes are no image that can be decoded.
    case image(ImageError)
    /// An image was given to a network without a recipe.
    case takesNoImages
    /// The tensors do not fit the network's inputs, or computing failed.
    case network(ONNXError)
}
