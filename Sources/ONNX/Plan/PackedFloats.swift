import CKernels
import Glibc
import Synchronization
import Tensors

/// Floats of a network's own, 64-byte aligned: packed weights, padded biases. They are reserved when a plan
/// is made and filled before its first run, so a plan that only estimates takes no memory.
final class PackedFloats: @unchecked Sendable {
    /// First float; of use once `pack` has returned.
    var pointer: UnsafeMutablePointer<Float> { block.pointer }
    private let block: FloatBlock
    /// How many.
    let count: Int
    /// Writes the floats, over zeros; nil once done.
    private let fill: Mutex<(@Sendable (UnsafeMutablePointer<Float>) -> Void)?>

    /// `count` floats that `fill` makes; nil without memory.
    init?(count: Int, fill: @escaping @Sendable (UnsafeMutablePointer<Float>) -> Void) {
        guard count > 0, count <= 1 << 34 else { return nil }
        // 16 more: a whole vector may be read at the end.
        guard let block = FloatBlock(floats: count + 16) else { return nil }
        self.block = block
        self.count = count
        self.fill = Mutex(fill)
    }

    /// Fills the floats if nobody has; returns when they are there.
    func pack() {
        fill.withLock { fill in
            guard let make = fill else { return }
            // SAFETY: the block holds count + 16 floats; nobody reads them before this returns.
            memset(pointer, 0, count * 4 + 64)
            make(pointer)
            fill = nil
        }
    }

    /// Bytes that are filled.
    var byteCount: Int { fill.withLock { $0 == nil ? count * 4 : 0 } }

    deinit { block.release() }
}

/// What a packing was made of.
struct PackingKey: Hashable, Sendable {
    /// The kernels' forms of weights.
    enum Form: Hashable, Sendable {
        case direct, winograd2, winograd42, winograd4, depthwise
        /// [outputs][inputs] or its transpose, scaled.
        case product(transposed: Bool)
        /// Padded to blocks, times a factor.
        case channels(count: Int)
        /// Factor and offset of the batch normalisation that makes the value.
        case scale, shift
    }

    var value: PlanValue
    var form: Form
    /// Which part of a grouped convolution.
    var part = 0
}

/// The packed weights of a network, made once and shared by its plans for every batch size.
final class PackedWeights: Sendable {
    private let packed = Mutex<[PackingKey: PackedFloats]>([:])
    private let source: ModelBytes?
    private let bytesMax: Int

    /// No packings yet, of weights that lie in `source`, and of at most `bytesMax` bytes in all: padded to
    /// blocks and transformed, a file's weights may take 64 times as many.
    init(source: ModelBytes? = nil, bytesMax: Int) { (self.source, self.bytesMax) = (source, bytesMax) }

    /// The packing of `key`, which `fill` will make if it is the first of its kind; nil without memory, or
    /// past the bound.
    func floats(
        _ key: PackingKey, count: Int, fill: @escaping @Sendable (UnsafeMutablePointer<Float>) -> Void
    ) -> PackedFloats? {
        let (found, held) = packed.withLock { packed in
            (packed[key], packed.values.reduce(0) { $0 + $1.count * 4 })
        }
        if let found { return found }
        guard count <= max(bytesMax - held, 0) / 4 else { return nil }
        let isLarge = count > 1 << 18
        let made = PackedFloats(count: count) { [source] packed in
            fill(packed)
            if isLarge { source?.releasePages() }
        }
        guard let made else { return nil }
        return packed.withLock { packed in
            if let first = packed[key] { return first }
            packed[key] = made
            return made
        }
    }

    /// Lets the memory of the mapped file go: what is packed is not held twice.
    func releaseSource() { source?.releasePages() }

    /// Frees what no plan holds.
    func releaseUnused() {
        let unused = packed.withLock { packed in
            var unused: [PackedFloats] = []
            for key in Array(packed.keys) {
                guard var floats = packed.removeValue(forKey: key) else { continue }
                if isKnownUniquelyReferenced(&floats) { unused.append(floats) } else { packed[key] = floats }
            }
            return unused
        }
        // Freed here, outside the lock.
        _ = consume unused
    }

    /// Whether `key` is packed already.
    func contains(_ key: PackingKey) -> Bool { packed.withLock { $0[key] != nil } }

    /// Bytes of all packings.
    var byteCount: Int { packed.withLock { $0.values.reduce(0) { $0 + $1.byteCount } } }
}
