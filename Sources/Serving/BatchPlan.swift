import Batching

/// How a servable's requests are grouped and where they run: a pure function of what was measured and
/// configured.
struct BatchPlan: Sendable, Hashable {
    var policy: BatchPolicy
    var placement: Placement

    /// What is known of a servable when its plan is made.
    struct Facts: Sendable, Hashable {
        /// Nanoseconds of a batch of one row, measured at warm-up.
        var cost: UInt64
        /// Whether rows of several requests can be computed together.
        var isBatchable: Bool
        /// A batch of one row that takes longer runs on the threads.
        var loopCostMax: UInt64
        /// Whether it is a network: its kernels fill their registers best with the rows that warm-up ran (a
        /// picture of the bundled network takes 474 us in a batch of 8, and 572 in one of 9).
        var isNetwork = false
    }

    /// A batch should not hold its thread longer than this: the next requests wait behind it.
    static let batchCostMax: UInt64 = 50_000_000

    init(_ facts: Facts, configuration: ModelConfiguration, defaults: BatchPolicy) {
        let cost = max(1, facts.cost)
        let affordable = Self.powerOfTwo(atMost: Self.batchCostMax / cost)
        let sizeMax = configuration.sizeMax ?? min(defaults.sizeMax, affordable)
        policy = BatchPolicy(
            sizeMax: facts.isBatchable ? sizeMax : 1, depthMax: configuration.depthMax ?? defaults.depthMax,
            delayMax: configuration.delayMax ?? defaults.delayMax)
        // One request may take as long on the loop as one row of the dearest model there.
        let rowsMax = max(1, Int(clamping: facts.loopCostMax / cost))
        switch configuration.run {
        case .threads: placement = .threads
        case .loop: placement = .loop(rowsMax: rowsMax)
        case .auto: placement = facts.cost > facts.loopCostMax ? .threads : .loop(rowsMax: rowsMax)
        }
        policy.prefersPowersOfTwo = facts.isNetwork && placement == .threads
    }

    private static func powerOfTwo(atMost bound: UInt64) -> Int {
        var size = 1
        while size < 4096, UInt64(size) * 2 <= bound { size *= 2 }
        return size
    }
}
