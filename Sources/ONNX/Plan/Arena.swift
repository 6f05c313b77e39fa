import Glibc
import Synchronization
import Tensors

/// Gives every arena buffer an offset such that buffers alive at the same step do not overlap: largest first,
/// each at the lowest gap that fits (64-byte units).
func packArena(_ buffers: inout [PlanBuffer]) {
    let order = buffers.indices
        .filter { buffers[$0].home == .arena && buffers[$0].lastStep >= 0 }
        .sorted { (buffers[$0].floats, $1) > (buffers[$1].floats, $0) }
    var placed: [Int] = []
    for index in order {
        let size = alignedFloats(buffers[index].floats)
        let neighbours =
            placed
            .filter {
                buffers[$0].firstStep <= buffers[index].lastStep
                    && buffers[index].firstStep <= buffers[$0].lastStep
            }
            .sorted { buffers[$0].offset < buffers[$1].offset }
        var offset = 0
        for neighbour in neighbours {
            if buffers[neighbour].offset >= offset + size { break }
            offset = max(offset, buffers[neighbour].offset + alignedFloats(buffers[neighbour].floats))
        }
        buffers[index].offset = offset
        placed.append(index)
    }
}

/// Floats of the arena that holds all arena buffers.
func arenaFloats(_ buffers: [PlanBuffer]) -> Int {
    buffers.filter { $0.home == .arena && $0.lastStep >= 0 }
        .map { $0.offset + alignedFloats($0.floats) }.max() ?? 0
}

/// `floats` rounded up to whole vectors.
func alignedFloats(_ floats: Int) -> Int { (floats + 15) / 16 * 16 }

/// Arenas of a network's runs: each run takes one and gives it back; idle ones are kept up to the number of
/// threads.
final class ArenaPool: Sendable {
    /// Memory of one run.
    final class Arena: @unchecked Sendable {
        /// First float; one run at a time reads and writes it.
        var pointer: UnsafeMutablePointer<Float> { block.pointer }
        let floats: Int
        private let block: FloatBlock

        /// `floats` floats, uninitialised; nil without memory.
        init?(floats: Int) {
            guard let block = FloatBlock(floats: floats) else { return nil }
            self.block = block
            self.floats = floats
        }

        deinit { block.release() }

        /// A tensor at the beginning of the arena; nil when it has fewer floats.
        func tensor(_ shape: Shape) -> Tensor? {
            guard shape.elementCount <= floats else { return nil }
            // SAFETY: the range lies within the block, which this object keeps, and the tensor this object.
            let range = UnsafeRawBufferPointer(start: pointer, count: shape.elementCount * 4)
            return try? Tensor(.float32, shape: shape, memory: TensorMemory(borrowing: range, of: self))
        }
    }

    /// The smallest first.
    private let idle = Mutex<[Arena]>([])
    private let idleMax: Int

    /// A pool that keeps at most `idleMax` idle arenas, the largest that there were: batches of all sizes
    /// find room in them, and none is mapped anew for each.
    init(idleMax: Int) { self.idleMax = idleMax }

    /// An arena of at least `floats` floats; nil without memory.
    func take(floats: Int) -> Arena? {
        let (found, small) = idle.withLock { idle -> (Arena?, Arena?) in
            guard let index = idle.firstIndex(where: { $0.floats >= floats }) else {
                // One too small would only lie about beside the new one.
                return (nil, idle.isEmpty ? nil : idle.removeFirst())
            }
            return (idle.remove(at: index), nil)
        }
        // Freed here, outside the lock, before the new one takes memory.
        _ = consume small
        return found ?? Arena(floats: floats)
    }

    /// Bytes of the idle arenas.
    var byteCount: Int { idle.withLock { $0.reduce(0) { $0 + $1.floats * 4 } } }

    /// Frees every idle arena, outside the lock.
    func trim() {
        _ = idle.withLock { idle in
            defer { idle = [] }
            return idle
        }
    }

    /// Takes an arena back.
    func giveBack(_ arena: Arena) {
        let surplus = idle.withLock { idle -> Arena? in
            idle.insert(arena, at: idle.firstIndex { $0.floats > arena.floats } ?? idle.count)
            return idle.count > idleMax ? idle.removeFirst() : nil
        }
        // Freed here, outside the lock.
        _ = consume surplus
    }
}
