import CImaging

/// The weights that resample one axis: for each output, a run of inputs and a fixed-point weight for each of
/// them.
///
/// Antialiased bilinear: a triangle as wide as two outputs (never narrower than two inputs), its weights
/// summing to 1, in 22 fraction bits. The same arithmetic as Pillow's `Image.resize(..., BILINEAR)`, so that
/// a network sees what it was trained on.
struct ResampleAxis {
    /// First input of each output.
    private(set) var firsts: [Int32] = []
    /// Inputs of each output, at most `stride`.
    private(set) var counts: [Int32] = []
    /// `stride` weights for each output.
    private(set) var weights: [Int32] = []
    let stride: Int

    /// The outputs `window` of an axis of `size` inputs scaled to `scaledSize` (the rest is cropped away).
    init(size: Int, scaledSize: Int, window: Range<Int>) {
        let scale = Double(size) / Double(scaledSize)
        let support = max(scale, 1)
        let slope = 1 / support
        stride = Int(support.rounded(.up)) * 2 + 1
        weights = [Int32](repeating: 0, count: window.count * stride)
        var run: [Double] = []
        for (place, output) in window.enumerated() {
            let center = (Double(output) + 0.5) * scale
            let first = max(0, Int(center - support + 0.5))
            let end = min(size, Int(center + support + 0.5))
            run.removeAll(keepingCapacity: true)
            for input in first..<max(first, end) {
                run.append(max(0, 1 - abs((Double(input) - center + 0.5) * slope)))
            }
            let total = run.reduce(0, +)
            for (tap, weight) in run.enumerated() where total > 0 {
                weights[place * stride + tap] = Int32(0.5 + weight / total * Double(1 << AUGUR_WEIGHT_BITS))
            }
            firsts.append(Int32(first))
            counts.append(Int32(run.count))
        }
    }

    /// The inputs that any output needs.
    var inputs: Range<Int> {
        guard let first = firsts.first, let last = firsts.last, let count = counts.last else { return 0..<0 }
        return Int(first)..<Int(last + count)
    }
}
