/// The bounds a micro-batcher keeps.
package struct BatchPolicy: Sendable, Hashable {
    /// Rows of one batch at most, at least 1.
    package var sizeMax: Int
    /// Requests waiting at most; the next one is refused at once.
    package var depthMax: Int
    /// Nanoseconds that the oldest request may wait for a batch to fill; 0 starts as soon as a thread is
    /// idle.
    package var delayMax: UInt64
    /// Whether a batch that need not wait has a power of two of rows, as far as so many wait: for work whose
    /// time does not rise evenly with its rows.
    package var prefersPowersOfTwo = false

    /// Sizes below 1 become 1.
    package init(sizeMax: Int = 32, depthMax: Int = 1024, delayMax: UInt64 = 0) {
        self.sizeMax = max(1, sizeMax)
        self.depthMax = max(1, depthMax)
        self.delayMax = delayMax
    }
}

/// What became of a request that was handed to a micro-batcher.
package enum Submission: Sendable, Hashable {
    /// Its completion is called exactly once, unless it is cancelled first.
    case accepted(Ticket)
    /// `depthMax` requests wait already; nothing is called.
    case refused
}

/// Names one accepted request of one micro-batcher, for cancelling it.
package struct Ticket: Sendable, Hashable {
    let number: UInt64
    /// The queue it waits in: an event loop's, or 0 for the threads' one.
    let lane: Int
    /// Whether it runs on an event loop.
    package let isInline: Bool
}

/// An event loop, as far as batching needs to know one.
package struct LoopLane: Sendable {
    /// The loop's index, from 0.
    package let index: Int
    /// Runs the work on that loop, after every request that its current round brought was dispatched.
    package let atEndOfRound: @Sendable (@escaping @Sendable () -> Void) -> Void

    /// A loop by its index and its way to run something at the end of a round.
    package init(index: Int, atEndOfRound: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void) {
        self.index = index
        self.atEndOfRound = atEndOfRound
    }
}
