/// Whether the listener may accept: pure.
///
///     accepting --(bound reached)--> full ------(one closes)------> accepting
///     accepting --(no descriptors)-> exhausted -(one closes, or the retry time)-> accepting
///     any ------> stopped
///
/// While it is not accepting, connections wait in the kernel's backlog; none is refused, nothing spins.
package struct AcceptGate: Sendable {
    /// The three ways of not accepting, and accepting.
    package enum State: Sendable, Hashable {
        case accepting, full, exhausted, stopped
    }

    /// Where the gate stands; connections open now, accepted ever, and how often it paused.
    package private(set) var state = State.accepting
    package private(set) var open = 0
    package private(set) var accepted = 0
    package private(set) var pauses = 0
    private let openMax: Int

    /// A gate that lets at most `openMax` connections be open, at least one.
    package init(openMax: Int) {
        self.openMax = max(1, openMax)
    }

    /// A connection was accepted. False if the listener must now pause.
    package mutating func opened() -> Bool {
        open += 1
        accepted += 1
        guard state == .accepting, open >= openMax else { return state == .accepting }
        pause(.full)
        return false
    }

    /// A connection was closed. True if the listener must be taken up again.
    package mutating func closed() -> Bool {
        open -= 1
        switch state {
        case .accepting, .stopped: return false
        case .full, .exhausted: return resume()
        }
    }

    /// The system has no descriptor or memory for another connection: the listener must pause.
    package mutating func ranOut() {
        if state == .accepting { pause(.exhausted) }
    }

    /// The time to try again has come. True if the listener must be taken up again.
    package mutating func retried() -> Bool {
        guard state == .exhausted else { return false }
        return resume()
    }

    /// No more connections, for good.
    package mutating func stop() { state = .stopped }

    private mutating func pause(_ reason: State) {
        state = reason
        pauses += 1
    }

    private mutating func resume() -> Bool {
        guard open < openMax else { return false }
        state = .accepting
        return true
    }
}
