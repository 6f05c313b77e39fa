import CKernels

/// Estimates of a convolution's time by each algorithm, in cycles of one core, from what bounds the kernels:
/// the multiply-add ports, the latency of a chain, and the weights' way from beyond the second-level cache.
///
/// The kernels' constants are measurements on Zen 5 (AVX-512); only their ratios matter. How far away weights
/// are is measured where it runs (`MemoryRates`).
struct CostModel: Sendable {
    let isa: ck_isa
    let threads: Int
    /// Bytes of all the network's weights: past the third-level cache each layer's come from memory every
    /// time.
    var weightBytes: Int
    var memory = MemoryRates.measured

    /// Vectors of 16 multiply-adds a cycle, output pixels and blocks of a tile.
    private var rate: Double { Self.rate(isa) }
    static func rate(_ isa: ck_isa) -> Double {
        isa == CK_ISA_AVX512 ? 2 : isa == CK_ISA_AVX2 ? 1 : 0.25
    }
    private var tilePixels: Int { isa == CK_ISA_AVX512 ? 14 : isa == CK_ISA_AVX2 ? 6 : 3 }
    private var tileBlocks: Int { isa == CK_ISA_AVX512 ? 2 : 1 }

    /// Cycles of one tile of `pixels` pixels and `blocks` blocks over `steps` steps.
    private func tile(_ pixels: Int, _ blocks: Int, _ steps: Double) -> Double {
        let work = Double(pixels * blocks)
        let loads = Double(pixels + blocks) / 2
        return steps * max(4, work / rate, loads / max(rate / 2, 0.25)) / 0.93 + 12 + Double(pixels * blocks)
    }

    /// Cycles of all tiles of a run of `pixels` pixels.
    private func tiles(_ pixels: Int, outputs: Int, steps: Double) -> Double {
        let count = (pixels + tilePixels - 1) / tilePixels
        let even = (pixels + count - 1) / count
        let blocks = (outputs + 15) / 16
        let groups = Double(blocks / tileBlocks) * tile(even, tileBlocks, steps)
        let rest = blocks % tileBlocks == 0 ? 0 : tile(even, 1, steps)
        return Double(count) * (groups + rest)
    }

    /// Cycles to bring `floats` weights `times` times. Those of a small network stay in the second-level
    /// cache, those of one layer only while it lasts.
    private func stream(_ floats: Int, times: Int) -> Double {
        guard weightBytes >= memory.nearBytes / 2 else { return 0 }
        let bytes = Double(floats) * 4
        let isHeld = bytes < Double(memory.residentBytes)
        let isResident = isHeld && weightBytes < memory.residentBytes
        let first = bytes / (isResident ? memory.fromCache : memory.fromMemory)
        let again = bytes < 512 * 1024 ? 0 : bytes / (isHeld ? memory.fromCache : memory.fromMemory)
        return first + Double(times - 1) * again
    }

    /// Work whose weights are fetched meanwhile: the longer of the two, and a tenth of the shorter.
    static func overlapped(_ work: Double, _ arrival: Double) -> Double {
        max(work, arrival) + 0.1 * min(work, arrival)
    }

    /// The direct form.
    func direct(_ shape: ck_shape) -> Double {
        let steps = Double(shape.in_channels * shape.kernel_height * shape.kernel_width)
        let (rows, columns) = (Int(shape.out_height), Int(shape.out_width))
        let isFlat = shape.kernel_height * shape.kernel_width * shape.stride_height * shape.stride_width == 1
        let outputs = Int(shape.out_channels)
        var work: Double
        if isFlat {
            work = tiles(rows * columns, outputs: outputs, steps: steps)
        } else if columns * 2 <= tilePixels {
            work = tiles(columns * 2, outputs: outputs, steps: steps) * Double((rows + 1) / 2)
        } else {
            work = tiles(columns, outputs: outputs, steps: steps) * Double(rows)
        }
        var shape = shape
        let taps = rows * columns * Int(shape.kernel_height * shape.kernel_width)
        work *= Double(shape.batch) * Double(ck_direct_taps(isa, &shape)) / Double(max(taps, 1))
        let weights = stream(ck_direct_weights_floats(&shape), times: Int(shape.batch))
        return Self.overlapped(work, weights) + work * 0.02
    }

    /// F(side x side, 3 x 3) over blocks of tiles; side 42: F(4 x 2, 3 x 3).
    func winograd(_ shape: ck_shape, side: Int32, block: Int) -> Double {
        var shape = shape
        let items = ck_winograd_items(&shape, side, block, 1)
        return winograd(shape, side: side, WinogradSharing(block: block, parts: 1), items: items)
    }

    /// `items` items of a cut, one after the other.
    private func winograd(_ shape: ck_shape, side: Int32, _ cut: WinogradSharing, items: Int) -> Double {
        let positions = Double(ck_winograd_positions(side))
        let (inputs, groups) = (Int(shape.in_channels), (Int(shape.out_channels) + 31) / 32)
        let outputs = min(Int(shape.out_channels), (groups + cut.parts - 1) / cut.parts * 32)
        let products = positions * tiles(cut.block, outputs: outputs, steps: Double(inputs)) * Double(items)
        // The parts of a block find its input transformed; each but the first reads it anew, at 30 bytes a
        // cycle.
        let blocks = (items + cut.parts - 1) / cut.parts
        let (inputBlocks, outputBlocks) = ((inputs + 15) / 16, (outputs + 15) / 16)
        let transforms = Double(cut.block * (blocks * inputBlocks + items * outputBlocks))
        let again = Double(cut.block * (items - blocks) * inputBlocks) * 64 / 30
        let floats = Int(positions) * inputs * outputBlocks * 16
        let weights = stream(floats * min(items, cut.parts), times: blocks)
        return Self.overlapped(products, weights)
            + positions * (transforms * 3.6 * (2 / rate).squareRoot() + again)
    }

    /// What waiting for the last item adds, in items.
    private static var unevenness: Double { 0.5 }

    /// How all threads share the blocks best, evened out over them or not, and in how many parts of their
    /// output channels each; nil for the blocks as they are.
    func sharing(_ shape: ck_shape, side: Int32, block: Int) -> WinogradSharing? {
        var shape = shape
        let tiles = ck_winograd_items(&shape, side, 1, 1)
        let items = ck_winograd_items(&shape, side, block, 1)
        let groups = (Int(shape.out_channels) + 31) / 32
        guard threads > 1, items > 0, items < 4 * threads, groups > 0 else { return nil }
        let usual = WinogradSharing(block: block, parts: 1)
        var (best, least) = (usual, Double.infinity)
        for blocks in [items, (items + threads - 1) / threads * threads] {
            for parts in 1...min(groups, 4 * threads) {
                let cut = WinogradSharing(block: (tiles + blocks - 1) / blocks, parts: parts)
                let each = (ck_winograd_items(&shape, side, cut.block, parts) + threads - 1) / threads
                // Cores are not equally fast, beside busy neighbours by a third or more: whoever is through
                // first takes items of the others, and waits for half of one in the end.
                let waiting = 1 + Self.unevenness / Double(each)
                let cost = winograd(shape, side: side, cut, items: each) * waiting
                if cost < least { (best, least) = (cut, cost) }
            }
        }
        return best == usual ? nil : best
    }

    /// The ways to compute a dense convolution of blocked input with their estimated cycles.
    func candidates(_ shape: ck_shape) -> [(algorithm: ConvolutionAlgorithm, cost: Double)] {
        let direct = (algorithm: ConvolutionAlgorithm.direct, cost: direct(shape))
        guard shape.kernel_height == 3, shape.kernel_width == 3, shape.stride_height == 1,
            shape.stride_width == 1,
            shape.dilation_height == 1, shape.dilation_width == 1, shape.pad_top <= 2, shape.pad_left <= 2
        else { return [direct] }
        return [direct]
            + [Int32(2), 42, 4].map { side in
                let block = winogradBlock(shape, side: side)
                return (
                    .winograd(side: side, block: block), winograd(shape, side: side, block: block)
                )
            }
    }

    /// A product of rows by packed weights.
    func product(rows: Int, inputs: Int, outputs: Int) -> Double {
        Self.overlapped(
            tiles(rows, outputs: outputs, steps: Double(inputs)),
            stream(inputs * ((outputs + 15) / 16 * 16), times: 1))
    }

    /// Tiles of a block: the kernels' own choice, evened out over the threads.
    private func winogradBlock(_ shape: ck_shape, side: Int32) -> Int {
        var shape = shape
        let block = ck_winograd_block(&shape, side, 0)
        let tiles = ck_winograd_items(&shape, side, 1, 1)
        let items = ck_winograd_items(&shape, side, block, 1)
        let even = (items + threads - 1) / threads * threads
        guard even != items, items > 1, tiles / even >= 14 else { return block }
        return (tiles + even - 1) / even
    }
}
