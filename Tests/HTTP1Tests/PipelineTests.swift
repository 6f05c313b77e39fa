import Testing

@testable import HTTP1

@Suite struct PipelineTests {
    @Test("Whatever the order of answers, they are written in the order of requests")
    func everyOrder() {
        for count in 1...6 {
            for order in permutations(Array(0..<UInt64(count))) {
                var pipeline = Pipeline(inFlightMax: count)
                for _ in 0..<count {
                    #expect(pipeline.admits(overlapping: true))
                    _ = pipeline.started(overlapping: true, keepsAlive: true)
                }
                #expect(!pipeline.admits(overlapping: true))
                #expect(written(&pipeline, answering: order) == Array(0..<UInt64(count)))
                #expect(pipeline.inFlight == 0)
            }
        }
    }

    /// Answers in `order`, as a connection does, and returns the turns in the order written.
    private func written(_ pipeline: inout Pipeline, answering order: [UInt64]) -> [UInt64] {
        var held: Set<UInt64> = []
        var written: [UInt64] = []
        for turn in order {
            switch pipeline.order(of: turn) {
            case .hold: held.insert(turn)
            case .drop: break
            case .write:
                held.insert(turn)
                while held.remove(pipeline.next) != nil {
                    written.append(pipeline.next)
                    pipeline.wrote(closes: false)
                }
            }
        }
        return written
    }

    private func permutations(_ items: [UInt64]) -> [[UInt64]] {
        guard items.count > 1 else { return [items] }
        return items.indices.flatMap { index in
            var rest = items
            let first = rest.remove(at: index)
            return permutations(rest).map { [first] + $0 }
        }
    }

    @Test("A request that must not overlap starts alone and stays alone")
    func exclusive() {
        var pipeline = Pipeline(inFlightMax: 8)
        #expect(pipeline.admits(overlapping: false))
        _ = pipeline.started(overlapping: false, keepsAlive: true)
        #expect(!pipeline.admits(overlapping: true))
        #expect(!pipeline.admits(overlapping: false))
        pipeline.wrote(closes: false)
        _ = pipeline.started(overlapping: true, keepsAlive: true)
        #expect(pipeline.admits(overlapping: true))
        #expect(!pipeline.admits(overlapping: false))
    }

    @Test("After a request that closes nothing more is admitted, and the connection ends with its answer")
    func closing() {
        var pipeline = Pipeline(inFlightMax: 8)
        _ = pipeline.started(overlapping: true, keepsAlive: true)
        _ = pipeline.started(overlapping: true, keepsAlive: false)
        #expect(!pipeline.admits(overlapping: true))
        pipeline.wrote(closes: false)
        #expect(!pipeline.isFinished)
        pipeline.wrote(closes: false)
        #expect(pipeline.isFinished)
    }

    @Test("An answer that closes drops those behind it")
    func closingAnswer() {
        var pipeline = Pipeline(inFlightMax: 8)
        for _ in 0..<3 { _ = pipeline.started(overlapping: true, keepsAlive: true) }
        pipeline.wrote(closes: true)
        #expect(pipeline.isFinished)
        #expect(pipeline.order(of: 1) == .drop)
        #expect(pipeline.order(of: 2) == .drop)
    }

    @Test("A second answer, and one to a request that never came, are dropped")
    func stray() {
        var pipeline = Pipeline(inFlightMax: 8)
        _ = pipeline.started(overlapping: true, keepsAlive: true)
        #expect(pipeline.order(of: 0) == .write)
        pipeline.wrote(closes: false)
        #expect(pipeline.order(of: 0) == .drop)
        #expect(pipeline.order(of: 1) == .drop)
    }

    @Test("Draining ends the connection after the requests in flight")
    func drain() {
        var pipeline = Pipeline(inFlightMax: 8)
        pipeline.drain()
        #expect(!pipeline.isClosing)
        _ = pipeline.started(overlapping: true, keepsAlive: true)
        _ = pipeline.started(overlapping: true, keepsAlive: true)
        pipeline.drain()
        #expect(!pipeline.admits(overlapping: true))
        pipeline.wrote(closes: false)
        #expect(!pipeline.isFinished)
        pipeline.wrote(closes: false)
        #expect(pipeline.isFinished)
    }
}
