import HTTP1
import HTTPServer
import JSON
import PMML
import Serving

// POST /openscoring/model/ID/batch: many rows in one document, each answered by itself.

extension ModelAPI {
    /// Answers every request of the batch with its results or its own message.
    func evaluateBatch(_ scoring: ScoringCall) {
        let call = scoring.call
        onCodecThread(scoring) { () throws(APIError) in
            let document = try JSONDocument.read(call.bytes, bytesMax: self.configuration.bodyBytesMax)
            let request = try BatchRequest(document.root, requestsMax: self.configuration.batchRowsMax)
            let answer = BatchAnswer(id: request.id, bytesMax: self.configuration.answerBytesMax)
            switch scoring.version.kind {
            case .evaluator(let servable):
                let source = try EvaluatorBatch(request, servable.evaluator, answer)
                ChunkedScoring(source, scoring, api: self) { servable.submit($0, on: nil, completion: $1) }
                    .step()
            case .network(let servable):
                let source = NetworkBatch(request, servable, top: call.top, answer)
                ChunkedScoring(source, scoring, api: self) { servable.submit($0, on: nil, completion: $1) }
                    .step()
            }
        }
    }
}

/// The growing `{"id": ..., "responses": [...]}`; without responses there is no such key.
private struct BatchAnswer: Sendable {
    private var writer: JSONWriter
    private let bytesMax: Int
    private var isEmpty = true

    init(id: String?, bytesMax: Int) {
        self.bytesMax = bytesMax
        writer = JSONWriter(.openscoring, capacity: 4096, bytesMax: bytesMax)
        writer.beginObject()
        writer.id(id)
    }

    private mutating func begin() {
        if isEmpty {
            writer.name("responses")
            writer.beginArray()
            isEmpty = false
        }
        writer.beginObject()
    }

    /// A row that was answered; `results` writes the value.
    ///
    /// - Throws: `tooLarge` past the bound.
    mutating func append(id: String?, _ results: (inout JSONWriter) -> Void) throws(APIError) {
        begin()
        writer.id(id)
        writer.name("results")
        results(&writer)
        writer.endObject()
        try checkLength()
    }

    /// A row that failed, alone: its message stands before its id, and there are no results.
    mutating func append(id: String?, failure: String) throws(APIError) {
        begin()
        writer.member("message", failure)
        writer.id(id)
        writer.endObject()
        try checkLength()
    }

    private mutating func checkLength() throws(APIError) {
        guard writer.hasRoom(for: 0) else { throw .longAnswer(bytesMax: bytesMax) }
    }

    mutating func finish() -> (body: ResponseBody, headers: HTTPHeaders) {
        if !isEmpty { writer.endArray() }
        writer.endObject()
        return (.bytes(writer.bytes), ["Content-Type": "application/json"])
    }
}

/// The rows of a batch for a PMML model.
private struct EvaluatorBatch: ChunkSource {
    private let evaluator: Evaluator
    private var requests: JSONElements
    /// Rows of a model with a group field, merged; they are read whole, as any two of them may belong
    /// together.
    private var groups: ArraySlice<(row: Row, id: String?)>?
    /// Of the chunk handed out last: ids, and whether a row was handed out or failed before.
    private var pending: [(id: String?, isSubmitted: Bool)] = []
    private var answer: BatchAnswer

    init(_ request: BatchRequest, _ evaluator: Evaluator, _ answer: BatchAnswer) throws(APIError) {
        self.evaluator = evaluator
        requests = request.requests.elements
        self.answer = answer
        guard !evaluator.groupFields.isEmpty else { return }
        guard evaluator.groupFields.count == 1 else { throw .badRequest("Too many group fields") }
        var rows: [Row] = []
        var ids: [String?] = []
        while let element = requests.next() {
            let request = try EvaluationRequest(element)
            guard let arguments = request.arguments else { throw .badRequest("\"arguments\" is missing") }
            rows.append(evaluator.row(arguments))
            ids.append(request.id)
        }
        let merged = evaluator.merge(groups: rows)
        // Once two rows were merged no row keeps its id.
        let keepsIDs = merged.count == rows.count
        groups =
            merged.map { group in (group.row, keepsIDs ? group.members.first.flatMap { ids[$0] } : nil) }[...]
    }

    mutating func next(atMost count: Int) throws(APIError) -> [Row] {
        pending.removeAll(keepingCapacity: true)
        if let waiting = groups {
            let chunk = waiting.prefix(count)
            groups = waiting.dropFirst(count)
            pending = chunk.map { ($0.id, true) }
            return chunk.map(\.row)
        }
        var rows: [Row] = []
        while rows.count < count, let element = requests.next() {
            let request = try EvaluationRequest(element)
            if let arguments = request.arguments { rows.append(evaluator.row(arguments)) }
            pending.append((request.id, request.arguments != nil))
        }
        if rows.isEmpty, !pending.isEmpty { try take([]) }
        return rows
    }

    mutating func take(_ answers: [Result<Results, EvaluationError>]) throws(APIError) {
        var answers = answers[...]
        for (id, isSubmitted) in pending {
            guard isSubmitted else {
                try answer.append(
                    id: id, failure: "java.lang.NullPointerException: \"arguments\" is missing")
                continue
            }
            switch answers.popFirst() {
            case .success(let results): try answer.append(id: id) { $0.results(results) }
            case .failure(let error): try answer.append(id: id, failure: error.description)
            case nil: throw .fault("The evaluator left a row unanswered")
            }
        }
        pending.removeAll(keepingCapacity: true)
    }

    mutating func finish() -> (body: ResponseBody, headers: HTTPHeaders) { answer.finish() }
}

/// The rows of a batch for a network.
private struct NetworkBatch: ChunkSource {
    private let servable: NetworkServable
    private let top: Int?
    private var requests: JSONElements
    /// Of the chunk handed out last: ids, and why a row was not handed out.
    private var pending: [(id: String?, failure: String?)] = []
    private var answer: BatchAnswer

    init(_ request: BatchRequest, _ servable: NetworkServable, top: Int?, _ answer: BatchAnswer) {
        self.servable = servable
        self.top = top
        requests = request.requests.elements
        self.answer = answer
    }

    mutating func next(atMost count: Int) throws(APIError) -> [NetworkInput] {
        pending.removeAll(keepingCapacity: true)
        var inputs: [NetworkInput] = []
        // Images and tensors are large: fewer of them make a chunk than rows of a table.
        while inputs.count < min(count, 128), let element = requests.next() {
            let request = try EvaluationRequest(element)
            do throws(APIError) {
                guard let arguments = request.arguments else { throw .badRequest("\"arguments\" is missing") }
                inputs.append(try servable.input(arguments))
                pending.append((request.id, nil))
            } catch {
                pending.append((request.id, error.message))
            }
        }
        if inputs.isEmpty, !pending.isEmpty { try take([]) }
        return inputs
    }

    mutating func take(_ answers: [Result<NetworkAnswer, NetworkFailure>]) throws(APIError) {
        var answers = answers[...]
        for (id, failure) in pending {
            if let failure {
                try answer.append(id: id, failure: failure)
                continue
            }
            switch answers.popFirst() {
            case .success(let outcome):
                try answer.append(id: id) { $0.answer(outcome, labels: servable.labels, top: top) }
            case .failure(let failure): try answer.append(id: id, failure: APIError(failure).message)
            case nil: throw .fault("The network left a row unanswered")
            }
        }
        pending.removeAll(keepingCapacity: true)
    }

    mutating func finish() -> (body: ResponseBody, headers: HTTPHeaders) { answer.finish() }
}
