import Glibc

extension NearestNeighbors {
    /// The inputs of the training rows.
    enum Rows: Sendable {
        /// Numbers that are compared by their differences.
        case table(VectorTable)
        /// Anything else, a constant for each input.
        case constants([[Operand]])

        var isTable: Bool {
            if case .table = self { return true }
            return false
        }

        /// The distance or similarity of each training row.
        func compare(
            _ values: [FieldValue], _ measure: Measure, _ inputs: [Measure.Field], _ math: MathContext
        ) throws(EvaluationError) -> [Double] {
            let weights = [Double](repeating: 1, count: inputs.count)
            let adjustment = measure.isDistance ? try Measure.adjustment(values, weights) : 1
            switch self {
            case .table(let table):
                return try distances(values, table, measure, inputs, math).map {
                    math.rounded(measure.finished(math.rounded($0 * adjustment)))
                }
            case .constants(let rows):
                var scores: [Double] = []
                scores.reserveCapacity(rows.count)
                for row in rows {
                    scores.append(
                        math.rounded(try measure.compare(values, row, inputs, adjustment: adjustment)))
                }
                return scores
            }
        }

        /// Sums of the present fields' differences.
        private func distances(
            _ values: [FieldValue], _ table: VectorTable, _ measure: Measure, _ inputs: [Measure.Field],
            _ math: MathContext
        ) throws(EvaluationError) -> [Double] {
            var x: [Double] = []
            var present: [Int] = []
            for (index, value) in values.enumerated() {
                x.append(try value.value.converted(to: .double).number ?? .nan)
                if !value.isMissing { present.append(index) }
            }
            let weights = inputs.map { math.rounded($0.weight) }
            let isFloat = math.isFloat
            return table.fold(present) { sum, lane, field in
                var difference = lane - x[field]
                if isFloat { difference = difference.rounded32 }
                difference.replace(with: -difference, where: difference .< 0)
                var term = weights[field] * measure.term(difference)
                if isFloat { term = term.rounded32 }
                if case .chebychev = measure {
                    return sum.replacing(with: term, where: (term .> sum) .| (term .!= term))
                }
                return isFloat ? (sum + term).rounded32 : sum + term
            }
        }
    }
}

extension Measure {
    /// What a field of absolute difference `d` adds, before its weight.
    @inline(__always)
    fileprivate func term(_ d: SIMD8<Double>) -> SIMD8<Double> {
        switch self {
        case .euclidean, .squaredEuclidean: return d * d
        case .chebychev, .cityBlock, .similarity: return d
        case .minkowski(let p):
            var powers = d
            for lane in d.indices { powers[lane] = Glibc.pow(d[lane], p) }
            return powers
        }
    }
}
