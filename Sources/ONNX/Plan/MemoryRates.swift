import CKernels
import Glibc

/// How fast one core reads what lies beyond its second-level cache.
///
/// Processors differ by more than a factor of two: 20 bytes a cycle from the third-level cache of Zen 5, 9.5
/// on a server of Emerald Rapids, where ResNet-18 takes 15.6 ms an image in fours and 18.3 in twos.
struct MemoryRates: Sendable {
    /// Bytes a cycle of the third-level cache, and of memory.
    var fromCache: Double
    var fromMemory: Double
    /// What is used over and over and has fewer bytes stays in the second-level cache.
    var nearBytes: Int
    /// The same for the third-level cache.
    var residentBytes: Int

    /// Of this processor, measured the first time it is asked for, in less than 10 ms. Memory is taken to be
    /// half as fast as the cache, as it is on both processors above.
    static let measured: MemoryRates = {
        let isa = ck_isa_best()
        let cycles = ck_measure_peak(isa, 0.002) / (32 * CostModel.rate(isa))
        let floats = 2 << 20
        guard cycles > 0, let block = FloatBlock(floats: floats) else { return .usual }
        defer { block.release() }
        block.pointer.update(repeating: 1, count: floats)
        let rate = ck_measure_stream(block.pointer, floats) / cycles
        // The whole cache may be said to be ours when it is another's as well.
        let cache = min(max(sysconf(Int32(_SC_LEVEL3_CACHE_SIZE)), 32 << 20), 128 << 20)
        let bounded = min(max(rate, 2), 64)
        let near = min(max(sysconf(Int32(_SC_LEVEL2_CACHE_SIZE)), 512 << 10), 2 << 20)
        return MemoryRates(
            fromCache: bounded, fromMemory: bounded / 2, nearBytes: near * 2 / 3,
            residentBytes: cache / 2)
    }()

    /// Zen 5's.
    private static let usual = MemoryRates(
        fromCache: 20, fromMemory: 9.5, nearBytes: 700 << 10, residentBytes: 16 << 20)
}
