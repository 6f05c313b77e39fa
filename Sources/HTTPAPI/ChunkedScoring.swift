import Batching
import HTTP1
import HTTPServer
import Serving
import Synchronization

/// Many rows in, many answers out, a bounded number at a time.
protocol ChunkSource: Sendable {
    associatedtype Input: Sendable
    associatedtype Answer: Sendable

    /// The next rows, at most `count`; none when all have been handed out.
    mutating func next(atMost count: Int) throws(APIError) -> [Input]
    /// The answers for the rows handed out last, in their order.
    ///
    /// - Throws: `tooLarge` once the whole answer is past its bound; no source keeps more than that of it.
    mutating func take(_ answers: [Answer]) throws(APIError)
    /// The whole body, once every row was answered.
    mutating func finish() throws(APIError) -> (body: ResponseBody, headers: HTTPHeaders)
}

/// Scores the rows of a source one chunk after the other: a model that is shared sees at most one chunk of a
/// large request at a time, and memory holds one chunk and what the source keeps of the answer.
final class ChunkedScoring<Source: ChunkSource>: Sendable {
    typealias Completion = @Sendable ([Source.Answer], Timing) -> Void
    typealias Submit = @Sendable ([Source.Input], @escaping Completion) -> Submission

    private struct Progress {
        var source: Source
        var timing = ServerTiming()
        var isFirst = true
        /// Whether a chunk was answered.
        var isBegun = false
    }

    private let progress: Mutex<Progress>
    private let scoring: ScoringCall
    private let api: ModelAPI
    private let submit: Submit

    init(_ source: Source, _ scoring: ScoringCall, api: ModelAPI, submit: @escaping Submit) {
        progress = Mutex(Progress(source: source))
        self.scoring = scoring
        self.api = api
        self.submit = submit
    }

    /// Hands out the next chunk, or the answer when there is none. On a codec thread.
    func step() {
        if scoring.call.exchange.isDisconnected { return scoring.abandon() }
        do throws(APIError) {
            let rows = try nextRows()
            guard !rows.isEmpty else { return try finish() }
            hand(rows, Patience())
        } catch {
            scoring.fail(error)
        }
    }

    /// Hands one chunk to the model. A full queue refuses a request only before anything was done for it:
    /// later it is asked again, with growing pauses, until it has a place or `Patience` ends.
    private func hand(_ rows: [Source.Input], _ patience: Patience) {
        if scoring.call.exchange.isDisconnected { return scoring.abandon() }
        let submission = submit(rows) { answers, timing in
            // The thread that computed goes back to its models; the answers are written elsewhere.
            self.api.codec.resume { self.take(answers, timing) }
        }
        guard case .refused = submission else { return }
        let isBegun = progress.withLock { $0.isBegun }
        guard isBegun, let (pause, next) = patience.next else { return api.refuse(scoring) }
        scoring.call.exchange.loop.schedule(after: pause) {
            self.api.codec.resume { self.hand(rows, next) }
        }
    }

    private func take(_ answers: [Source.Answer], _ timing: Timing) {
        let start = monotonicNanoseconds()
        do throws(APIError) {
            try takeAnswers(answers, timing, since: start)
            step()
        } catch {
            scoring.fail(error)
        }
    }

    private func nextRows() throws(APIError) -> [Source.Input] {
        let result: Result<[Source.Input], APIError> = progress.withLock { progress in
            let start = monotonicNanoseconds()
            defer {
                progress.timing.parse += progress.isFirst ? scoring.age : monotonicNanoseconds() - start
                progress.isFirst = false
            }
            do throws(APIError) {
                return .success(try progress.source.next(atMost: api.configuration.chunkRows))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func takeAnswers(_ answers: [Source.Answer], _ timing: Timing, since start: UInt64)
        throws(APIError)
    {
        let result: Result<Void, APIError> = progress.withLock { progress in
            progress.isBegun = true
            progress.timing.queue += timing.queue
            progress.timing.infer += timing.inference
            defer { progress.timing.encode += monotonicNanoseconds() - start }
            do throws(APIError) {
                try progress.source.take(answers)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    private func finish() throws(APIError) {
        typealias Whole = (body: ResponseBody, headers: HTTPHeaders, timing: ServerTiming)
        let result: Result<Whole, APIError> = progress.withLock { progress in
            do throws(APIError) {
                let (body, headers) = try progress.source.finish()
                return .success((body, headers, progress.timing))
            } catch {
                return .failure(error)
            }
        }
        let whole = try result.get()
        scoring.succeed(whole.body, headers: whole.headers, timing: whole.timing)
    }
}

/// How long a begun request waits for a place in a full queue: pauses of 1 ms at first, twice as long each
/// time up to 250 ms, a minute in all.
struct Patience: Sendable {
    private static let pauseMax = Duration.milliseconds(250)
    private static let waitMax = Duration.seconds(60)

    private var pause = Duration.milliseconds(1)
    private var waited = Duration.zero

    /// The next pause and what is left after it; nil when it was long enough.
    var next: (pause: Duration, rest: Patience)? {
        guard waited < Self.waitMax else { return nil }
        var rest = self
        rest.waited += pause
        rest.pause = min(pause * 2, Self.pauseMax)
        return (pause, rest)
    }
}
