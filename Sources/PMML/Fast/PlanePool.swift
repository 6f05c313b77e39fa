import Synchronization

/// Planes kept for reuse, so that an evaluation allocates none.
///
/// The plane that was used last waits where one exchange takes it: a lock and a list cost as much as a small
/// tree.
final class PlanePool: @unchecked Sendable {
    /// A plane on loan to nobody.
    private struct Idle: @unchecked Sendable {
        // A plane in the pool is referenced from nowhere else.
        let plane: Unmanaged<Plane>
    }

    private let size: PlaneSize
    private let last = Atomic<UnsafeRawPointer?>(nil)
    private let idle = Mutex<[Idle]>([])
    /// More than this many threads at once allocate anew.
    private static let idleMax = 64

    init(size: PlaneSize) {
        self.size = size
    }

    deinit {
        // SAFETY: every plane in the pool holds one reference, which nothing else releases.
        if let pointer = last.load(ordering: .acquiring) { Unmanaged<Plane>.fromOpaque(pointer).release() }
        idle.withLock { for idle in $0 { idle.plane.release() } }
    }

    /// Lends a plane to `body`.
    ///
    /// The pool's own reference lasts all the while, so that nothing counts references: an atomic count costs
    /// as much as a tree of three levels.
    func use<Answer>(_ body: (Plane) -> Answer) -> Answer {
        // SAFETY: the pool holds one reference to what it lends, from `another` on until `keep` or `deinit`.
        let plane = Unmanaged<Plane>.fromOpaque(last.exchange(nil, ordering: .acquiring) ?? another())
        let answer = plane._withUnsafeGuaranteedRef { body($0) }
        let pointer = UnsafeRawPointer(plane.toOpaque())
        if let before = last.exchange(pointer, ordering: .acquiringAndReleasing) { keep(before) }
        return answer
    }

    /// Another idle plane, or a new one, with the pool's reference.
    @inline(never)
    private func another() -> UnsafeRawPointer {
        // SAFETY: the pool's reference is the one of the list, or the one just retained.
        let plane = idle.withLock { $0.popLast() }?.plane ?? .passRetained(Plane(size))
        return UnsafeRawPointer(plane.toOpaque())
    }

    /// Keeps a plane that has lost its place to another.
    @inline(never)
    private func keep(_ pointer: UnsafeRawPointer) {
        // SAFETY: `use` gave up the pointer, and with it the pool's reference.
        let kept = Idle(plane: Unmanaged<Plane>.fromOpaque(pointer))
        let isKept = idle.withLock { idle in
            guard idle.count < PlanePool.idleMax else { return false }
            idle.append(kept)
            return true
        }
        if !isKept { kept.plane.release() }
    }
}
