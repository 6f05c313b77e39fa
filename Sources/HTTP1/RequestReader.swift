/// Cuts the bytes of a connection into requests: pure, fed in pieces of any size.
///
///     head -> (body range)* -> end -> head ...        a request that announces no body has no `end`
///
/// After a fault nothing more is read: the reader stays in `failed` and swallows its input.
package struct RequestReader: Sendable {
    /// What the next bytes are.
    package enum Event: Sendable {
        /// All input is used up; call again with more.
        case needsInput
        /// A request begins; a body follows unless its framing is `none`.
        case head(RequestHead)
        /// Bytes of the body, at these offsets of the input given.
        case body(Range<Int>)
        /// The body announced by the last head is complete.
        case end
    }

    /// Where in a message the reader stands; decides which time limit holds.
    package enum Phase: Sendable, Hashable {
        case betweenRequests, head, body, failed
    }

    private enum State {
        case head
        case length(remaining: Int)
        case chunked(ChunkedDecoder)
        case failed
    }

    private var state = State.head
    private var scanner = HeadScanner()
    /// The beginning of a head whose end has not arrived; at most the two byte limits together.
    private var pending: [UInt8] = []
    private let limits: MessageLimits

    /// A reader at the start of a connection.
    package init(limits: MessageLimits = MessageLimits()) {
        self.limits = limits
    }

    /// Where the reader stands.
    package var phase: Phase {
        switch state {
        case .head: pending.isEmpty ? .betweenRequests : .head
        case .length, .chunked: .body
        case .failed: .failed
        }
    }

    /// Takes input from `position` on, moves `position` past what was used, and says what it was.
    ///
    /// Throws when the message must be refused and the connection closed.
    package mutating func next(_ input: Span<UInt8>, _ position: inout Int) throws(HTTPFault) -> Event {
        do {
            switch state {
            case .head:
                return try nextHead(input, &position)
            case .length(let remaining):
                return nextBody(input, &position, remaining: remaining)
            case .chunked(var decoder):
                let event = try decoder.next(input, &position, limits: limits)
                if case .end = event { state = .head } else { state = .chunked(decoder) }
                return event
            case .failed:
                position = input.count
                return .needsInput
            }
        } catch {
            state = .failed
            pending = []
            throw error
        }
    }

    private mutating func nextBody(_ input: Span<UInt8>, _ position: inout Int, remaining: Int) -> Event {
        if remaining == 0 {
            state = .head
            return .end
        }
        let start = position
        let taken = min(remaining, input.count - start)
        guard taken > 0 else { return .needsInput }
        position += taken
        state = .length(remaining: remaining - taken)
        return .body(start..<position)
    }

    private mutating func nextHead(_ input: Span<UInt8>, _ position: inout Int) throws(HTTPFault) -> Event {
        guard position < input.count else { return .needsInput }
        guard pending.isEmpty else { return try continueHead(input, &position) }
        let rest = input.extracting(position..<input.count)
        guard let end = try scanner.end(of: rest, limits: limits) else {
            pending.append(rest, 0..<rest.count)
            position = input.count
            return .needsInput
        }
        position += end
        var bytes: [UInt8] = []
        let start = scanner.start
        bytes.append(rest, start..<end)
        return try headComplete(bytes)
    }

    /// The slow path: the head came in pieces.
    private mutating func continueHead(_ input: Span<UInt8>, _ position: inout Int) throws(HTTPFault) -> Event
    {
        let before = pending.count
        pending.append(input, position..<input.count)
        // A copy: the span of `pending` borrows the whole reader.
        var scanner = self.scanner
        let found = try scanner.end(of: pending.span, limits: limits)
        self.scanner = scanner
        guard let end = found else {
            position = input.count
            return .needsInput
        }
        position += end - before
        let bytes = Array(pending[scanner.start..<end])
        pending = []
        return try headComplete(bytes)
    }

    private mutating func headComplete(_ bytes: [UInt8]) throws(HTTPFault) -> Event {
        let head = try RequestHead(parsing: bytes)
        scanner = HeadScanner()
        switch head.framing {
        case .none: state = .head
        case .length(let count): state = .length(remaining: count)
        case .chunked: state = .chunked(ChunkedDecoder())
        }
        return .head(head)
    }
}
