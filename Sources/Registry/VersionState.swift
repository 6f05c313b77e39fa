import Synchronization

/// Where one version of a model is in its life. Legal moves:
///
///     loading ──> warming ──> warm ──> stored ──> serving <──> kept
///        │           │          │        │           │           │
///        └───────────┴──────────┴────────┤           └─────┬─────┘
///                                        v                 v
///                                      failed           draining ──> freed
///
/// `stored -> kept` is a restart, where only one of the stored versions is to serve. `failed` and `freed` end
/// it.
package enum VersionState: String, Sendable, Hashable, CaseIterable {
    /// Being read, parsed and validated. Announced before the first byte is read.
    case loading
    /// Answering its own verification records and warm-up rows. Announced before the first of them.
    case warming
    /// Answers as it should. Announced after the last warm-up row.
    case warm
    /// On disk for good. Announced after the last fsync.
    case stored
    /// The version that a request gets that names none. Announced after the swap.
    case serving
    /// Warm, answers to its number, a rollback away from serving. Announced after the swap that replaced it.
    case kept
    /// Out of the tables; finishes the requests that hold it. Announced after the swap that removed it.
    case draining
    /// Nobody holds it. Announced before its memory is given back.
    case freed
    /// Refused at one of the earlier stages. Announced after what it left on disk is gone.
    case failed

    /// The states that may follow.
    package var next: Set<VersionState> {
        switch self {
        case .loading: [.warming, .failed]
        case .warming: [.warm, .failed]
        case .warm: [.stored, .failed]
        case .stored: [.serving, .kept, .failed]
        case .serving: [.kept, .draining]
        case .kept: [.serving, .draining]
        case .draining: [.freed]
        case .freed, .failed: []
        }
    }
}

/// The state of one version, moved only along legal moves.
package final class VersionLife: Sendable {
    private let current: Mutex<VersionState>

    /// A life that begins, or is taken up, in `state`.
    package init(_ state: VersionState = .loading) {
        current = Mutex(state)
    }

    /// Where it is now.
    package var state: VersionState { current.withLock { $0 } }

    /// Moves on; an illegal move changes nothing and is false.
    @discardableResult
    package func move(to next: VersionState) -> Bool {
        current.withLock { state in
            guard state.next.contains(next) else { return false }
            state = next
            return true
        }
    }
}
