import Glibc
import HTTP1
import HTTPServer
import Synchronization
import Testing

@testable import Batching
@testable import HTTPAPI
@testable import Serving

/// Three chunks of one number each; the answer is their sum.
private struct Numbers: ChunkSource {
    private var handed = 0
    private var sum: UInt8 = 0

    mutating func next(atMost count: Int) -> [UInt8] {
        guard handed < 3 else { return [] }
        handed += 1
        return [UInt8(handed)]
    }

    mutating func take(_ answers: [UInt8]) { sum += answers.reduce(0, +) }

    mutating func finish() -> (body: ResponseBody, headers: HTTPHeaders) { (.bytes([sum]), [:]) }
}

@Suite struct `Scoring in chunks` {
    private let server: TestServer

    init() throws {
        server = try TestServer()
        _ = try server.send("PUT", "/openscoring/model/tree", ["Content-Type": "text/xml"], Fixtures.tree())
    }

    /// The answer when the queue refuses the submissions of these numbers, the first being 0.
    private func answer(refusing refused: Set<Int>) throws -> Response? {
        let given = Mutex<Response?>(nil)
        let submissions = Mutex(0)
        let version = try #require(server.service.pin("tree"))
        let exchange = Exchange(head: try RequestHead(.post, "/")) { answer in given.withLock { $0 = answer }
        }
        let scoring = ScoringCall(server.api.call(exchange, nil, nil), version: version)
        let work = ChunkedScoring(Numbers(), scoring, api: server.api) { rows, completion in
            let number = submissions.withLock { count in
                defer { count += 1 }
                return count
            }
            if refused.contains(number) { return .refused }
            completion(rows, Timing(queue: 0, inference: 0, batchRows: 1))
            return .accepted(Ticket(number: 0, lane: 0, isInline: false))
        }
        work.step()
        for _ in 0..<1_000 where given.withLock({ $0 == nil }) { usleep(5_000) }
        return given.withLock { $0 }
    }

    @Test(arguments: [[], [1], [1, 2, 3], [1, 3, 4, 5]] as [Set<Int>])
    func `A chunk after the first waits for a place in a full queue`(refused: Set<Int>) throws {
        let answer = try #require(try answer(refusing: refused))
        #expect(answer.status == .ok)
        guard case .bytes([6]) = answer.body else {
            Issue.record("\(answer.body)")
            return
        }
    }

    @Test func `The first chunk is refused at once, and counted for its version`() throws {
        let answer = try #require(try answer(refusing: [0]))
        let metrics = try server.send("GET", "/metrics").text
        #expect(
            metrics.contains("augur_refused_total{model=\"tree\",version=\"1\",reason=\"queue full\"} 1\n"))
        #expect(answer.status.code == 503 && answer.headers["Retry-After"] == "1")
    }

    @Test func `Patience ends after a minute`() {
        var patience = Patience()
        var waited = Duration.zero
        while let (pause, rest) = patience.next {
            #expect(pause <= .milliseconds(250))
            waited += pause
            patience = rest
        }
        #expect(waited >= .seconds(60) && waited < .seconds(61))
    }
}
