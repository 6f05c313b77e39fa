import JSON
import PMML

/// One case of the PMML corpus.
struct PMMLCase {
    let path: String
    let name: String

    func run() -> PMMLCaseReport {
        guard let bytes = contents(ofFile: path + "/model.pmml"),
            let metaBytes = contents(ofFile: path + "/meta.json"),
            let meta = try? JSONDocument.parse(metaBytes).root
        else {
            return report("?", .failed, "model.pmml or meta.json is missing")
        }
        let model = meta["modelElement"]?.asString ?? "none"
        let isLoadable = meta["load"]?.asString == "ok"
        let evaluator: Evaluator
        do throws(PMMLError) {
            evaluator = try Evaluator.load(bytes)
        } catch {
            let rows = (meta["rowsOk"]?.asInt64 ?? 0) + (meta["rowsError"]?.asInt64 ?? 0)
            return isLoadable
                ? report(model, .refused, "\(error)", rows: .init(refused: Int(rows)))
                : report(model, .passed, nil)
        }
        guard isLoadable else { return report(model, .beyond, nil) }
        return compare(evaluator, meta, model)
    }

    private func report(
        _ model: String, _ verdict: PMMLCaseReport.Verdict, _ difference: String?,
        rows: PMMLCorpusCount.Tally = .init()
    ) -> PMMLCaseReport {
        let line = difference?.split(separator: "\n").first.map(String.init)
        return PMMLCaseReport(model: model, verdict: verdict, rows: rows, difference: line)
    }

    private func compare(_ evaluator: Evaluator, _ meta: JSONElement, _ model: String) -> PMMLCaseReport {
        let table = CSVTable(contents(ofFile: path + "/input.csv") ?? [])
        let expected = (contents(ofFile: path + "/expected.jsonl") ?? []).split(separator: 0x0A)
        var rows = table.rows.map { evaluator.row(of: $0, header: table.header) }
        if meta["groupFields"]?.count ?? 0 > 0 { rows = evaluator.grouped(rows) }
        var tally = PMMLCorpusCount.Tally()
        var difference: String?
        if rows.count != expected.count {
            tally.failed += 1
            difference = "\(rows.count) rows, \(expected.count) expected"
        }
        let alone = rows.map { row in
            Result { () throws(EvaluationError) in try evaluator.evaluate(row) }
        }
        let together = evaluator.evaluate(batch: rows)
        for (index, line) in expected.prefix(rows.count).enumerated() {
            switch verdict(alone[index], together[index], line, meta) {
            case .passed: tally.passed += 1
            case .beyond: tally.beyond += 1
            case .failed(let reason):
                tally.failed += 1
                if difference == nil { difference = "row \(index + 1): \(reason)" }
            }
        }
        let verdict: PMMLCaseReport.Verdict =
            tally.failed > 0 ? .failed : tally.beyond > 0 ? .beyond : .passed
        return report(model, verdict, difference, rows: tally)
    }

    /// How a row went, by itself and as one of a batch.
    private func verdict(
        _ alone: Result<Results, EvaluationError>, _ together: Result<Results, EvaluationError>,
        _ line: ArraySlice<UInt8>, _ meta: JSONElement
    ) -> PMMLComparison.Verdict {
        let expected = try? JSONDocument.parse(Array(line)).root
        func verdict(_ answer: Result<Results, EvaluationError>) -> PMMLComparison.Verdict {
            PMMLComparison(answer: answer, expected: expected, types: meta["resultTypes"]).verdict
        }
        if case .failed(let reason) = verdict(together) { return .failed("in a batch: \(reason)") }
        return verdict(alone)
    }
}

extension Evaluator {
    /// A row of texts by the names of its columns; empty cells are missing.
    func row(of cells: [String], header: [String]) -> Row {
        var row = Row(count: slotCount)
        for (name, cell) in zip(header, cells) where !cell.isEmpty {
            if let slot = slot(of: name) { row.values[slot] = .text(cell) }
        }
        return row
    }

    /// Rows merged by the group field, also where each value occurs once.
    func grouped(_ rows: [Row]) -> [Row] {
        let groups = merge(groups: rows)
        guard groups.count == rows.count else { return groups.map(\.row) }
        return rows.map { row in
            var row = row
            for slot in 0..<inputFields.count { row.values[slot] = .list([row.values[slot]]) }
            return row
        }
    }
}

/// A CSV file by RFC 4180, comma-separated.
struct CSVTable {
    private(set) var header: [String] = []
    private(set) var rows: [[String]] = []

    init(_ bytes: [UInt8]) {
        var records: [[String]] = []
        var record: [String] = []
        var cell: [UInt8] = []
        var isQuoted = false
        var wasQuoted = false
        var index = 0
        func endCell() {
            record.append(String(decoding: cell, as: UTF8.self))
            cell.removeAll(keepingCapacity: true)
        }
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if isQuoted {
                guard byte == 0x22 else {
                    cell.append(byte)
                    continue
                }
                if index < bytes.count, bytes[index] == 0x22 {
                    cell.append(byte)
                    index += 1
                } else {
                    isQuoted = false
                }
            } else if byte == 0x22 {
                isQuoted = true
                wasQuoted = true
            } else if byte == 0x2C {
                endCell()
            } else if byte == 0x0A {
                if !record.isEmpty || !cell.isEmpty || wasQuoted {
                    endCell()
                    records.append(record)
                }
                record = []
                wasQuoted = false
            } else if byte != 0x0D {
                cell.append(byte)
            }
        }
        if !record.isEmpty || !cell.isEmpty {
            endCell()
            records.append(record)
        }
        header = records.first ?? []
        rows = Array(records.dropFirst())
    }
}
