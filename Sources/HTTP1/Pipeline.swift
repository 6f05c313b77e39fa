/// The order of answers on one connection, and when it ends: pure.
///
/// Requests get turns as they arrive; answers are given in any order and written in the order of turns.
///
///     written <= answered out of order ... < arrived
///     [0 1 2] [3 . 5 .]                      turns 0-2 are written, 5 is held until 3 and 4 are
///
/// The connection ends after `lastTurn`: the turn of a request, reply or fault that closes it.
package struct Pipeline: Sendable {
    /// What to do with an answer.
    package enum Order: Sendable, Hashable {
        /// Write it now, then ask `next`.
        case write
        /// Keep it until its turn comes.
        case hold
        /// The turn was answered before, or lies past the end of the connection.
        case drop
    }

    /// The turn that the next request gets.
    package private(set) var arrived: UInt64 = 0
    /// The turn whose answer is written next.
    package private(set) var next: UInt64 = 0
    /// The turn after whose answer the connection closes.
    package private(set) var lastTurn: UInt64?
    /// Whether the request in flight is one that must not overlap others.
    package private(set) var exclusiveInFlight = false
    private let inFlightMax: Int

    /// A pipeline that takes at most `inFlightMax` requests at a time, at least one.
    package init(inFlightMax: Int) {
        self.inFlightMax = max(1, inFlightMax)
    }

    /// Requests whose answers are not written.
    package var inFlight: Int { Int(arrived - next) }

    /// Whether no further request is taken from this connection.
    package var isClosing: Bool { lastTurn != nil }

    /// Whether the last answer is written.
    package var isFinished: Bool { lastTurn.map { next > $0 } ?? false }

    /// Whether a request may be started now. One that must not overlap others starts alone and stays alone.
    package func admits(overlapping: Bool) -> Bool {
        guard !isClosing else { return false }
        return inFlight == 0 || (overlapping && !exclusiveInFlight && inFlight < inFlightMax)
    }

    /// Starts a request that `admits` let in, and gives its turn.
    package mutating func started(overlapping: Bool, keepsAlive: Bool) -> UInt64 {
        let turn = arrived
        arrived += 1
        exclusiveInFlight = !overlapping
        if !keepsAlive { close(after: turn) }
        return turn
    }

    /// What to do with the answer to `turn`; `closes` ends the connection after it, whatever follows.
    package func order(of turn: UInt64) -> Order {
        guard turn >= next, turn < arrived, turn <= lastTurn ?? turn else { return .drop }
        return turn == next ? .write : .hold
    }

    /// The answer to `next` was written; `closes` if it was the connection's last by its own wish.
    package mutating func wrote(closes: Bool) {
        if closes { close(after: next) }
        next += 1
        if next == arrived { exclusiveInFlight = false }
    }

    /// Takes no more requests: the connection ends with those in flight.
    ///
    /// With none in flight nothing is left to write, and `lastTurn` cannot say so: the caller closes.
    package mutating func drain() {
        guard arrived > next else { return }
        close(after: arrived - 1)
    }

    private mutating func close(after turn: UInt64) { lastTurn = min(turn, lastTurn ?? turn) }
}
