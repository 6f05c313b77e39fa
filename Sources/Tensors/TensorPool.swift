import Glibc
import Synchronization

/// Memory for the tensors of one network: blocks go back to it and are handed out again, so that a second run
/// allocates nothing; what is in use at once is bounded.
///
/// A block's size is its request rounded up to one of four steps per power of two, so at most a quarter is
/// wasted.
package final class TensorPool: Sendable {
    private struct State {
        /// Addresses of idle blocks by block size.
        var idle: [Int: [UInt]] = [:]
        var idleBytes = 0
        var liveBytes = 0
        var peakBytes = 0
    }

    private let state = Mutex(State())

    /// Most bytes in use at once.
    package let bytesMax: Int

    /// A pool without idle blocks, of at most `bytesMax` bytes in use.
    package init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// The pool of tensors that belong to no network: 16 GiB at most.
    package static let shared = TensorPool(bytesMax: 1 << 34)

    /// Most bytes that were in use at once so far.
    package var peakBytes: Int { state.withLock { $0.peakBytes } }

    deinit {
        state.withLock { state in
            for address in state.idle.values.joined() {
                // SAFETY: idle addresses came from posix_memalign in `take` and are in nobody's hands.
                free(UnsafeMutableRawPointer(bitPattern: address))
            }
        }
    }

    /// A block of at least `byteCount` bytes, its address a multiple of 64.
    /// - Throws: `TensorError.tooLarge` past the bound, `.outOfMemory`.
    func take(_ byteCount: Int, dims: [Int]) throws(TensorError) -> (address: UInt, capacity: Int) {
        guard byteCount <= bytesMax else { throw .tooLarge(dims: dims, limit: bytesMax) }
        let capacity = Self.blockSize(byteCount)
        let found: UInt?? = state.withLock { state -> UInt?? in
            guard state.liveBytes + capacity <= bytesMax else { return .none }
            state.liveBytes += capacity
            state.peakBytes = max(state.peakBytes, state.liveBytes)
            guard let address = state.idle[capacity]?.popLast() else { return .some(nil) }
            state.idleBytes -= capacity
            return .some(address)
        }
        guard let reused = found else { throw .tooLarge(dims: dims, limit: bytesMax) }
        if let reused { return (reused, capacity) }
        var block: UnsafeMutableRawPointer?
        // SAFETY: `block` is a valid place for the result; it is read only when the call says it succeeded.
        guard posix_memalign(&block, 64, capacity) == 0, let block else {
            state.withLock { $0.liveBytes -= capacity }
            throw .outOfMemory(bytes: byteCount)
        }
        return (UInt(bitPattern: block), capacity)
    }

    /// Counts `byteCount` bytes that lie elsewhere as in use, until `giveBack(claim:)`.
    /// - Throws: `TensorError.tooLarge` past the bound.
    package func claim(_ byteCount: Int, dims: [Int] = []) throws(TensorError) {
        let isFree = state.withLock { state in
            guard byteCount <= bytesMax - state.liveBytes else { return false }
            state.liveBytes += byteCount
            return true
        }
        guard isFree else { throw .tooLarge(dims: dims, limit: bytesMax) }
    }

    /// Ends a claim of `byteCount` bytes.
    package func giveBack(claim byteCount: Int) { state.withLock { $0.liveBytes -= byteCount } }

    /// Takes back a block from `take`. The shared pool frees large ones at once: nothing tells when it idles.
    func giveBack(address: UInt, capacity: Int) {
        let kept = state.withLock { state in
            state.liveBytes -= capacity
            guard self !== Self.shared, state.idleBytes + capacity <= state.peakBytes else { return false }
            state.idle[capacity, default: []].append(address)
            state.idleBytes += capacity
            return true
        }
        // SAFETY: the address came from posix_memalign in `take`, and its one holder has just let go of it.
        if !kept { free(UnsafeMutableRawPointer(bitPattern: address)) }
    }

    /// Frees every idle block.
    package func trim() {
        let addresses = state.withLock { state in
            defer { (state.idle, state.idleBytes) = ([:], 0) }
            return Array(state.idle.values.joined())
        }
        // SAFETY: the addresses left the pool under the lock, so nobody else can free or use them.
        for address in addresses { free(UnsafeMutableRawPointer(bitPattern: address)) }
    }

    private static func blockSize(_ byteCount: Int) -> Int {
        let wanted = max(byteCount, 64)
        let power = 1 << (Int.bitWidth - 1 - wanted.leadingZeroBitCount)
        let step = max(power / 4, 64)
        return (wanted + step - 1) / step * step
    }
}
