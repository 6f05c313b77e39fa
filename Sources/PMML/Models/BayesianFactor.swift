/// A non-negative table over discrete variables, as variable elimination multiplies and sums them.
///
///     values  [ ... ]   the last variable runs fastest
struct BayesianFactor {
    var variables: [Int]
    var sizes: [Int]
    var values: [Double]

    /// Tables with more cells than this are not built.
    static let cellsMax = 1 << 20

    /// How many cells the product of some factors has; nil past the bound.
    static func cells(_ factors: [BayesianFactor]) -> Int? {
        var known: Set<Int> = []
        var count = 1
        for factor in factors {
            for (variable, size) in zip(factor.variables, factor.sizes)
            where known.insert(variable).inserted {
                let (product, overflow) = count.multipliedReportingOverflow(by: size)
                guard !overflow, product <= cellsMax else { return nil }
                count = product
            }
        }
        return count
    }

    /// The product of some tables; nil for none.
    static func product(_ factors: [BayesianFactor]) -> BayesianFactor? {
        guard let first = factors.first else { return nil }
        return factors.dropFirst().reduce(first) { $0.times($1) }
    }

    /// The product of two tables, scaled so that its greatest value is 1: only ratios matter.
    func times(_ other: BayesianFactor) -> BayesianFactor {
        var variables = self.variables
        var sizes = self.sizes
        for (variable, size) in zip(other.variables, other.sizes) where !variables.contains(variable) {
            variables.append(variable)
            sizes.append(size)
        }
        let mine = strides(for: variables)
        let theirs = other.strides(for: variables)
        var values: [Double] = []
        values.reserveCapacity(sizes.reduce(1, *))
        BayesianFactor.walk(sizes, mine, theirs) { values.append(self.values[$0] * other.values[$1]) }
        let greatest = values.max() ?? 0
        if greatest > 0, greatest.isFinite { for index in values.indices { values[index] /= greatest } }
        return BayesianFactor(variables: variables, sizes: sizes, values: values)
    }

    /// The table with one variable summed out.
    func summing(out variable: Int) -> BayesianFactor {
        guard let position = variables.firstIndex(of: variable) else { return self }
        var rest = BayesianFactor(variables: variables, sizes: sizes, values: [])
        rest.variables.remove(at: position)
        rest.sizes.remove(at: position)
        rest.values = Array(repeating: 0, count: rest.sizes.reduce(1, *))
        let targets = rest.strides(for: variables)
        BayesianFactor.walk(sizes, strides(for: variables), targets) { rest.values[$1] += values[$0] }
        return rest
    }

    /// How far a step of each of `all` moves in this table; 0 for variables that it does not have.
    private func strides(for all: [Int]) -> [Int] {
        var strides = Array(repeating: 0, count: all.count)
        var step = 1
        for index in variables.indices.reversed() {
            if let position = all.firstIndex(of: variables[index]) { strides[position] = step }
            step *= sizes[index]
        }
        return strides
    }

    /// Visits every combination, with its offset in two tables.
    private static func walk(_ sizes: [Int], _ a: [Int], _ b: [Int], _ visit: (Int, Int) -> Void) {
        var digits = Array(repeating: 0, count: sizes.count)
        var (x, y) = (0, 0)
        while true {
            visit(x, y)
            var position = sizes.count - 1
            while position >= 0 {
                digits[position] += 1
                x += a[position]
                y += b[position]
                if digits[position] < sizes[position] { break }
                x -= a[position] * sizes[position]
                y -= b[position] * sizes[position]
                digits[position] = 0
                position -= 1
            }
            if position < 0 { return }
        }
    }
}

/// The tables of one variable elimination, by the variables that they are over.
struct EliminationTables {
    private var tables: [Int: BayesianFactor] = [:]
    private var added = 0
    /// The numbers of each variable's tables, in the order in which they came.
    private var byVariable: [Int: [Int]] = [:]
    /// How many cells the product of a variable's tables has, as far as it was asked; nil past the bound.
    private var known: [Int: Int?] = [:]

    /// Every table, in the order in which they came.
    var all: [BayesianFactor] { tables.sorted { $0.key < $1.key }.map(\.value) }

    mutating func add(_ table: BayesianFactor) {
        for variable in table.variables {
            byVariable[variable, default: []].append(added)
            known[variable] = .none
        }
        tables[added] = table
        added += 1
    }

    /// How many cells the product of all tables with `variable` has; nil past the bound.
    mutating func cells(of variable: Int) -> Int? {
        if let cells = known[variable] { return cells }
        let cells = BayesianFactor.cells((byVariable[variable] ?? []).compactMap { tables[$0] })
        known[variable] = .some(cells)
        return cells
    }

    /// Takes the tables with `variable` out.
    mutating func remove(with variable: Int) -> [BayesianFactor] {
        var removed: [BayesianFactor] = []
        for number in byVariable[variable] ?? [] {
            guard let table = tables.removeValue(forKey: number) else { continue }
            removed.append(table)
            for other in table.variables {
                byVariable[other]?.removeAll { $0 == number }
                known[other] = .none
            }
        }
        return removed
    }
}
