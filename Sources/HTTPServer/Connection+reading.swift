import EventLoop
import HTTP1

// Everything here runs on the loop.
extension Connection {
    /// Requests that one turn starts: the other connections wait meanwhile.
    private static let turnRequestsMax = 64

    /// Reads once and goes as far as the bytes allow. Epoll reports again if more has come.
    func read() {
        guard let socket = outgoing.withLock({ $0.socket }) else { return }
        if incoming.isOver { return discard(socket) }
        switch socket.receive(into: loop.readBuffer) {
        case .moved(let count):
            context.counters.bytesReceived.add(count, ordering: .relaxed)
            incoming.now = loop.now
            loop.readBuffer.withBytes(count) { bytes in
                if incoming.leftover.isEmpty, isParsing {
                    let used = parse(bytes)
                    keep(bytes, from: used)
                } else {
                    keep(bytes, from: 0)
                }
            }
            updateReading()
        case .wouldBlock: break
        case .finished: peerFinished()
        case .failed: close()
        }
    }

    /// Parses what was put aside, as far as that is allowed now, and reads on.
    func resume() {
        guard outgoing.withLock({ $0.socket != nil }) else { return }
        if let waiting = incoming.waiting {
            incoming.waiting = nil
            begin(waiting.head)
        }
        // A body may be all read and its end not yet seen, if its sink was full with the last byte.
        if !incoming.leftover.isEmpty || incoming.reader.phase == .body, isParsing {
            let bytes = incoming.leftover
            incoming.leftover = []
            keep(bytes.span, from: parse(bytes.span))
        }
        updateReading()
        if incoming.isUsedUp, outgoing.withLock({ $0.isPeerFinished }) { inputEnded() }
    }

    /// Ends the reading of requests with `fault`: answered in its turn, then the connection closes.
    func fail(_ fault: HTTPFault) {
        guard !incoming.isOver else { return }
        let head = incoming.request?.head
        let turn =
            incoming.request?.turn
            ?? outgoing.withLock { outgoing in
                outgoing.pipeline.started(overlapping: true, keepsAlive: false)
            }
        stopParsing()
        context.counters.faults.add(1, ordering: .relaxed)
        var response = service.application.response(to: fault, head: head)
        response.closesConnection = true
        answer(turn, Reply(response, to: head, pool: service.deflaters))
    }

    /// Nothing more is parsed; the client may still be sending, so the close must linger.
    func stopParsing() {
        incoming.abandon()
        incoming.mustLinger = true
    }

    /// The body of a connection's last request is still read, a request after it is not.
    private var isParsing: Bool {
        incoming.isParsing
            && outgoing.withLock { outgoing in
                (incoming.request != nil || !outgoing.pipeline.isClosing)
                    && outgoing.queuedBytes <= service.limits.queuedBytesMax
            }
    }

    /// Cuts `bytes` into requests until they are used up or must wait; returns how many were used.
    private func parse(_ bytes: Span<UInt8>) -> Int {
        var position = 0
        var started = 0
        do {
            while isReadyToParse, started < Self.turnRequestsMax {
                switch try incoming.reader.next(bytes, &position) {
                case .needsInput:
                    if incoming.headSince == 0, incoming.reader.phase == .head {
                        incoming.headSince = incoming.now
                    }
                    return position
                case .head(let head):
                    started += 1
                    incoming.headSince = 0
                    begin(head)
                case .body(let range):
                    try incoming.request?.sink.take(bytes, range)
                    workOnBody()
                case .end:
                    incoming.request?.isComplete = true
                    finishBody()
                }
            }
        } catch {
            fail(error)
        }
        return position
    }

    /// Cheap form of `isParsing` between two events: the lock is asked only after a request was started.
    private var isReadyToParse: Bool { incoming.request == nil ? isParsing : incoming.isParsing }

    /// Puts aside what may not be parsed yet.
    private func keep(_ bytes: Span<UInt8>, from start: Int) {
        guard start < bytes.count, !incoming.isOver else { return }
        incoming.leftover.append(bytes, start..<bytes.count)
    }

    /// Pauses reading while bytes wait to be parsed, and sees that somebody takes them up again.
    private func updateReading() {
        let mustPause = !incoming.isOver && (!incoming.leftover.isEmpty || !incoming.isParsing)
        guard mustPause || incoming.isPaused else { return }
        incoming.isPaused = mustPause
        let goesOn = outgoing.withLock { outgoing in
            outgoing.isReadingPaused = mustPause
            if !outgoing.isPeerFinished {
                let rest = outgoing.interest.subtracting(.readable)
                outgoing.want(mustPause ? rest : rest.union(.readable), loop)
            }
            // Asked in the same breath: an answer given by another thread before it saw the pause tells
            // nobody.
            return mustPause && mayGoOn(outgoing)
        }
        if goesOn { continueSoon() }
    }

    /// Whether what was put aside may be parsed now.
    private func mayGoOn(_ outgoing: borrowing Outgoing) -> Bool {
        if let waiting = incoming.waiting { return outgoing.pipeline.admits(overlapping: waiting.overlaps) }
        return incoming.isParsing && (incoming.request != nil || !outgoing.pipeline.isClosing)
            && outgoing.queuedBytes <= service.limits.queuedBytesMax
    }

    /// Goes on in the loop's next round: this turn was long enough.
    func continueSoon() {
        guard !incoming.isContinuing else { return }
        incoming.isContinuing = true
        loop.submit { [self] in
            incoming.isContinuing = false
            resume()
        }
    }

    private func discard(_ socket: Socket) {
        switch socket.discard(Self.discardedMax) {
        case .moved(let count): context.counters.bytesReceived.add(count, ordering: .relaxed)
        case .wouldBlock: break
        case .finished: peerFinished()
        case .failed: close()
        }
    }

    private static let discardedMax = 1 << 20
}
