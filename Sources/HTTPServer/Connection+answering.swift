import EventLoop
import HTTP1

extension Connection {
    /// Gives the answer to `turn`; any thread.
    ///
    /// On the loop it is gathered and written once the work in hand is done. Another thread writes it itself
    /// when its turn has come and the socket has room, and wakes the loop only for what the loop must do.
    func answer(_ turn: UInt64, _ reply: Reply) {
        let isOnLoop = loop.isCurrent
        let followUp = outgoing.withLock { outgoing -> Outgoing.FollowUp in
            guard outgoing.socket != nil else { return .nothing }
            guard outgoing.take(turn, reply, service, context.counters) > 0 else { return .nothing }
            if outgoing.isEnrolled { return .nothing }
            guard isOnLoop else {
                return outgoing.flush(loop, context.counters, at: monotonicNanoseconds())
            }
            outgoing.isEnrolled = true
            return .enroll
        }
        follow(followUp, isOnLoop: isOnLoop)
    }

    /// Writes what was gathered; on the loop.
    func flushEnrolled() {
        let followUp = outgoing.withLock { outgoing in
            outgoing.isEnrolled = false
            return outgoing.flush(loop, context.counters, at: loop.now)
        }
        follow(followUp, isOnLoop: true)
    }

    /// The socket has room again; on the loop.
    func flush() {
        let followUp = outgoing.withLock { $0.flush(loop, context.counters, at: loop.now) }
        follow(followUp, isOnLoop: true)
    }

    /// Registers `action` for the case that the client leaves before `turn` is answered. False if it has
    /// left.
    func watch(_ turn: UInt64, _ action: @escaping @Sendable () -> Void) -> Bool {
        outgoing.withLock { outgoing in
            guard outgoing.socket != nil else { return false }
            if turn >= outgoing.pipeline.next { outgoing.watchers.append((turn, action)) }
            return true
        }
    }

    private func follow(_ followUp: Outgoing.FollowUp, isOnLoop: Bool) {
        switch followUp {
        case .nothing:
            break
        case .enroll:
            context.enroll(self)
        case .attend:
            if isOnLoop { attend() } else { loop.submit { [self] in attend() } }
        case .produce(let stream):
            produce(stream)
        }
    }

    /// Has the sideline make the next part of `stream`, and sends it from there.
    private func produce(_ stream: StreamedFile) {
        let isTaken = service.sideline.submit { [self] in
            let part = stream.next()
            let followUp = outgoing.withLock { outgoing -> Outgoing.FollowUp in
                outgoing.isProducing = false
                guard let part, outgoing.socket != nil else {
                    outgoing.isBroken = true
                    return .attend
                }
                outgoing.outbox.produced(part.bytes, isLast: part.isLast)
                return outgoing.flush(loop, context.counters, at: monotonicNanoseconds())
            }
            follow(followUp, isOnLoop: false)
        }
        if !isTaken {
            outgoing.withLock { $0.isBroken = true }
            follow(.attend, isOnLoop: loop.isCurrent)
        }
    }
}
