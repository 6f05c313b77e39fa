/// Bounds on what a model file may ask for; a file past one is refused, a run past one fails.
package struct NetworkLimits: Sendable {
    /// Bytes of the model file and of each external data file.
    package var fileBytesMax = 2 << 30
    /// Nodes in all graphs and subgraphs, after inlining local functions.
    package var nodesMax = 200_000
    /// Graphs inside graphs.
    package var depthMax = 16
    /// Bytes of all values alive at once in a run, and of all constants computed at load time.
    package var memoryBytesMax = 4 << 30
    /// Elementary operations in one run (about a nanosecond each): a hostile graph ends here.
    package var operationsMax = 1 << 38
    /// Elements of all outputs of a run together: what an answer is written from. A sequence may hold one
    /// tensor many times over, so that the memory of a run does not bound it.
    package var outputElementsMax = 1 << 28
    /// Iterations of one `Loop` or `Scan`.
    package var iterationsMax = 1 << 20

    /// The defaults of the server.
    package init() {}
}

/// How a network is made ready.
package struct NetworkOptions: Sendable {
    /// What computes a network.
    package enum Arithmetic: Sendable {
        /// The planned fast kernels where they can, the reference operators elsewhere.
        case fast
        /// The same, with every convolution in the least exact form that measuring could choose for it.
        case leastExact
        /// The reference operators alone.
        case reference
        /// The reference operators in 64-bit floats: what the others are held against. Outputs are float64.
        case doubles

        var isPlanned: Bool {
            switch self {
            case .fast, .leastExact: true
            case .reference, .doubles: false
            }
        }
    }

    /// Fold constants and batch normalisation, fuse activations; off runs the file's own nodes (the
    /// reference).
    package var optimises = true
    /// What computes.
    package var arithmetic = Arithmetic.fast
    /// What `Network.measuredPlan` said of the same file before; ignored when it is of another processor.
    package var measuredPlan: String?
    /// Whether that was said of another file, mostly an earlier version of the same model. Convolutions of
    /// the same sizes take over what was measured; of the others, `Network.measure` measures those.
    package var isPlanInherited = false

    /// The defaults of the server.
    package init() {}
}
