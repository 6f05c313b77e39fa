/// The part of a document that answers: numbers in a plane to results.
protocol FastFinish: AnyObject, Sendable {
    /// How its rows are taken.
    var groups: RowGroups { get }
    /// Which form it took, in a line.
    var description: String { get }
    /// Computes what `result` reads, for up to 64 rows.
    func score(_ plane: Plane, rows: Int, stride: Int)
    /// The results of a row; nil where the general form must evaluate it.
    func result(_ plane: Plane, row: Int, stride: Int) -> Results?
}

/// A single tree: the results of each leaf are known at load.
final class LeafFinish: FastFinish {
    private let forest: Forest
    private let results: [Results?]

    init(_ forest: Forest, _ results: [Results?]) {
        self.forest = forest
        self.results = results
    }

    var groups: RowGroups { RowGroups(lanes: Plane.rowsMax, rowsMin: .max) }
    var description: String { "tree: \(forest.description), results by leaf" }

    func score(_ plane: Plane, rows: Int, stride: Int) {}

    func result(_ plane: Plane, row: Int, stride: Int) -> Results? {
        guard let leaf = forest.leaf(plane), leaf < results.count else { return nil }
        return results[leaf]
    }
}

/// An ensemble that answers a number.
final class NumberFinish: FastFinish {
    private let form: EnsembleForm
    private let target: Target
    private let answer: FastAnswer

    init(_ form: EnsembleForm, _ target: Target, _ answer: FastAnswer) {
        self.form = form
        self.target = target
        self.answer = answer
    }

    var groups: RowGroups { form.forest.groups }
    var description: String { form.description }

    func score(_ plane: Plane, rows: Int, stride: Int) {
        form.forest.score(plane, rows: rows, stride: stride)
    }

    func result(_ plane: Plane, row: Int, stride: Int) -> Results? {
        let sum = plane.sum(row)
        guard !sum.isNaN, let outcome = try? target.regression(form.number(sum)) else { return nil }
        return answer.results(outcome)
    }
}

/// An ensemble that answers the mean of its trees' probabilities, which are numbers: none is infinite, and
/// the divisor not 0.
final class DistributionFinish: FastFinish {
    private let form: EnsembleForm
    private let answer: FastAnswer

    init(_ form: EnsembleForm, _ answer: FastAnswer) {
        self.form = form
        self.answer = answer
    }

    var groups: RowGroups { form.forest.groups }
    var description: String { form.description }

    func score(_ plane: Plane, rows: Int, stride: Int) {
        form.forest.score(plane, rows: rows, stride: stride)
    }

    func result(_ plane: Plane, row: Int, stride: Int) -> Results? {
        let width = form.forest.width
        guard plane.gather(width, from: row * width, step: 1) else { return nil }
        // SAFETY: `gather` has just filled `width` scores.
        for place in 0..<width { plane.scores[place] = form.number(plane.scores[place]) }
        return answer.results(plane, count: width)
    }
}

/// Regression tables.
final class LinearFinish: FastFinish {
    private let form: LinearForm
    private let answer: FastAnswer

    init(_ form: LinearForm, _ answer: FastAnswer) {
        self.form = form
        self.answer = answer
    }

    var groups: RowGroups { RowGroups(lanes: Plane.rowsMax, rowsMin: 6) }
    var description: String { "regression: \(form.tables.count) tables, dense" }

    func score(_ plane: Plane, rows: Int, stride: Int) { form.score(plane, rows: rows, stride: stride) }

    func result(_ plane: Plane, row: Int, stride: Int) -> Results? {
        let count = form.tables.count
        guard plane.gather(count, from: row, step: stride) else { return nil }
        guard form.isClassification else {
            // SAFETY: `gather` has just filled at least one score.
            return (try? form.regression.regression(plane.scores[0])).flatMap(answer.results)
        }
        // SAFETY: as above, `count` scores.
        var scores = UnsafeMutableBufferPointer(start: plane.scores, count: count).mutableSpan
        guard (try? form.regression.normalise(&scores)) != nil, plane.areNumbers(count) else { return nil }
        return answer.results(plane, count: count)
    }
}

/// A neural network.
final class NetworkFinish: FastFinish {
    private let form: DenseForm
    private let answer: FastAnswer

    init(_ form: DenseForm, _ answer: FastAnswer) {
        self.form = form
        self.answer = answer
    }

    var groups: RowGroups { RowGroups(lanes: 16, rowsMin: 5) }
    var description: String { "\(form.network.form), matrix products" }

    func score(_ plane: Plane, rows: Int, stride: Int) { form.score(plane, rows: rows, stride: stride) }

    func result(_ plane: Plane, row: Int, stride: Int) -> Results? {
        let count = form.results.count
        guard plane.gather(count, from: row + form.results.lowerBound * stride, step: stride) else {
            return nil
        }
        if form.isClassification { return answer.results(plane, count: count) }
        // SAFETY: `gather` has just filled at least one score.
        return (try? form.network.regression(form.output, plane.scores[0])).flatMap(answer.results)
    }
}
