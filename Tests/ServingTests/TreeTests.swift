import Batching
import PMML
import Synchronization
import Testing

@testable import Serving

@Suite struct TreeTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    @Test func `A deployed document scores, and the next version takes over`() throws {
        let service = try place.service()
        try service.deploy("tree", TinyTree.file())
        #expect(service.pin("tree")?.label(1) == "low" && service.pin("tree")?.label(9) == "other")
        try service.deploy("tree", TinyTree.file(score: "small"))
        #expect(service.pin("tree")?.label(1) == "small")
        #expect(try service.rollback("tree").label(1) == "low")
    }

    @Test func `A document whose own verification fails is not deployed`() throws {
        let service = try place.service()
        try service.deploy("tree", TinyTree.file(verified: "low"))
        #expect(throws: ServingError.self) { try service.deploy("tree", TinyTree.file(verified: "other")) }
        #expect(service.pin("tree")?.number == 1)
    }

    @Test func `A small tree runs on the event loop, a large request of it on the threads`() throws {
        let service = try place.service()
        guard case .evaluator(let servable) = try service.deploy("tree", TinyTree.file()).version.kind else {
            Issue.record("no evaluator")
            return
        }
        let scheduled = Mutex<[@Sendable () -> Void]>([])
        let lane = LoopLane(index: 0) { work in scheduled.withLock { $0.append(work) } }
        let counts = Monitor<[Int]>([])
        func submit(_ rows: Int) -> Submission {
            servable.submit(Array(repeating: Row(count: servable.evaluator.slotCount), count: rows), on: lane)
            {
                results, timing in
                #expect(timing.batchRows <= 32)
                counts.withLock {
                    $0.append(results.count)
                } thenWake: { _ in
                    .all
                }
            }
        }
        guard case .accepted(let small) = submit(1), case .accepted(let large) = submit(100_000) else {
            return
        }
        #expect(small.isInline && !large.isInline)
        counts.wait { $0 == [100_000] ? .done(()) : .sleep(until: nil) }
        for work in scheduled.withLock({ $0 }) { work() }
        counts.wait { $0 == [100_000, 1] ? .done(()) : .sleep(until: nil) }
    }

    @Test func `The sample row takes the middle of an interval and the first value`() throws {
        let document = String(decoding: TinyTree.file(), as: UTF8.self).replacing(
            "dataType=\"double\"/>",
            with: """
                dataType="double"><Interval closure="closedOpen" leftMargin="4" rightMargin="6"/></DataField>
                """)
        let evaluator = try Evaluator.load(Array(document.utf8))
        #expect(sampleRow(for: evaluator).values == [.number(5)])
    }

    @Test func `A PMML document takes no labels and no image recipe`() throws {
        let service = try place.service()
        #expect(throws: ServingError.self) {
            try service.deploy("tree", TinyTree.file(), yaml: "labels: [a, b]")
        }
        try service.deploy("tree", TinyTree.file(), yaml: "batching: {run: threads}")
        #expect(service.pin("tree")?.label(1) == "low")
    }

    @Test func `A document after a network does not inherit the network's configuration`() throws {
        let service = try place.service()
        try service.deploy("m", TinyNetwork.file(), yaml: "labels: [a, b, c]")
        try service.deploy("m", TinyTree.file())
        #expect(service.pin("m")?.configuration == nil)
        #expect(service.pin("m")?.label(1) == "low")
    }
}
