/// A whole document in fast form: inputs straight to a plane of numbers, numbers straight to results.
///
/// Whatever is out of the ordinary in a row (an invalid value, a missing one where an answer hangs on it, a
/// result that is not a number) is left to the general form, which gives every error and every rare answer.
final class FastPlan: Sendable {
    /// A part of a chain whose number later parts read.
    struct Stage: Sendable {
        let form: EnsembleForm
        /// Its outputs, and the places of the plane that they fill.
        let outputs: [(output: Output, source: PlaneSource)]
    }

    private let inputs: PlaneInputs
    private let stages: [Stage]
    private let finish: any FastFinish
    private let planes: PlanePool
    private let groups: RowGroups

    init(inputs: PlaneInputs, stages: [Stage], finish: any FastFinish, size: PlaneSize) {
        self.inputs = inputs
        self.stages = stages
        self.finish = finish
        planes = PlanePool(size: size)
        groups = stages.reduce(finish.groups) { $0.joined($1.form.forest.groups) }
    }

    /// The results of a row; nil where the general form must evaluate it.
    func evaluate(_ row: Row) -> Results? {
        planes.use { plane in evaluate(row, plane) }
    }

    private func evaluate(_ row: Row, _ plane: Plane) -> Results? {
        guard inputs.fill(plane, row, at: 0, stride: 1) else { return nil }
        // SAFETY: there are 64 flags.
        plane.isGeneral[0] = false
        score(plane, rows: 1, stride: 1)
        return plane.isGeneral[0] ? nil : finish.result(plane, row: 0, stride: 1)
    }

    /// The results of many rows, nil for those that the general form must evaluate.
    func evaluate(_ rows: [Row], into found: (Int, consuming Results?) -> Void) {
        planes.use { plane in
            // A span lends its elements: an array's iterator counts a reference to each.
            let rows = rows.span
            for first in stride(from: 0, to: rows.count, by: Plane.rowsMax) {
                let end = min(rows.count, first + Plane.rowsMax)
                let middle = first + groups.together(end - first)
                evaluate(rows.extracting(first..<middle), plane) { row, results in found(first + row, results)
                }
                for index in middle..<end { found(index, evaluate(rows[index], plane)) }
            }
        }
    }

    /// Up to 64 rows side by side.
    private func evaluate(
        _ rows: borrowing Span<Row>, _ plane: Plane, into found: (Int, consuming Results?) -> Void
    ) {
        guard !rows.isEmpty else { return }
        let stride = Plane.rowsMax
        for row in rows.indices {
            let isFilled = inputs.fill(plane, rows[row], at: row, stride: stride)
            // What stands there of other rows, perhaps in another stride, is not to be scored.
            if !isFilled { plane.clear(row: row, stride: stride) }
            // SAFETY: callers give no more than the 64 rows that have flags.
            plane.isGeneral[row] = !isFilled
        }
        score(plane, rows: rows.count, stride: stride)
        for row in rows.indices {
            found(row, plane.isGeneral[row] ? nil : finish.result(plane, row: row, stride: stride))
        }
    }

    private func score(_ plane: Plane, rows: Int, stride: Int) {
        for stage in stages {
            stage.form.score(plane, rows: rows, stride: stride)
            // SAFETY: `rows` is at most the 64 flags.
            for row in 0..<rows where !plane.isGeneral[row] {
                plane.isGeneral[row] = !stage.publish(plane, row: row, stride: stride)
            }
        }
        finish.score(plane, rows: rows, stride: stride)
    }

    /// Which form each part took, one line a part.
    var description: [String] {
        [inputs.description] + stages.map(\.form.description) + [finish.description]
    }
}

extension FastPlan.Stage {
    /// Sets what later stages read of this one; false where the general form must tell what is wrong.
    fileprivate func publish(_ plane: Plane, row: Int, stride: Int) -> Bool {
        let sum = plane.sum(row)
        guard !sum.isNaN, let outcome = form.outcome(sum) else { return false }
        for (output, source) in outputs {
            guard let value = try? output.typed(outcome.value), !value.isMissing,
                source.fill(plane, value, row: row, stride: stride)
            else { return false }
        }
        return true
    }
}
