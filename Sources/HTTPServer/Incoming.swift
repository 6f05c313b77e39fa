import HTTP1

/// The half of a connection that only its loop touches: what is being read.
final class Incoming {
    /// A request whose body is being read.
    struct Request {
        let head: RequestHead
        let turn: UInt64
        let sink: BodySink
        let since: UInt64
        /// The reply that was decided before the body came, given once the body is read past.
        let refusal: Response?
        /// Whether the body's last byte has arrived.
        var isComplete = false
        /// Whether the sideline works on a piece.
        var isWorking = false
    }

    var reader: RequestReader
    /// Bytes that arrived but may not be parsed yet.
    var leftover: [UInt8] = []
    /// A head that waits until the answers before it are given, and whether it may overlap with others.
    var waiting: (head: RequestHead, overlaps: Bool)?
    var request: Request?
    /// When the first byte of an unfinished head arrived.
    var headSince: UInt64 = 0
    /// When the last byte was read.
    var now: UInt64 = 0
    /// Nothing more is parsed: what still comes is read and forgotten.
    var isOver = false
    /// Since when the connection waits for the client to finish, everything being said.
    var lingerSince: UInt64?
    /// Whether the client did something that makes a plain close lose the last reply.
    var mustLinger = false
    /// A job that goes on reading is already under way.
    var isContinuing = false
    /// Whether epoll was told not to report bytes.
    var isPaused = false
    /// Whether the client speaks HTTP/1.0, which has no interim replies.
    var isOldClient = false

    init(reader: RequestReader) { self.reader = reader }

    /// Whether bytes may be parsed now, as far as this half knows.
    var isParsing: Bool {
        guard !isOver, waiting == nil else { return false }
        guard let request else { return true }
        return !request.isComplete && !(request.isWorking && request.sink.isFull)
    }

    /// Whether every byte read so far was parsed, and its request started.
    var isUsedUp: Bool { leftover.isEmpty && waiting == nil && !isOver }

    /// Frees what was being read.
    func abandon() {
        isOver = true
        leftover = []
        waiting = nil
        request = nil
    }
}
