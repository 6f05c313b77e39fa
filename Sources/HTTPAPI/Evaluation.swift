import Batching
import HTTPServer
import JSON
import PMML
import Serving

// POST /openscoring/model/ID and /versions/N: one row of features, or one image.

extension ModelAPI {
    /// Reads the body as its Content-Type says, and scores it.
    func evaluate(_ scoring: ScoringCall) {
        let call = scoring.call
        switch call.mediaType?.essence {
        case "image/jpeg", "image/png": evaluateImage(call.bytes, scoring)
        case "multipart/form-data":
            onCodecThread(scoring) { () throws(APIError) in try self.evaluateForm(scoring) }
        default:
            guard call.bytes.count > configuration.loopBodyBytesMax else {
                do throws(APIError) { try evaluateJSON(scoring, on: scoring.lane) } catch {
                    scoring.fail(error)
                }
                return
            }
            onCodecThread(scoring) { () throws(APIError) in try self.evaluateJSON(scoring, on: nil) }
        }
    }

    /// Runs the work on a codec thread, or answers 503 when too much waits for one; what it throws is the
    /// answer.
    func onCodecThread(_ scoring: ScoringCall, _ work: @escaping @Sendable () throws(APIError) -> Void) {
        let isAccepted = codec.submit {
            do throws(APIError) { try work() } catch { scoring.fail(error) }
        }
        if !isAccepted { refuse(scoring) }
    }

    /// A full queue: 503 at once.
    func refuse(_ scoring: ScoringCall) {
        scoring.version.metrics.refused.add()
        scoring.fail(.busy(retryAfterSeconds: 1))
    }

    private func evaluateJSON(_ scoring: ScoringCall, on lane: LoopLane?) throws(APIError) {
        let document = try JSONDocument.read(scoring.call.bytes, bytesMax: configuration.bodyBytesMax)
        let request = try EvaluationRequest(document.root)
        guard let arguments = request.arguments else { throw .badRequest("\"arguments\" is missing") }
        switch scoring.version.kind {
        case .evaluator(let servable):
            let rows = [servable.evaluator.row(arguments)]
            // Not `request`, which holds the whole document: its parser goes back to the pool at once.
            let (id, parse) = (request.id, scoring.age)
            let submission = servable.submit(rows, on: lane) { results, timing in
                self.answer(scoring, id: id, results.first, timing.header(parse: parse))
            }
            follow(submission, scoring) { servable.cancel($0) }
        case .network(let servable):
            let inputs = [try servable.input(arguments)]
            submit(inputs, to: servable, Asked(scoring: scoring, id: request.id, lane: lane))
        }
    }

    private func answer(
        _ scoring: ScoringCall, id: String?, _ result: Result<Results, EvaluationError>?,
        _ timing: ServerTiming
    ) {
        switch result {
        case .success(let results): succeed(scoring, id: id, timing) { $0.results(results) }
        case .failure(let error): scoring.fail(APIError(error))
        case nil: scoring.fail(.fault("The evaluator gave no answer"))
        }
    }

    /// Answers one row with what `results` writes, unless that is longer than an answer may be.
    private func succeed(
        _ scoring: ScoringCall, id: String?, _ timing: ServerTiming, _ results: (inout JSONWriter) -> Void
    ) {
        let start = monotonicNanoseconds()
        let bytesMax = configuration.answerBytesMax
        var writer = JSONWriter(.openscoring, bytesMax: bytesMax)
        writer.beginObject()
        writer.id(id)
        writer.name("results")
        results(&writer)
        writer.endObject()
        guard writer.hasRoom(for: 0) else { return scoring.fail(.longAnswer(bytesMax: bytesMax)) }
        var timing = timing
        timing.encode = monotonicNanoseconds() - start
        scoring.succeed(json: writer.bytes, timing: timing)
    }

    /// What one request to a network brought along.
    struct Asked: Sendable {
        let scoring: ScoringCall
        var id: String?
        var lane: LoopLane?
    }

    /// Scores one row by a network.
    func submit(_ inputs: [NetworkInput], to servable: NetworkServable, _ asked: Asked) {
        let scoring = asked.scoring
        let parse = scoring.age
        let submission = servable.submit(inputs, on: asked.lane) { answers, timing in
            switch answers.first {
            case .success(let answer):
                self.succeed(scoring, id: asked.id, timing.header(parse: parse)) {
                    $0.answer(answer, labels: servable.labels, top: scoring.call.top)
                }
            case .failure(let failure): scoring.fail(APIError(failure))
            case nil: scoring.fail(.fault("The network gave no answer"))
            }
        }
        follow(submission, scoring) { servable.cancel($0) }
    }

    /// Refuses when the queue is full, else takes the request back when its client leaves.
    func follow(
        _ submission: Submission, _ scoring: ScoringCall, cancel: @escaping @Sendable (Ticket) -> Bool
    ) {
        switch submission {
        case .refused: refuse(scoring)
        // It runs before this round of the loop ends, and so before anybody notices that the client left.
        case .accepted(let ticket) where ticket.isInline: break
        case .accepted(let ticket):
            scoring.call.exchange.onDisconnect { if cancel(ticket) { scoring.abandon() } }
        }
    }
}

extension Call {
    /// `?top=K`: how many classes an answer lists; `nil` for all.
    var top: Int? { query["top"].flatMap { Int($0) }.map { max(0, $0) } }
}

extension Timing {
    /// With the time that reading the request took.
    func header(parse: UInt64) -> ServerTiming { ServerTiming(parse: parse, queue: queue, infer: inference) }
}

extension JSONWriter {
    /// The request's id, when it had one.
    mutating func id(_ id: String?) {
        guard let id else { return }
        member("id", id)
    }
}

extension JSONDocument {
    /// Parses a body of at most `bytesMax` bytes, 64 levels deep.
    ///
    /// - Throws: `badRequest` with the place of the first fault.
    static func read(_ bytes: [UInt8], bytesMax: Int) throws(APIError) -> JSONDocument {
        do throws(JSONError) {
            return try parse(bytes, limits: JSONLimits(bytesMax: bytesMax))
        } catch {
            throw APIError(error)
        }
    }
}
