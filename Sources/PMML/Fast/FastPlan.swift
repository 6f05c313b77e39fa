/// A whole document in fast form: inputs straight to a plane of numbers, numbers straight to results.
///
/// Whatever is out of the ordinary in a row (an invalid value, a missing one where an answer hangs on it, a
/// result that is not a number) is left to the general form, which gives every error and every rare answer.
final class FastPlan: Sendable {
    /// A part of a chain whose number later parts read.
    struct Stage: Sendable {
        let form: EnsembleForm
        let target: Target
        /// Its outputs, and their places in the plane.
        let outputs: [(output: Output, place: Int)]
    }

    private let inputs: PlaneInputs
    private let stages: [Stage]
    private let finish: any FastFinish
    private let planes: PlanePool

    init(inputs: PlaneInputs, stages: [Stage], finish: any FastFinish, size: PlaneSize) {
        self.inputs = inputs
        self.stages = stages
        self.finish = finish
        planes = PlanePool(size: size)
    }

    /// The results of a row; nil where the general form must evaluate it.
    func evaluate(_ row: Row) -> Results? {
        let plane = planes.take()
        defer { planes.giveBack(plane) }
        return evaluate(row, plane)
    }

    private func evaluate(_ row: Row, _ plane: Plane) -> Results? {
        guard inputs.fill(plane, row, at: 0, stride: 1) else { return nil }
        // SAFETY: there are 64 flags.
        plane.isGeneral[0] = false
        score(plane, rows: 1, stride: 1)
        return plane.isGeneral[0] ? nil : finish.result(plane, row: 0, stride: 1)
    }

    /// The results of many rows, nil for those that the general form must evaluate.
    func evaluate(_ rows: [Row], into found: (Int, Results?) -> Void) {
        let plane = planes.take()
        defer { planes.giveBack(plane) }
        guard finish.takesMany else {
            for (index, row) in rows.enumerated() { found(index, evaluate(row, plane)) }
            return
        }
        for first in stride(from: 0, to: rows.count, by: Plane.rowsMax) {
            let count = min(Plane.rowsMax, rows.count - first)
            // SAFETY: `count` is at most the 64 flags.
            for row in 0..<count {
                plane.isGeneral[row] = !inputs.fill(plane, rows[first + row], at: row, stride: Plane.rowsMax)
            }
            score(plane, rows: count, stride: Plane.rowsMax)
            for row in 0..<count {
                let isGeneral = plane.isGeneral[row]
                found(first + row, isGeneral ? nil : finish.result(plane, row: row, stride: Plane.rowsMax))
            }
        }
    }

    private func score(_ plane: Plane, rows: Int, stride: Int) {
        for stage in stages {
            stage.form.forest.score(plane, rows: rows, stride: stride)
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
        guard !sum.isNaN, let outcome = try? target.regression(form.number(sum)) else { return false }
        for (output, place) in outputs {
            guard let number = (try? output.typed(outcome.value))?.value.number, !number.isNaN else {
                return false
            }
            plane.set(place, row: row, stride: stride, number)
        }
        return true
    }
}
