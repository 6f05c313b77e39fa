import EventLoop
import HTTP1

// How a connection ends; everything here runs on the loop.
extension Connection {
    /// Looks at what an answer has changed: the connection is broken, spent, or may be read again.
    func attend() {
        let (isBroken, isSpent, isLeft, isPaused) = outgoing.withLock { outgoing in
            (
                outgoing.isBroken, outgoing.isSpent,
                outgoing.isPeerFinished && outgoing.pipeline.inFlight == 0 && outgoing.outbox.isEmpty,
                outgoing.isReadingPaused
            )
        }
        if isBroken { return close() }
        if isSpent { return end() }
        if isPaused { return continueSoon() }
        if isLeft, incoming.leftover.isEmpty { close() }
    }

    /// Everything is said. A client that may still be sending is read on for a while: closing at once would
    /// reset the connection and could destroy the reply on its way (RFC 9112 section 9.6).
    private func end() {
        guard incoming.lingerSince == nil else { return }
        let isPeerFinished = outgoing.withLock { $0.isPeerFinished }
        let isQuiet = !incoming.mustLinger && incoming.leftover.isEmpty
        if isPeerFinished || isQuiet { return close() }
        incoming.isOver = true
        incoming.leftover = []
        incoming.lingerSince = monotonicNanoseconds()
        outgoing.withLock { outgoing in
            outgoing.socket?.finishWriting()
            outgoing.want(.readable, loop)
        }
    }

    /// The client sends nothing more. It may still read: what it asked for is answered first.
    func peerFinished() {
        let isLingering = incoming.lingerSince != nil
        outgoing.withLock { outgoing in
            outgoing.isPeerFinished = true
            outgoing.want(outgoing.interest.subtracting(.readable), loop)
        }
        if isLingering { return close() }
        if incoming.isUsedUp || incoming.isOver { inputEnded() }
    }

    /// The last byte that the client will ever send has been parsed.
    func inputEnded() {
        let isCutOff = incoming.request.map { !$0.isComplete } ?? (incoming.reader.phase == .head)
        if isCutOff, !incoming.isOver { return fail(.malformed("the connection ends inside the request")) }
        let isDone = outgoing.withLock { outgoing in
            outgoing.pipeline.drain()
            return outgoing.pipeline.inFlight == 0 && outgoing.outbox.isEmpty
        }
        if isDone { close() } else if !incoming.isOldClient { probeLater() }
    }

    /// The server stops: an idle connection closes, any other after the answers it waits for.
    func drain() {
        // What has arrived in the meantime is still answered.
        read()
        guard incoming.request == nil, incoming.waiting == nil, incoming.reader.phase != .head else { return }
        let isIdle = outgoing.withLock { outgoing in
            outgoing.pipeline.drain()
            return outgoing.pipeline.inFlight == 0 && outgoing.outbox.isEmpty
        }
        if isIdle, incoming.lingerSince == nil { close() }
    }

    /// Acts when the client has kept the server waiting too long.
    func checkPace(at now: UInt64) {
        let fileSince = outgoing.withLock { $0.outbox.fileSince }
        if let fileSince, fileSince &+ service.pace.transferTimeout <= now { return close() }
        let wait = wait()
        guard let deadline = service.pace.deadline(of: wait), deadline <= now else { return }
        switch wait {
        case .idle, .linger: close()
        case .head: fail(.tooSlow)
        case .transfer: if incoming.request == nil { close() } else { fail(.tooSlow) }
        case .application: break
        }
    }

    private func wait() -> Pace.Wait {
        if let since = incoming.lingerSince { return .linger(since: since) }
        let (sending, inFlight, idleSince) = outgoing.withLock { outgoing in
            (
                outgoing.sendSince.map { ($0, outgoing.outbox.sentBytes - outgoing.sentBefore) },
                outgoing.pipeline.inFlight, outgoing.idleSince
            )
        }
        if let (since, bytes) = sending { return .transfer(since: since, bytes: bytes) }
        if let request = incoming.request, incoming.isParsing {
            return .transfer(since: request.since, bytes: request.sink.received)
        }
        if incoming.reader.phase == .head, !incoming.isPaused { return .head(since: incoming.headSince) }
        return inFlight > 0 ? .application : .idle(since: idleSince)
    }
}

// A client that has finished its side is either gone or waits for its answer, and the socket does not tell
// which.
extension Connection {
    /// How long an answer may take before the client is asked, and between two questions.
    private static let probeDelays: (first: UInt64, next: UInt64) = (300_000_000, 1_000_000_000)

    private func probeLater() {
        let now = monotonicNanoseconds()
        loop.schedule(at: now + Self.probeDelays.first) { [weak self] in self?.probe() }
    }

    /// Sends an interim reply, which every HTTP/1.1 client must accept (RFC 9110 section 15.2): a client that
    /// is gone answers with a reset, which epoll reports, and its requests can be dropped.
    private func probe() {
        let isOpen = outgoing.withLock { outgoing in
            guard outgoing.socket != nil, outgoing.pipeline.inFlight > 0 else { return false }
            // Nobody drops a change that is under way, and its client need not be disturbed.
            if outgoing.outbox.isEmpty, !outgoing.isEnrolled, !outgoing.pipeline.exclusiveInFlight {
                outgoing.outbox.write { $0 += ResponseHead.continueBytes }
            }
            return true
        }
        guard isOpen else { return }
        flush()
        loop.schedule(at: monotonicNanoseconds() + Self.probeDelays.next) { [weak self] in self?.probe() }
    }
}
