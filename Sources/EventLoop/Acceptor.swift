import Glibc
import Synchronization

/// What asking a listener for a connection came to.
enum Accepted {
    case connection(Socket, peer: String)
    /// None is waiting.
    case none
    /// This one was given up by its client; the next may be asked for.
    case lost
    /// Out of descriptors or memory.
    case exhausted

    init(failure code: Int32) {
        switch code {
        case EAGAIN: self = .none
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: self = .exhausted
        default: self = .lost
        }
    }
}

/// Accepts connections on one loop and gives each to whoever it is told, within the gate's bound.
///
/// One loop accepts for all: the bound is exact, the load is even, and a second process cannot listen on the
/// same port, as it could with a listener for each loop. A connection costs one hand-over in its life.
package final class Acceptor: EventSource, Sendable {
    private let listener: Mutex<Listener?>
    private let loop: Loop
    private let gate: Mutex<AcceptGate>
    private let token = Mutex<UInt64?>(nil)
    private let deliver: @Sendable (Acceptor, Socket, String) -> Void

    /// How long to wait for a free descriptor before asking again, in nanoseconds.
    private static let retryDelay: UInt64 = 100_000_000
    /// Connections taken in one round, so that those already open are not kept waiting.
    private static let roundMax = 16

    /// An acceptor that is not yet watched; `deliver` gets each connection on `loop`.
    package init(
        listener: Listener, loop: Loop, openMax: Int,
        deliver: @escaping @Sendable (Acceptor, Socket, String) -> Void
    ) {
        self.listener = Mutex(listener)
        self.loop = loop
        self.gate = Mutex(AcceptGate(openMax: openMax))
        self.deliver = deliver
    }

    /// Connections open and accepted so far, and pauses.
    package var gateState: AcceptGate { gate.withLock { $0 } }

    /// Begins to accept; on the loop's thread.
    package func start() { watch() }

    /// A connection that came from here has been closed; any thread.
    package func connectionClosed() {
        if gate.withLock({ $0.closed() }) { loop.submit { [self] in watch() } }
    }

    /// Accepts no more and closes the listener; on the loop's thread. Clients still in the backlog are reset.
    package func stop() {
        gate.withLock { $0.stop() }
        unwatch()
        listener.withLock { $0 = nil }
    }

    /// Accepts what waits, up to a bound for each round.
    package func ready(_ readiness: Readiness) {
        guard let listener = listener.withLock({ $0 }) else { return }
        for _ in 0..<Self.roundMax {
            switch listener.accept() {
            case .connection(let socket, let peer):
                let goesOn = gate.withLock { $0.opened() }
                deliver(self, socket, peer)
                if !goesOn { return unwatch() }
            case .none:
                return
            case .lost:
                continue
            case .exhausted:
                return pause()
            }
        }
    }

    private func pause() {
        gate.withLock { $0.ranOut() }
        unwatch()
        loop.schedule(at: monotonicNanoseconds() + Self.retryDelay) { [self] in
            if gate.withLock({ $0.retried() }) { watch() }
        }
    }

    private func watch() {
        guard let listener = listener.withLock({ $0 }), token.withLock({ $0 }) == nil,
            gate.withLock({ $0.state }) == .accepting
        else { return }
        let new = loop.add(self, descriptor: listener.descriptor, interest: .readable)
        token.withLock { $0 = new }
    }

    private func unwatch() {
        guard let listener = listener.withLock({ $0 }), let old = token.withLock({ $0 }) else { return }
        token.withLock { $0 = nil }
        loop.remove(old, descriptor: listener.descriptor)
    }
}
