import Tensors

/// A model ready to run. Safe to run from many threads at once; freed as a whole when the last reference goes.
package final class Network: Sendable {
    /// What a run must be given: the graph's inputs that have no initializer.
    package let inputs: [Port]
    /// What a run returns.
    package let outputs: [Port]
    /// What the file says about itself.
    package let metadata: NetworkMetadata

    private init(inputs: [Port], outputs: [Port], metadata: NetworkMetadata) {
        (self.inputs, self.outputs, self.metadata) = (inputs, outputs, metadata)
    }

    /// Reads, validates and optimises the ONNX file at `path`. The file stays mapped while the network lives, so it
    /// may be unlinked or replaced by rename, but not overwritten in place.
    package static func load(
        path: String, limits: NetworkLimits = NetworkLimits(), options: NetworkOptions = NetworkOptions()
    ) throws(ONNXError) -> Network {
        throw .unsupported(node: "graph", feature: "loading")
    }

    /// Evaluates the graph on `inputs` by name.
    /// - Returns: every output, in the graph's order.
    /// - Throws: `.wrongInput` for a missing, unknown, wrongly typed or wrongly shaped input; `.execution`;
    ///   `.tooLarge` past the limits.
    package func run(_ inputs: [String: Tensor]) throws(ONNXError) -> [(name: String, value: NetworkValue)] {
        throw .unsupported(node: "graph", feature: "running")
    }

    /// True when requests can be joined along axis 0: every input's and output's first axis is one symbolic
    /// dimension, and no other axis is that dimension.
    package var isBatchable: Bool { false }

    /// Text for `augur describe`: each node with its shapes and how it is run.
    package func describePlan() -> String { "" }
}
