/// A whole document in fast form: inputs straight to a plane of numbers, numbers straight to results.
///
/// Whatever is out of the ordinary in a row (an invalid value, a missing one where an answer hangs on it, a
/// result that is not a number) is left to the general form, which so gives every error and every rare answer.
final class FastPlan: Sendable {
    /// A part of a chain whose number later parts read.
    struct Stage: Sendable {
        let form: EnsembleForm
        let target: Target
        /// Its outputs, and their places in the plane.
        let outputs: [(output: Output, place: Int)]
    }

    /// What answers.
    enum Finish: Sendable {
        /// A single tree: the results of each leaf are known.
        case leaf(Forest, [Results?])
        case number(EnsembleForm, Target, FastAnswer)
        case distribution(EnsembleForm, FastAnswer)
        case linear(LinearForm, FastAnswer)
        case network(DenseForm, FastAnswer)
    }

    let inputs: [PlaneInput]
    let stages: [Stage]
    let finish: Finish
    let size: PlaneSize
    private let planes: PlanePool

    init(inputs: [PlaneInput], stages: [Stage], finish: Finish, size: PlaneSize) {
        self.inputs = inputs
        self.stages = stages
        self.finish = finish
        self.size = size
        planes = PlanePool(size: size)
    }

    /// The results of a row; nil where the general form must evaluate it.
    func evaluate(_ row: Row) -> Results? {
        let plane = planes.take()
        defer { planes.giveBack(plane) }
        guard fill(plane, row, at: 0, stride: 1) else { return nil }
        if case .leaf(let forest, let results) = finish { return forest.leaf(plane).flatMap { results[$0] } }
        plane.isGeneral[0] = false
        score(plane, rows: 1, stride: 1)
        return plane.isGeneral[0] ? nil : result(plane, row: 0, stride: 1)
    }

    /// The results of many rows, nil for those that the general form must evaluate.
    func evaluate(_ rows: [Row], into found: (Int, Results?) -> Void) {
        if case .leaf = finish {
            for (index, row) in rows.enumerated() { found(index, evaluate(row)) }
            return
        }
        let plane = planes.take()
        defer { planes.giveBack(plane) }
        for first in stride(from: 0, to: rows.count, by: Plane.rowsMax) {
            let count = min(Plane.rowsMax, rows.count - first)
            for row in 0..<count {
                plane.isGeneral[row] = !fill(plane, rows[first + row], at: row, stride: Plane.rowsMax)
            }
            score(plane, rows: count, stride: Plane.rowsMax)
            for row in 0..<count {
                found(
                    first + row, plane.isGeneral[row] ? nil : result(plane, row: row, stride: Plane.rowsMax))
            }
        }
    }

    private func fill(_ plane: Plane, _ row: Row, at index: Int, stride: Int) -> Bool {
        for (slot, input) in inputs.enumerated() {
            let value = slot < row.values.count ? row.values[slot] : .missing
            guard input.fill(plane, value, row: index, stride: stride) else { return false }
        }
        return true
    }

    private func score(_ plane: Plane, rows: Int, stride: Int) {
        for stage in stages {
            stage.form.forest.score(plane, rows: rows, stride: stride)
            for row in 0..<rows where !plane.isGeneral[row] {
                publish(stage, plane, row: row, stride: stride)
            }
        }
        switch finish {
        case .leaf: break
        case .number(let form, _, _), .distribution(let form, _):
            form.forest.score(plane, rows: rows, stride: stride)
        case .linear(let form, _): form.score(plane, rows: rows, stride: stride)
        case .network(let form, _): form.score(plane, rows: rows, stride: stride)
        }
    }

    /// Sets what later stages read of a stage.
    private func publish(_ stage: Stage, _ plane: Plane, row: Int, stride: Int) {
        let sum = plane.sum(row)
        plane.isGeneral[row] = sum.isNaN
        guard !sum.isNaN, let outcome = try? stage.target.regression(stage.form.number(sum)) else {
            plane.isGeneral[row] = true
            return
        }
        for (output, place) in stage.outputs {
            guard let number = (try? output.typed(outcome.value))?.value.number, !number.isNaN else {
                plane.isGeneral[row] = true
                return
            }
            plane.set(place, row: row, stride: stride, number)
        }
    }

    private func result(_ plane: Plane, row: Int, stride: Int) -> Results? {
        switch finish {
        case .leaf: return nil
        case .number(let form, let target, let answer):
            let sum = plane.sum(row)
            guard !sum.isNaN else { return nil }
            return (try? target.regression(form.number(sum))).flatMap(answer.results)
        case .distribution(let form, let answer):
            let width = form.forest.width
            guard plane.gather(width, from: row * width, step: 1) else { return nil }
            for place in plane.scores.indices { plane.scores[place] = form.number(plane.scores[place]) }
            return answer.results(plane.scores)
        case .linear(let form, let answer):
            guard plane.gather(form.tables.count, from: row, step: stride) else { return nil }
            guard form.regression.categories != nil else {
                return (try? form.regression.regression(plane.scores[0])).flatMap(answer.results)
            }
            guard (try? form.regression.normalise(&plane.scores)) != nil, plane.scoresAreNumbers else {
                return nil
            }
            return answer.results(plane.scores)
        case .network(let form, let answer):
            guard plane.gather(form.results, from: row, step: stride) else { return nil }
            guard form.output.categories == nil else { return answer.results(plane.scores) }
            return (try? form.network.regression(form.output, plane.scores[0])).flatMap(answer.results)
        }
    }

    /// Which form each part took, one line a part.
    var description: [String] {
        let fields = inputs.filter(\.isCopied).count
        var lines = ["inputs: \(fields) of \(inputs.count) copied, no frame"]
        lines += stages.map { "ensemble: \($0.form.forest.description), \($0.form.math.name) sums" }
        switch finish {
        case .leaf(let forest, _): lines.append("tree: \(forest.description), results by leaf")
        case .number(let form, _, _), .distribution(let form, _):
            lines.append("ensemble: \(form.forest.description), \(form.math.name) sums")
        case .linear(let form, _): lines.append("regression: \(form.tables.count) tables, dense")
        case .network(let form, _): lines.append("\(form.network.form), matrix products")
        }
        return lines
    }
}

extension MathContext {
    /// As `x-mathContext` has it.
    var name: String { isFloat ? "float" : "double" }
}
