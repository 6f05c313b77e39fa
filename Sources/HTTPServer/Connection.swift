import EventLoop
import HTTP1
import Synchronization

/// One client's connection: bytes in, exchanges to the application, answers out in order.
///
///     loop:       read -> RequestReader -> BodySink -> Exchange -> application
///     any thread: Exchange.respond -> Reply -> Outgoing (lock) -> socket
///
/// The socket is written and closed under the lock only, so a late answer finds it either open or gone, never
/// somebody else's.
// SAFETY: `incoming` is touched only on the loop's thread; everything else is immutable, atomic or under the
// lock.
final class Connection: EventSource, @unchecked Sendable {
    let service: Service
    let context: LoopContext
    let loop: Loop
    let peer: String
    private let acceptor: Acceptor
    let outgoing: Lock<Outgoing>
    let isGone = Atomic(false)
    let incoming: Incoming

    /// A connection that is not watched yet; on its loop.
    init(socket: Socket, peer: String, service: Service, context: LoopContext, loop: Loop, acceptor: Acceptor)
    {
        self.service = service
        self.context = context
        self.loop = loop
        self.peer = peer
        self.acceptor = acceptor
        var outgoing = Outgoing(
            pipeline: Pipeline(inFlightMax: service.limits.pipelinedMax), idleSince: monotonicNanoseconds())
        outgoing.socket = socket
        self.outgoing = Lock(outgoing)
        incoming = Incoming(reader: RequestReader(limits: service.messageLimits))
    }

    /// Has the loop watch the socket; on the loop.
    func open() {
        guard let socket = outgoing.withLock({ $0.socket }) else { return }
        guard let token = loop.add(self, socket: socket, interest: .readable) else { return close() }
        outgoing.withLock { $0.token = token }
        context.startSweeping(service.pace)
    }

    func ready(_ readiness: Readiness) {
        if readiness.contains(.writable) { flush() }
        if readiness.contains(.readable) {
            read()
        } else if readiness.contains(.broken) {
            close()
        }
    }

    /// Lets go of the socket and of whoever waits for an answer; on the loop. Harmless when repeated.
    func close() {
        let (socket, token, watchers, inFlight) = outgoing.withLock { outgoing in
            let parts = (outgoing.socket, outgoing.token, outgoing.watchers, outgoing.pipeline.inFlight)
            outgoing.socket = nil
            outgoing.watchers = []
            outgoing.held = []
            outgoing.outbox = Outbox()
            return parts
        }
        guard let socket else { return }
        isGone.store(true, ordering: .releasing)
        if let token { loop.remove(token, socket: socket) }
        socket.close()
        acceptor.connectionClosed()
        context.load.subtract(1, ordering: .relaxed)
        incoming.abandon()
        if inFlight > 0 { context.counters.disconnects.add(1, ordering: .relaxed) }
        for watcher in watchers { watcher.action() }
    }
}
