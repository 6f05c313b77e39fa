import Foundation
import PMML

/// `augur-bench pmml-check FOLDER [ROWS]`: holds the fast form of every corpus case below FOLDER, row by row
/// and in batches, against the general form, to the last bit: over the case's rows, as text and as numbers,
/// and over copies with one cell missing, NaN, infinite, zero of either sign, just moved, or nonsense.
func checkEvaluators(_ arguments: [String]) {
    guard let folder = arguments.first else { return print("usage: augur-bench pmml-check FOLDER [ROWS]") }
    let rowsMax = arguments.count > 1 ? Int(arguments[1]) ?? 40 : 40
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    var (cases, compiled, rows, differences) = (0, 0, 0, 0)
    for name in names {
        guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(name)/model.pmml"),
            let evaluator = try? Evaluator.load([UInt8](bytes)),
            let text = try? String(contentsOfFile: "\(folder)/\(name)/input.csv", encoding: .utf8)
        else { continue }
        cases += 1
        if !evaluator.describeForms().contains("not compiled as a whole") { compiled += 1 }
        let asked = variations(text, evaluator, rowsMax: rowsMax)
        rows += asked.count
        // Odd sizes, so that batches are filled in part too.
        var batch: [Result<Results, EvaluationError>] = []
        for first in stride(from: 0, to: asked.count, by: 75) {
            batch += evaluator.evaluate(batch: Array(asked[first..<min(asked.count, first + 75)]))
        }
        for (row, together) in zip(asked, batch) {
            let general = "\(Result { try evaluator.evaluateGenerally(row) })"
            let single = "\(Result { try evaluator.evaluate(row) })"
            guard general != single || general != "\(together.mapError { $0 as any Error })"
            else { continue }
            differences += 1
            if differences <= 20 {
                print(
                    "\(name): \(row.values)\n  general \(general)\n  single  \(single)\n  batch   \(together)"
                )
            }
        }
    }
    print("\(cases) cases, \(compiled) compiled as a whole; \(rows) rows, \(differences) differ")
    if differences > 0 { exit(1) }
}

private func variations(_ csv: String, _ evaluator: Evaluator, rowsMax: Int) -> [Row] {
    let lines = csv.split(whereSeparator: \.isNewline)
    let slots = (lines.first ?? "").split(separator: ",", omittingEmptySubsequences: false).map {
        evaluator.slot(of: $0.trimmingCharacters(in: ["\""]))
    }
    var rows: [Row] = []
    for (number, line) in lines.dropFirst().prefix(rowsMax).enumerated() {
        let cells = line.split(separator: ",", omittingEmptySubsequences: false)
        var text = Row(count: evaluator.slotCount)
        var typed = text
        for (slot, cell) in zip(slots, cells) {
            guard let slot, !cell.isEmpty else { continue }
            text.values[slot] = .text(cell.trimmingCharacters(in: ["\""]))
            typed.values[slot] = Double(cell).map(InputValue.number) ?? text.values[slot]
        }
        rows += [text, typed]
        guard evaluator.slotCount > 0 else { continue }
        for step in 0..<12 {
            var changed = typed
            let slot = (number * 12 + step) % evaluator.slotCount
            changed.values[slot] = replacement(step, for: typed.values[slot])
            rows.append(changed)
        }
    }
    return rows
}

private func replacement(_ step: Int, for value: InputValue) -> InputValue {
    guard case .number(let number) = value else {
        return [.missing, .text("nonsense"), .number(1), .integer(1), .boolean(true), .text("")][step % 6]
    }
    return [
        .missing, .number(.nan), .number(.infinity), .number(-.infinity), .number(-0.0), .number(0),
        .number(number.nextUp), .number(number.nextDown), .number(-number),
        .integer(Int64(exactly: number.rounded()) ?? 7),
        .text("nonsense"), .number(number * 1e10),
    ][step]
}
