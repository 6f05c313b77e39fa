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

    /// An idle plane, or a new one.
    func take() -> Plane {
        // SAFETY: `giveBack` retained it, and it has just left the pool.
        if let pointer = last.exchange(nil, ordering: .acquiring) {
            return Unmanaged<Plane>.fromOpaque(pointer).takeRetainedValue()
        }
        return idle.withLock { $0.popLast() }?.plane.takeRetainedValue() ?? Plane(size)
    }

    /// Returns a plane that the caller no longer uses.
    func giveBack(_ plane: Plane) {
        // SAFETY: the reference that the pool holds is the one that `take` or `deinit` releases.
        let pointer = UnsafeRawPointer(Unmanaged.passRetained(plane).toOpaque())
        guard let before = last.exchange(pointer, ordering: .acquiringAndReleasing) else { return }
        let kept = Idle(plane: Unmanaged<Plane>.fromOpaque(before))
        let isKept = idle.withLock { idle in
            guard idle.count < PlanePool.idleMax else { return false }
            idle.append(kept)
            return true
        }
        if !isKept { kept.plane.release() }
    }
}
