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

/// A model whose sums of a row are its scores, before the last steps.
protocol ScoreForm: Sendable {
    /// How its rows are taken.
    var groups: RowGroups { get }
    /// Which form it took, in a line.
    var description: String { get }
    /// How many scores a row has, at least one.
    var scoreCount: Int { get }
    /// Whether the scores are those of categories; else the first is a number.
    var isClassification: Bool { get }
    /// Computes the sums of up to 64 rows.
    func score(_ plane: Plane, rows: Int, stride: Int)
    /// Where a row's sums stand in the plane: the first of them, and the step to the next.
    func place(row: Int, stride: Int) -> (first: Int, step: Int)
    /// Makes the sums the categories' scores; false where the general form must tell what is wrong.
    func finish(_ scores: inout MutableSpan<Double>) -> Bool
    /// The answer to a number; nil where the general form must tell what is wrong.
    func outcome(_ number: Double) -> Outcome?
}

/// An ensemble, regression tables or a neural network.
final class ScoreFinish<Form: ScoreForm>: FastFinish {
    private let form: Form
    private let answer: FastAnswer

    init(_ form: Form, _ answer: FastAnswer) {
        self.form = form
        self.answer = answer
    }

    var groups: RowGroups { form.groups }
    var description: String { form.description }

    func score(_ plane: Plane, rows: Int, stride: Int) { form.score(plane, rows: rows, stride: stride) }

    func result(_ plane: Plane, row: Int, stride: Int) -> Results? {
        let count = form.scoreCount
        let (first, step) = form.place(row: row, stride: stride)
        guard plane.gather(count, from: first, step: step) else { return nil }
        guard form.isClassification else {
            // SAFETY: `gather` has just filled at least one score.
            return form.outcome(plane.scores[0]).flatMap(answer.results)
        }
        // SAFETY: as above, `count` scores.
        var scores = UnsafeMutableBufferPointer(start: plane.scores, count: count).mutableSpan
        guard form.finish(&scores), plane.areNumbers(count) else { return nil }
        return answer.results(plane, count: count)
    }
}

extension EnsembleForm: ScoreForm {
    var groups: RowGroups { forest.groups }
    var scoreCount: Int { forest.width }
    var isClassification: Bool { categories != nil }

    func score(_ plane: Plane, rows: Int, stride: Int) {
        forest.score(plane, rows: rows, stride: stride)
    }

    func place(row: Int, stride: Int) -> (first: Int, step: Int) { (row * forest.width, 1) }

    func finish(_ scores: inout MutableSpan<Double>) -> Bool {
        for index in scores.indices { scores[index] = number(scores[index]) }
        return true
    }

    func outcome(_ sum: Double) -> Outcome? { try? target.regression(number(sum)) }
}

extension LinearForm: ScoreForm {
    var groups: RowGroups { RowGroups(lanes: Plane.rowsMax, rowsMin: 6) }
    var description: String { "regression: \(tables.count) tables, dense" }
    var scoreCount: Int { tables.count }

    func place(row: Int, stride: Int) -> (first: Int, step: Int) { (row, stride) }

    func finish(_ scores: inout MutableSpan<Double>) -> Bool {
        (try? regression.normalise(&scores)) != nil
    }

    func outcome(_ sum: Double) -> Outcome? { try? regression.regression(sum) }
}

extension DenseForm: ScoreForm {
    var groups: RowGroups { RowGroups(lanes: 16, rowsMin: 5) }
    var description: String { "\(network.form), matrix products" }
    var scoreCount: Int { results.count }

    func place(row: Int, stride: Int) -> (first: Int, step: Int) {
        (row + results.lowerBound * stride, stride)
    }

    func finish(_ scores: inout MutableSpan<Double>) -> Bool { true }

    func outcome(_ number: Double) -> Outcome? { try? network.regression(output, number) }
}
