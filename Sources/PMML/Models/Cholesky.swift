/// The lower triangular factor L of a symmetric positive definite matrix A = L L', rows packed.
///
///     [ l00 | l10 l11 | l20 l21 l22 | ... ]
struct Cholesky: Sendable {
    let order: Int
    private let lower: [Double]

    /// Factors a matrix given by its packed lower triangle; nil where it is not positive definite.
    init?(order: Int, packed: [Double]) {
        guard order > 0, packed.count == order * (order + 1) / 2 else { return nil }
        var lower = packed
        for row in 0..<order {
            let at = row * (row + 1) / 2
            let diagonal = packed[at + row]
            for column in 0...row {
                let other = column * (column + 1) / 2
                var sum = lower[at + column]
                for k in 0..<column { sum -= lower[at + k] * lower[other + k] }
                if column < row {
                    lower[at + column] = sum / lower[other + column]
                } else {
                    // Below this share of the diagonal nothing but rounding is left.
                    guard sum > 1e-15 * diagonal, sum.isFinite else { return nil }
                    lower[at + row] = sum.squareRoot()
                }
            }
        }
        self.order = order
        self.lower = lower
    }

    /// The solution x of L x = b.
    func forward(_ b: [Double]) -> [Double] {
        var x = b
        for row in 0..<min(order, b.count) {
            let at = row * (row + 1) / 2
            var sum = x[row]
            for k in 0..<row { sum -= lower[at + k] * x[k] }
            x[row] = sum / lower[at + row]
        }
        return x
    }

    /// The solution x of A x = b.
    func solve(_ b: [Double]) -> [Double] {
        var x = forward(b)
        for row in stride(from: min(order, b.count) - 1, through: 0, by: -1) {
            let at = row * (row + 1) / 2
            x[row] /= lower[at + row]
            for k in 0..<row { x[k] -= lower[at + k] * x[row] }
        }
        return x
    }
}
