import EventLoop
import HTTP1

/// The half of a connection that any thread may touch, under the connection's lock: its socket and its
/// answers.
struct Outgoing {
    /// What must happen on the loop after an answer was given or sent.
    enum FollowUp {
        case nothing
        /// The loop has something to send once its work in hand is done.
        case enroll
        /// The loop must look at the connection: it ends, is broken, or may be read again.
        case attend
        /// A part must be made on the sideline first.
        case produce(StreamedFile)
    }

    /// Nil once closed.
    var socket: Socket?
    /// Nil until the loop watches the socket.
    var token: UInt64?
    var interest = Interest.readable
    var pipeline: Pipeline
    var outbox = Outbox()
    /// Answers whose turn has not come.
    var held: [(turn: UInt64, reply: Reply)] = []
    var heldBytes = 0
    /// Who wants to know that the client is gone.
    var watchers: [(turn: UInt64, action: @Sendable () -> Void)] = []
    /// The loop will flush; until then everything is gathered.
    var isEnrolled = false
    /// The sideline is making the next part.
    var isProducing = false
    var isBroken = false
    /// Reading is paused until answers have left.
    var isReadingPaused = false
    /// The client has finished its side.
    var isPeerFinished = false
    /// When the last answer left, or the connection was opened.
    var idleSince: UInt64
    /// When the client began to keep what is being sent waiting, and how much had been sent then.
    var sendSince: UInt64?
    var sentBefore = 0

    /// Bytes of answers in memory.
    var queuedBytes: Int { outbox.queuedBytes + heldBytes }

    /// Whether the last answer has left.
    var isSpent: Bool { pipeline.isFinished && outbox.isEmpty }

    /// Takes the answer to `turn`, and writes it and those that waited for it if it is next.
    ///
    /// Returns how many answers were written.
    mutating func take(_ turn: UInt64, _ reply: Reply, _ service: Service, _ counters: LoopCounters) -> Int {
        switch pipeline.order(of: turn) {
        case .drop:
            return 0
        case .hold:
            held.append((turn, reply))
            heldBytes += reply.bytesHeld
            return 0
        case .write:
            write(reply, service, counters)
            var written = 1
            while !held.isEmpty, let index = held.firstIndex(where: { $0.turn == pipeline.next }) {
                let next = held.remove(at: index).reply
                heldBytes -= next.bytesHeld
                guard !pipeline.isFinished else { continue }
                write(next, service, counters)
                written += 1
            }
            return written
        }
    }

    private mutating func write(_ reply: Reply, _ service: Service, _ counters: LoopCounters) {
        if !watchers.isEmpty { watchers.removeAll { [next = pipeline.next] in $0.turn == next } }
        let isDraining = service.isDraining.load(ordering: .relaxed)
        let closes = reply.closes || isDraining || pipeline.lastTurn == pipeline.next
        let head = ResponseHead(
            status: reply.status, length: reply.length,
            persistence: closes ? .close : reply.isOldClient ? .keepAlive : .implied, coding: reply.coding,
            varies: reply.varies)
        pipeline.wrote(closes: closes)
        let lines = service.lines.current
        outbox.write { buffer in
            head.write(to: &buffer, shared: lines, headers: reply.headers)
            // A small body is cheaper copied behind its head than sent by a call of its own.
            if case .bytes(let bytes) = reply.body, bytes.count <= Outbox.keptMax { buffer += bytes }
        }
        switch reply.body {
        case .none: break
        case .bytes(let bytes): if bytes.count > Outbox.keptMax { outbox.append(.bytes(bytes)) }
        case .file(let file): outbox.append(.file(file, offset: 0))
        case .stream(let stream): outbox.append(.stream(stream))
        }
        counters.countResponse(reply.status.code)
    }

    /// Sends what can be sent now, and has epoll tell when there is room for more.
    mutating func flush(_ loop: Loop, _ counters: LoopCounters, at now: UInt64) -> FollowUp {
        guard let socket, !isBroken, !isProducing else { return .nothing }
        let sentBefore = outbox.sentBytes
        let progress = outbox.send(to: socket)
        counters.bytesSent.add(outbox.sentBytes - sentBefore, ordering: .relaxed)
        switch progress {
        case .drained:
            sendSince = nil
            want(interest.subtracting(.writable), loop)
            if pipeline.inFlight == 0 { idleSince = now }
            let mustAttend = isReadingPaused || isSpent || (isPeerFinished && pipeline.inFlight == 0)
            return mustAttend ? .attend : .nothing
        case .blocked:
            markBlocked()
            want(interest.union(.writable), loop)
            return .nothing
        case .needs(let stream):
            sendSince = nil
            isProducing = true
            want(interest.subtracting(.writable), loop)
            return .produce(stream)
        case .failed:
            isBroken = true
            return .attend
        }
    }

    /// Changes what epoll reports, if it is not what it reports already.
    mutating func want(_ wanted: Interest, _ loop: Loop) {
        guard let socket, let token, wanted != interest else { return }
        interest = wanted
        loop.change(token, socket: socket, interest: wanted)
    }

    private mutating func markBlocked() {
        guard sendSince == nil else { return }
        sendSince = monotonicNanoseconds()
        sentBefore = outbox.sentBytes
    }
}
