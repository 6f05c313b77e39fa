import Synchronization

/// Planes kept for reuse, so that an evaluation allocates none.
final class PlanePool: Sendable {
    /// A plane on loan to nobody.
    private struct Idle: @unchecked Sendable {
        // A plane in the pool is referenced from nowhere else.
        let plane: Plane
    }

    private let size: PlaneSize
    private let idle = Mutex<[Idle]>([])
    /// More than this many threads at once allocate anew.
    private static let idleMax = 64

    init(size: PlaneSize) {
        self.size = size
    }

    /// An idle plane, or a new one.
    func take() -> Plane {
        idle.withLock { $0.popLast() }?.plane ?? Plane(size)
    }

    /// Returns a plane that the caller no longer uses.
    func giveBack(_ plane: Plane) {
        let idle = Idle(plane: plane)
        self.idle.withLock { if $0.count < PlanePool.idleMax { $0.append(idle) } }
    }
}
