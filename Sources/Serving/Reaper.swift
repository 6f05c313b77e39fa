import Batching
import CProcess

/// The thread on which versions are freed: a large model's deinitialisation takes milliseconds, and the last
/// one to hold a version is usually an event loop.
final class Reaper: Sendable {
    private let graves = Monitor<Graves>(Graves())

    private struct Graves {
        var dead: [any Sendable] = []
        /// Bytes of the files that were freed since pages were last returned.
        var bytes = 0
        var isClosed = false
    }

    /// Returning pages walks the heap and holds up whoever allocates meanwhile; so it is done for this much
    /// at a time. What small models leave is used again by the next ones.
    private static let bytesKept = 16 << 20

    init() {
        startThread { [graves] in
            nameThread("reaper")
            lowerThreadPrioritySlightly()
            while let (dead, isLarge) = Self.next(graves) { Self.free(dead, returningPages: isLarge) }
        }
    }

    /// Frees `servable` soon, if the caller lets go of it too; `fileBytes` is how large its model file is.
    func bury(_ servable: any Sendable, fileBytes: Int) {
        graves.withLock {
            $0.dead.append(servable)
            $0.bytes += fileBytes
        } thenWake: { _ in
            .one
        }
    }

    deinit {
        graves.withLock {
            $0.isClosed = true
        } thenWake: { _ in
            .all
        }
    }

    private static func next(_ graves: Monitor<Graves>) -> (dead: [any Sendable], isLarge: Bool)? {
        graves.wait { graves in
            if graves.dead.isEmpty { return graves.isClosed ? .done(nil) : .sleep(until: nil) }
            let isLarge = graves.bytes >= bytesKept
            defer {
                graves.dead = []
                if isLarge { graves.bytes = 0 }
            }
            return .done((graves.dead, isLarge))
        }
    }

    private static func free(_ dead: consuming [any Sendable], returningPages: Bool) {
        dead.removeAll()
        if returningPages { augur_release_freed_memory() }
    }
}
