import HTTP1
import HTTPServer
import PMML
import Serving

// POST /openscoring/model/ID/csv: rows as text, all or nothing.

extension ModelAPI {
    /// Answers a table with a table of the same dialect and charset.
    func evaluateTable(_ scoring: ScoringCall) {
        let call = scoring.call
        onCodecThread(scoring) { () throws(APIError) in
            switch scoring.version.kind {
            case .evaluator(let servable):
                let source = try TableSource(
                    call, servable.evaluator, directory: self.service.uploadDirectory,
                    bounds: self.configuration)
                ChunkedScoring(source, scoring, api: self) { servable.submit($0, on: nil, completion: $1) }
                    .step()
            case .network: throw .badRequest("\(scoring.version.name) is a network: it takes no tables")
            }
        }
    }
}

/// The rows of a table for a PMML model.
///
/// A large table comes from a file and its answer goes to one: memory holds a window of either and the rows
/// that are being scored.
struct TableSource: ChunkSource {
    private let evaluator: Evaluator
    private let charset: Charset
    private var reader: CSVReader
    private var writer: CSVWriter
    /// The answer so far: one bad row must still fail the whole request.
    private var answer: Spool
    /// How the header spells the id column, if the first column is one.
    private let idHeader: String?
    /// For each column the slot that it fills; `nil` for the id column and for unknown names.
    private let slots: [Int?]
    private let columns: Set<String>
    /// Merged rows of a model with a group field, already read whole.
    private var groups: ArraySlice<TableRow>?
    private var pending: [TableRow] = []
    private var hasHeader = false

    private struct TableRow: Sendable {
        let row: Row
        let id: String?
        let line: Int
        /// Of its text and its values.
        let bytes: Int
    }

    /// Bytes of rows after which a chunk ends, whatever their number.
    static let chunkBytesMax = 4 << 20

    /// Reads dialect and header, and for a model with a group field all rows.
    ///
    /// - Throws: `badRequest` for a table that cannot be read.
    init(
        _ call: Call, _ evaluator: Evaluator, directory: String, bounds: APIConfiguration
    ) throws(APIError) {
        self.evaluator = evaluator
        answer = Spool(call.exchange.makeFile(in: directory), bytesMax: bounds.tableBytesMax)
        let (range, type) = try call.table()
        charset = try Charset(type)
        reader = try CSVReader(
            TableInput(call.exchange.body, range, charset: charset),
            dialect: try CSVDialect(query: call.query))
        writer = CSVWriter(dialect: reader.style)
        guard let header = try reader.next() else { throw .badRequest("Unrecognized CSV format") }
        try Self.checkNames(header)
        columns = Set(header.compactMap { $0 })
        let first = header.first ?? nil
        idHeader = first.flatMap { $0.lowercased() == "id" ? $0 : nil }
        let isIDColumn = idHeader != nil
        slots = header.enumerated().map { index, name in
            isIDColumn && index == 0 ? nil : name.flatMap { evaluator.slot(of: $0) }
        }
        guard !evaluator.groupFields.isEmpty else { return }
        guard evaluator.groupFields.count == 1 else { throw .badRequest("Too many group fields") }
        try readGroups(rowsMax: bounds.batchRowsMax, bytesMax: bounds.bodyBytesMax)
    }

    mutating func next(atMost count: Int) throws(APIError) -> [Row] {
        if let waiting = groups {
            pending = Array(waiting.prefix(count))
            groups = waiting.dropFirst(count)
            return pending.map(\.row)
        }
        pending.removeAll(keepingCapacity: true)
        var bytes = 0
        while pending.count < count, bytes < Self.chunkBytesMax, let row = try nextRow() {
            pending.append(row)
            bytes += row.bytes
        }
        return pending.map(\.row)
    }

    mutating func take(_ answers: [Result<Results, EvaluationError>]) throws(APIError) {
        guard answers.count == pending.count else { throw .fault("The evaluator left a row unanswered") }
        for (row, answer) in zip(pending, answers) {
            switch answer {
            case .success(let results):
                append(results, row)
                // Rows of long lists do not wait for their neighbours.
                if writer.bytes.count > Spool.memoryBytesMax {
                    try self.answer.append(charset.encode(writer.take()))
                }
            case .failure(let error):
                let place = place(of: error, row)
                throw .badRequest("\(error.message) (\(place))")
            }
        }
        try self.answer.append(charset.encode(writer.take()))
    }

    mutating func finish() throws(APIError) -> (body: ResponseBody, headers: HTTPHeaders) {
        if !hasHeader {
            writer.append(idHeader.map { [$0] } ?? [])
            try self.answer.append(charset.encode(writer.take()))
        }
        return (
            try answer.body(),
            [
                "Content-Type": "text/plain;charset=\(charset.rawValue)",
                "Content-Disposition": "attachment; filename=results.csv",
            ]
        )
    }

    /// Row and column; a field that the model derives is no column.
    private func place(of error: EvaluationError, _ row: TableRow) -> String {
        guard let name = error.field, columns.contains(name) else { return "line \(row.line)" }
        return "line \(row.line), column \"\(name)\""
    }

    private mutating func append(_ results: Results, _ row: TableRow) {
        let hasIDs = idHeader != nil
        if !hasHeader {
            writer.append((hasIDs ? [idHeader] : []) + results.layout.names.map { $0 })
            hasHeader = true
        }
        var cells: [String?] = hasIDs ? [row.id] : []
        cells += results.values.map(\.cell)
        // A missing target drops the output fields; their cells stay empty.
        cells += [String?](repeating: nil, count: max(0, results.layout.names.count - results.values.count))
        writer.append(cells)
    }

    private mutating func nextRow() throws(APIError) -> TableRow? {
        guard let cells = try reader.next() else { return nil }
        guard cells.count == slots.count else {
            throw .badRequest("Line \(reader.line) has \(cells.count) cells, the header has \(slots.count)")
        }
        var row = Row(count: evaluator.slotCount)
        for (slot, cell) in zip(slots, cells) {
            if let slot, let cell, row.values.indices.contains(slot) { row.values[slot] = .text(cell) }
        }
        return TableRow(
            row: row, id: idHeader == nil ? nil : cells.first ?? nil, line: reader.line,
            bytes: reader.rowBytes + row.values.count * MemoryLayout<InputValue>.stride)
    }

    private mutating func readGroups(rowsMax: Int, bytesMax: Int) throws(APIError) {
        var rows: [TableRow] = []
        var bytes = 0
        while let row = try nextRow() {
            guard rows.count < rowsMax else {
                throw .tooLarge("More than \(rowsMax) rows for a model with groups")
            }
            bytes += row.bytes
            guard bytes <= bytesMax else {
                throw .tooLarge("The rows for a model with groups take more than \(bytesMax) bytes")
            }
            rows.append(row)
        }
        let merged = evaluator.merge(groups: rows.map(\.row))
        let keepsIDs = merged.count == rows.count
        groups =
            merged.map { group in
                let first = group.members.first.map { rows[$0] }
                return TableRow(
                    row: group.row, id: keepsIDs ? first?.id : nil, line: first?.line ?? 0, bytes: 0)
            }[...]
    }

    private static func checkNames(_ header: CSVReader.Row) throws(APIError) {
        var seen: Set<String> = []
        for (index, name) in header.enumerated() {
            guard let name else { continue }
            guard seen.insert(name).inserted else {
                throw .badRequest("duplicate nameMapping '\(name.prefix(80))' at index \(index)")
            }
        }
    }
}
