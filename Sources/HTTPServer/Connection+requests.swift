import EventLoop
import HTTP1

// From a head to the application; everything here runs on the loop.
extension Connection {
    /// Starts the request of `head`, or lets it wait for the answers before it.
    func begin(_ head: RequestHead) {
        // One that waits for `100 Continue` goes alone: the interim reply must not overtake other answers.
        let overlapping = service.application.mayOverlap(head) && !head.expectsContinue
        let keepsAlive = head.keepsAlive && !service.isDraining.load(ordering: .relaxed)
        let turn: UInt64? = outgoing.withLock { outgoing in
            guard outgoing.pipeline.admits(overlapping: overlapping) else { return nil }
            return outgoing.pipeline.started(overlapping: overlapping, keepsAlive: keepsAlive)
        }
        incoming.isOldClient = head.version == .http10
        guard let turn else {
            incoming.waiting = (head, overlapping)
            return
        }
        if head.framing == .none {
            dispatch(head, turn, .bytes([]), nil)
        } else {
            beginBody(head, turn)
        }
    }

    private func beginBody(_ head: RequestHead, _ turn: UInt64) {
        let disposition = service.application.disposition(of: head, from: peer)
        do {
            let sink = try sink(for: head, disposition)
            var refusal: Response?
            if case .refuse(let response) = disposition { refusal = response }
            incoming.request = Incoming.Request(
                head: head, turn: turn, sink: sink, since: incoming.now, refusal: refusal)
            if head.expectsContinue { sendContinue() }
        } catch {
            leaveUnread(head, turn, error)
        }
    }

    private func leaveUnread(_ head: RequestHead, _ turn: UInt64, _ reason: Unread) {
        switch reason {
        case .fault(let fault):
            incoming.request = Incoming.Request(
                head: head, turn: turn, sink: BodySink(discarding: 0), since: incoming.now, refusal: nil)
            fail(fault)
        case .refused(var response):
            stopParsing()
            response.closesConnection = true
            answer(turn, Reply(response, to: head, pool: service.deflaters))
        }
    }

    /// Why a body is not read.
    private enum Unread: Error {
        case fault(HTTPFault)
        /// Reading past it would cost more than a new connection.
        case refused(Response)
    }

    private func sink(for head: RequestHead, _ disposition: BodyDisposition) throws(Unread) -> BodySink {
        let limits = service.limits
        switch disposition {
        case .memory(let bytesMax):
            let bound = min(bytesMax, limits.bodyBytesMax)
            return BodySink(
                memory: bound, expected: try expectedBytes(head, bound), inflater: inflater(head, bound),
                lease: BodyLease(service.bodies))
        case .file(let directory, let bytesMax, let share):
            let bound = min(bytesMax, limits.uploadBytesMax)
            guard service.files.hasRoom(for: try expectedBytes(head, bound), of: share) else {
                throw .fault(.noRoom)
            }
            return BodySink(
                file: service.makeFile(in: directory, of: share), bytesMax: bound,
                inflater: inflater(head, bound))
        case .refuse(let response):
            guard case .length(let count) = head.framing, count <= limits.discardBytesMax,
                !head.expectsContinue
            else { throw .refused(response) }
            return BodySink(discarding: limits.discardBytesMax)
        }
    }

    /// The announced length; 0 for chunks. Throws when it is known to be too long.
    private func expectedBytes(_ head: RequestHead, _ bound: Int) throws(Unread) -> Int {
        guard case .length(let count) = head.framing else { return 0 }
        guard count <= bound else { throw .fault(.bodyTooLarge(limit: bound)) }
        return count
    }

    private func inflater(_ head: RequestHead, _ bound: Int) -> Inflater? {
        head.contentCoding.map {
            Inflater($0, bytesMax: bound, ratioMax: service.limits.decodedRatioMax)
        }
    }

    private func sendContinue() {
        let enrolls = outgoing.withLock { outgoing in
            outgoing.outbox.write { $0 += ResponseHead.continueBytes }
            defer { outgoing.isEnrolled = true }
            return !outgoing.isEnrolled
        }
        if enrolls { context.enroll(self) }
    }

    /// Hands what has gathered to the sideline, unless it is still at the last piece.
    func workOnBody() {
        guard let request = incoming.request, request.sink.needsWork, !request.isWorking else { return }
        guard request.sink.hasPending || request.isComplete else { return }
        let (sink, isLast) = (request.sink, request.isComplete)
        let piece = sink.takePending()
        incoming.request?.isWorking = true
        let isTaken = service.sideline.submit { [self] in
            let outcome = Result { () throws(HTTPFault) in try sink.work(piece, isLast: isLast) }
            loop.submit { [self] in bodyWorked(outcome, wasLast: isLast) }
        }
        if !isTaken { fail(.outOfResources("threads")) }
    }

    private func bodyWorked(_ outcome: Result<Void, HTTPFault>, wasLast: Bool) {
        guard incoming.request != nil else { return }
        incoming.request?.isWorking = false
        switch outcome {
        case .failure(let fault):
            fail(fault)
        case .success:
            if wasLast { deliver() } else { workOnBody() }
        }
        resume()
    }

    /// The body's last byte has arrived.
    func finishBody() {
        guard let request = incoming.request else { return }
        if request.sink.needsWork { workOnBody() } else { deliver() }
    }

    private func deliver() {
        guard let request = incoming.request else { return }
        incoming.request = nil
        if let refusal = request.refusal {
            return answer(request.turn, Reply(refusal, to: request.head, pool: service.deflaters))
        }
        let (body, lease) = request.sink.finished()
        dispatch(request.head, request.turn, body, lease)
    }

    private func dispatch(_ head: RequestHead, _ turn: UInt64, _ body: RequestBody, _ lease: BodyLease?) {
        context.counters.requests.add(1, ordering: .relaxed)
        let exchange = Exchange(
            head: head, body: body, lease: lease, arrived: incoming.now, connection: self, turn: turn)
        service.application.respond(to: exchange)
    }
}
