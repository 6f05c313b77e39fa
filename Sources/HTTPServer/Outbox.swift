import EventLoop

/// What a connection still has to send, in order, small replies gathered into one buffer.
///
///     front (being sent) -> pieces (large bodies, files) -> tail (gathers what is written behind a piece)
struct Outbox {
    /// A part that is sent by itself.
    enum Piece {
        case bytes([UInt8])
        case file(SentFile, offset: Int)
        case stream(StreamedFile)
    }

    /// Where an attempt to send has stopped.
    enum Progress {
        /// Nothing is left.
        case drained
        /// The socket takes no more now, or had its share of this turn.
        case blocked
        /// The next part must be made first, off the loop.
        case needs(StreamedFile)
        /// The connection is broken, or a file has become shorter than was announced.
        case failed
    }

    private var front: [UInt8] = []
    private var frontStart = 0
    private var pieces: [Piece] = []
    private var tail: [UInt8] = []
    /// Bytes in memory that are not sent.
    private(set) var queuedBytes = 0
    private(set) var sentBytes = 0
    /// Since when the client may read the file that is sent now.
    private(set) var fileSince: UInt64?

    /// One call to the system moves at most this much, one turn at most `turnMax`: the lock is held
    /// meanwhile.
    static let callMax = 262_144
    static let turnMax = 1 << 20
    /// A buffer up to this size is kept for the next reply.
    static let keptMax = 16_384

    var isEmpty: Bool { frontStart == front.count && pieces.isEmpty && tail.isEmpty }

    /// Appends bytes in place.
    mutating func write(_ body: (inout [UInt8]) -> Void) {
        let before = front.count + tail.count
        if pieces.isEmpty { body(&front) } else { body(&tail) }
        queuedBytes += front.count + tail.count - before
    }

    /// Appends a part of its own, without copying it.
    mutating func append(_ piece: Piece) {
        if !tail.isEmpty {
            pieces.append(.bytes(tail))
            tail = []
        }
        switch piece {
        case .bytes(let bytes): queuedBytes += bytes.count
        case .file, .stream: if fileSince == nil { fileSince = monotonicNanoseconds() }
        }
        pieces.append(piece)
    }

    /// The file in front is sent, and what waited for it may be read from now on.
    private mutating func endFile() {
        if !pieces.isEmpty { pieces.removeFirst() }
        let isLast = pieces.allSatisfy { piece in
            if case .bytes = piece { true } else { false }
        }
        fileSince = isLast ? nil : monotonicNanoseconds()
    }

    /// The part that `send` asked for: its next bytes, to be sent before all else, and whether they are its
    /// last.
    mutating func produced(_ bytes: [UInt8], isLast: Bool) {
        if isLast { endFile() }
        front = bytes
        frontStart = 0
        queuedBytes += bytes.count
    }

    /// Sends until nothing is left, the socket is full or the turn is over.
    mutating func send(to socket: Socket) -> Progress {
        var turn = 0
        while turn < Self.turnMax {
            if frontStart == front.count {
                guard let progress = advance(socket, &turn) else { continue }
                return progress
            }
            let more = !(pieces.isEmpty && tail.isEmpty)
            switch socket.send(front, from: frontStart, countMax: Self.callMax, more: more) {
            case .moved(let count):
                frontStart += count
                queuedBytes -= count
                turn += count
                sentBytes += count
            case .wouldBlock: return .blocked
            case .finished, .failed: return .failed
            }
        }
        return .blocked
    }

    /// The front is sent: makes the next part the front, or sends a part of a file. Nil to go on.
    private mutating func advance(_ socket: Socket, _ turn: inout Int) -> Progress? {
        frontStart = 0
        guard let piece = pieces.first else {
            if front.capacity > Self.keptMax { front = [] } else { front.removeAll(keepingCapacity: true) }
            if tail.isEmpty { return .drained }
            swap(&front, &tail)
            return nil
        }
        switch piece {
        case .bytes(let bytes):
            front = bytes
            pieces.removeFirst()
            return nil
        case .file(let file, let offset):
            front.removeAll()
            return sendFile(file, offset, socket, &turn)
        case .stream(let stream):
            front.removeAll()
            return .needs(stream)
        }
    }

    private mutating func sendFile(_ file: SentFile, _ offset: Int, _ socket: Socket, _ turn: inout Int)
        -> Progress?
    {
        guard offset < file.count else {
            endFile()
            return nil
        }
        let count = min(file.count - offset, Self.callMax)
        switch socket.send(file.file, from: offset, count: count) {
        case .moved(let moved):
            pieces[0] = .file(file, offset: offset + moved)
            turn += moved
            sentBytes += moved
            return nil
        case .wouldBlock: return .blocked
        case .finished, .failed: return .failed
        }
    }
}

/// A file being sent.
final class SentFile: Sendable {
    let file: ReadableFile
    let count: Int
    /// Whose content it is; removed when nobody keeps it any more.
    private let spooled: SpooledFile?

    /// The first `count` bytes of the file at `path`.
    init(path: String, count: Int) throws(SocketError) {
        file = try ReadableFile(path: path)
        self.count = min(max(0, count), file.count)
        spooled = nil
    }

    /// All of a temporary file; nil when nothing was written to it.
    init?(_ spooled: SpooledFile) {
        guard let content = spooled.content else { return nil }
        file = content
        count = content.count
        self.spooled = spooled
    }
}
