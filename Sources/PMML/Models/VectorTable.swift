/// Vectors of one length, laid out so that one pass compares a row with eight of them at a time.
///
///     lanes   block 0: [v0 f0 ... v7 f0] [v0 f1 ... v7 f1] ...   block 1: [v8 f0 ... v15 f0] ...
///
/// Each lane folds the fields of one vector in their order, so that results are those of a plain loop.
struct VectorTable: Sendable {
    /// How many vectors there are.
    let count: Int
    /// The length of each.
    let width: Int
    private let lanes: [SIMD8<Double>]

    /// A table of vectors; each must have `width` numbers.
    init(_ vectors: [[Double]], width: Int) {
        count = vectors.count
        self.width = width
        var lanes: [SIMD8<Double>] = []
        for start in stride(from: 0, to: vectors.count, by: 8) {
            for field in 0..<width {
                var lane = SIMD8<Double>(repeating: 0)
                for offset in 0..<min(8, vectors.count - start) {
                    let vector = vectors[start + offset]
                    lane[offset] = field < vector.count ? vector[field] : 0
                }
                lanes.append(lane)
            }
        }
        self.lanes = lanes
    }

    /// One number a vector: `step` folds the fields named by `fields`, from zero.
    @inline(__always)
    func fold(
        _ fields: some Collection<Int>,
        _ step: (_ sum: SIMD8<Double>, _ lane: SIMD8<Double>, _ field: Int) -> SIMD8<Double>
    ) -> [Double] {
        var results: [Double] = []
        results.reserveCapacity(count)
        for start in stride(from: 0, to: count, by: 8) {
            let base = start / 8 * width
            var sum = SIMD8<Double>(repeating: 0)
            for field in fields where field < width { sum = step(sum, lanes[base + field], field) }
            for offset in 0..<min(8, count - start) { results.append(sum[offset]) }
        }
        return results
    }
}

extension SIMD8<Double> {
    /// Each lane rounded to 32 bits.
    var rounded32: SIMD8<Double> { SIMD8<Double>(SIMD8<Float>(self)) }
}
