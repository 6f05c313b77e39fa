import Foundation
import Glibc
import PMML

/// `augur-bench pmml FOLDER [SECONDS]`: scores a corpus case of numbers on one thread, row by row and in
/// batches of 64, and prints the rows a second of each (median of rounds, by the thread's processor time).
///
/// FOLDER holds `model.pmml`, `input.csv` and `expected.jsonl`; only rows without gaps that have an answer
/// take part, as typed numbers.
func benchmarkEvaluator(_ arguments: [String]) {
    guard let folder = arguments.first else { return print("usage: augur-bench pmml FOLDER [SECONDS]") }
    let seconds = arguments.count > 1 ? Double(arguments[1]) ?? 1 : 1
    do {
        guard let document = FileManager.default.contents(atPath: "\(folder)/model.pmml") else {
            return print("\(folder): no model.pmml")
        }
        let evaluator = try Evaluator.load([UInt8](document))
        let rows = try numericRows(in: folder, evaluator)
        guard !rows.isEmpty else { return print("\(folder): no rows of numbers") }
        let batches = stride(from: 0, to: 64 * 16, by: 64).map { start in
            (start..<start + 64).map { rows[$0 % rows.count] }
        }
        // A look at the clock costs as much as several small rows: a thousand to each.
        let passes = max(1, 1000 / rows.count)
        let single = rate(seconds) {
            let lent = rows.span
            for _ in 0..<passes { for index in lent.indices { keep(try? evaluator.evaluate(lent[index])) } }
            return passes * rows.count
        }
        let batch = rate(seconds) {
            for rows in batches { keep(evaluator.evaluate(batch: rows)) }
            return 64 * batches.count
        }
        print("row \(Int(single))\nbatch \(Int(batch))")
        print(evaluator.describeForms())
    } catch {
        print("\(folder): \(error)")
        exit(1)
    }
}

/// The rows of `input.csv` whose cells are all numbers and whose expected line is an answer.
private func numericRows(in folder: String, _ evaluator: Evaluator) throws -> [Row] {
    let lines = try String(contentsOfFile: "\(folder)/input.csv", encoding: .utf8).split(
        whereSeparator: \.isNewline)
    let expected = try String(contentsOfFile: "\(folder)/expected.jsonl", encoding: .utf8).split(
        separator: "\n")
    let slots = (lines.first ?? "").split(separator: ",").map { evaluator.slot(of: String($0)) }
    return zip(lines.dropFirst(), expected).compactMap { line, answer in
        let numbers = line.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
        guard answer.hasPrefix("{\"results\""), numbers.count == slots.count, !numbers.contains(nil) else {
            return nil
        }
        var row = Row(count: evaluator.slotCount)
        for (slot, number) in zip(slots, numbers) {
            if let slot, let number { row.values[slot] = .number(number) }
        }
        return row
    }
}

/// Rows a second of processor time: the median of 9 rounds, after one to warm up.
private func rate(_ seconds: Double, _ body: () -> Int) -> Double {
    var rates: [Double] = []
    for round in 0..<10 {
        let start = ownSeconds()
        var rows = 0
        var spent = 0.0
        repeat {
            rows += body()
            spent = ownSeconds() - start
        } while spent < seconds / 10
        if round > 0 { rates.append(Double(rows) / spent) }
    }
    return rates.sorted()[rates.count / 2]
}

/// Processor time of this thread.
private func ownSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
