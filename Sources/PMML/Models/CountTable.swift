import Glibc

/// PMML elements `CountTable` and `NormalizedCountTable`: counts, or shares, of combinations of values.
struct CountTable: Sendable {
    /// One combination, with its baseline count.
    struct Cell: Sendable {
        /// The position of each field's value among that field's values.
        let positions: [Int]
        let count: Double
    }

    /// The fields, outermost element first.
    let fields: [String]
    /// The values of each field.
    let values: [[Operand]]
    let cells: [Cell]
    private let byPositions: [[Int]: Int]
    /// The positions of each field's values by their text.
    private let byText: [[String: Int]]
    /// Comparisons of events that are no texts with the values of their fields beyond which a record is
    /// refused.
    static let workMax = 1 << 23

    init(fields: [String], values: [[Operand]], cells: [Cell]) {
        self.fields = fields
        self.values = values
        self.cells = cells
        byPositions = Dictionary(
            cells.enumerated().map { ($1.positions, $0) }, uniquingKeysWith: { first, _ in first })
        byText = values.map { known in
            Dictionary(
                known.enumerated().map { ($1.text, $0) }, uniquingKeysWith: { first, _ in first })
        }
    }

    /// How often, or with how much weight, events fall into each cell.
    ///
    /// - Throws: An event that the table has no cell for.
    func counts(_ events: [BaselineEvent]) throws(EvaluationError) -> [Double] {
        var counts = Array(repeating: 0.0, count: cells.count)
        var workLeft = CountTable.workMax
        for event in events {
            var positions: [Int] = []
            for (field, value) in event.values.enumerated() {
                guard let position = try position(of: value, field, &workLeft) else { break }
                positions.append(position)
            }
            guard positions.count == fields.count, let cell = byPositions[positions] else {
                let shown = event.values.map(\.displayText).joined(separator: ", ")
                throw .undefined("The baseline has no count for \(shown)")
            }
            counts[cell] += event.weight
        }
        return counts
    }

    /// Where a value stands among those of a field.
    private func position(
        of value: Value, _ field: Int, _ workLeft: inout Int
    ) throws(EvaluationError) -> Int? {
        if case .text(let text) = value {
            guard let position = byText[field][text], sameText(values[field][position].text, text) else {
                return nil
            }
            return position
        }
        for (position, operand) in values[field].enumerated() {
            workLeft -= 1
            guard workLeft >= 0 else { throw .evaluation("A group has too many events for this table") }
            if try operand.equals(FieldValue(value)) { return position }
        }
        return nil
    }

    /// The p-value of counts against the baseline's shares.
    func distributionTest(_ counts: [Double]) throws(EvaluationError) -> Double {
        let baseline = cells.reduce(0) { $0 + $1.count }
        let observed = counts.reduce(0, +)
        var statistic = 0.0
        var freedom = -1.0
        for (cell, count) in zip(cells, counts) {
            let expected = observed * cell.count / baseline
            if expected == 0, count == 0 { continue }
            statistic += (count - expected) * (count - expected) / expected
            freedom += 1
        }
        return try CountTable.upperTail(statistic, freedom: freedom)
    }

    /// The p-value of the fields' independence, over baseline counts and events together.
    func independenceTest(_ counts: [Double]) throws(EvaluationError) -> Double {
        var sums = values.map { Array(repeating: 0.0, count: $0.count) }
        var total = 0.0
        for (cell, count) in zip(cells, counts) {
            total += cell.count + count
            for (field, position) in cell.positions.enumerated() {
                sums[field][position] += cell.count + count
            }
        }
        var statistic = 0.0
        for (cell, count) in zip(cells, counts) {
            var expected = total
            for (field, position) in cell.positions.enumerated() {
                expected *= sums[field][position] / total
            }
            if expected == 0 { continue }
            let gap = cell.count + count - expected
            statistic += gap * gap / expected
        }
        // A value that never occurs takes no part; a combination without a cell counts as 0.
        let sizes = sums.map { $0.filter { $0 > 0 }.count }
        let combinations = sizes.reduce(1.0) { $0 * Double($1) }
        let freedom = combinations - 1 - sizes.reduce(0.0) { $0 + Double($1 - 1) }
        return try CountTable.upperTail(statistic + absentCells(sums, total), freedom: freedom)
    }

    /// What combinations without a cell add: each is expected and never met.
    private func absentCells(_ sums: [[Double]], _ total: Double) -> Double {
        var present = 0.0
        for cell in cells {
            present += cell.positions.enumerated().reduce(total) { $0 * sums[$1.offset][$1.element] / total }
        }
        return max(0, total - present)
    }

    /// The sum of the products of the baseline's and the events' counts.
    func scalarProduct(_ counts: [Double], isNormalised: Bool) -> Double {
        var (product, left, right) = (0.0, 0.0, 0.0)
        for (cell, count) in zip(cells, counts) {
            product += cell.count * count
            left += cell.count * cell.count
            right += count * count
        }
        return isNormalised ? product / (left.squareRoot() * right.squareRoot()) : product
    }

    private static func upperTail(_ statistic: Double, freedom: Double) throws(EvaluationError) -> Double {
        guard freedom >= 1, statistic >= 0, !statistic.isNaN else {
            throw .undefined("The chi square test has no degrees of freedom")
        }
        return GammaFunction.upper(freedom / 2, statistic / 2)
    }
}

/// The incomplete gamma function.
enum GammaFunction {
    /// Terms after which a sum stands as it is.
    private static let termsMax = 100_000

    /// The regularised upper incomplete gamma function Q(a, x): a series below the bend, a continued fraction
    /// above it (Abramowitz and Stegun, 6.5.29 and 6.5.31).
    static func upper(_ a: Double, _ x: Double) -> Double {
        if x <= 0 { return 1 }
        if x.isInfinite { return 0 }
        let scale = exponential(a * Glibc.log(x) - x - Glibc.lgamma(a))
        return x < a + 1 ? 1 - scale * series(a, x) : scale * fraction(a, x)
    }

    private static func series(_ a: Double, _ x: Double) -> Double {
        var term = 1 / a
        var sum = term
        var n = a
        for _ in 0..<termsMax where abs(term) > abs(sum) * 1e-17 {
            n += 1
            term *= x / n
            sum += term
        }
        return sum
    }

    /// By Lentz's method.
    private static func fraction(_ a: Double, _ x: Double) -> Double {
        let tiny = 1e-300
        var b = x + 1 - a
        var c = 1 / tiny
        var d = 1 / b
        var h = d
        for i in 1...termsMax {
            let an = -Double(i) * (Double(i) - a)
            b += 2
            d = an * d + b
            d = 1 / (abs(d) < tiny ? tiny : d)
            c = b + an / c
            if abs(c) < tiny { c = tiny }
            let step = d * c
            h *= step
            if abs(step - 1) < 1e-16 { break }
        }
        return h
    }
}
