import Batching
import CProcess

/// The thread on which versions are freed: a large model's deinitialisation takes milliseconds, and the last one to
/// hold a version is usually an event loop.
final class Reaper: Sendable {
    private let graves = Monitor<Graves>(Graves())

    private struct Graves {
        var dead: [any Sendable] = []
        var isClosed = false
    }

    init() {
        startThread { [graves] in
            nameThread("reaper")
            lowerThreadPriority()
            while let dead = Self.next(graves) { Self.free(dead) }
        }
    }

    /// Frees `servable` soon, if the caller lets go of it too.
    func bury(_ servable: any Sendable) {
        graves.withLock {
            $0.dead.append(servable)
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

    private static func next(_ graves: Monitor<Graves>) -> [any Sendable]? {
        graves.wait { graves in
            if !graves.dead.isEmpty {
                defer { graves.dead = [] }
                return .done(graves.dead)
            }
            return graves.isClosed ? .done(nil) : .sleep(until: nil)
        }
    }

    /// Frees, then returns the pages: glibc keeps them for itself otherwise, and the resident size never falls.
    private static func free(_ dead: consuming [any Sendable]) {
        dead.removeAll()
        augur_release_freed_memory()
    }
}
