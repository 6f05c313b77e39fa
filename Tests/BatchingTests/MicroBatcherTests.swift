import Foundation
import Synchronization
import Testing

@testable import Batching

@Suite struct MicroBatcherTests {
    /// A request that is only a number.
    final class Numbered: Sendable {
        let number: Int
        init(_ number: Int) { self.number = number }
    }

    /// What ran, and what became of each item.
    final class Record: Sendable {
        let batches = Mutex<[[Int]]>([])
        let failed = Mutex<[Int]>([])
        let done = Monitor(0)

        /// Fails as a whole when `bad` is among the items.
        func work(bad: Int? = nil, gate: Gate? = nil) -> BatchWork {
            @Sendable func run(_ parts: [BatchPart<BatchItem>]) -> Bool {
                gate?.pass()
                let items = parts.compactMap { ($0.item as? Numbered)?.number }
                self.batches.withLock { $0.append(items) }
                if let bad, items.contains(bad) { return false }
                self.finished(items.count)
                return true
            }
            return BatchWork(run: run) { part in
                guard !run([part]), let item = part.item as? Numbered else { return }
                self.failed.withLock { $0.append(item.number) }
                self.finished(1)
            }
        }

        private func finished(_ count: Int) {
            done.withLock {
                $0 += count
            } thenWake: { _ in
                .all
            }
        }

        func wait(for count: Int) {
            done.wait { $0 >= count ? .done(()) : .sleep(until: nil) }
        }
    }

    /// Holds batches back until it is opened.
    final class Gate: Sendable {
        private let state = Monitor((open: false, waiting: 0))

        func pass() {
            state.withLock {
                $0.waiting += 1
            } thenWake: { _ in
                .all
            }
            state.wait { $0.open ? .done(()) : .sleep(until: nil) }
        }

        func open() {
            state.withLock {
                $0.open = true
            } thenWake: { _ in
                .all
            }
        }
        func waitForArrival(_ count: Int) {
            state.wait { $0.waiting >= count ? .done(()) : .sleep(until: nil) }
        }
    }

    /// An event loop's end of round, run by hand.
    final class Loop: Sendable {
        let scheduled = Mutex<[@Sendable () -> Void]>([])

        func lane(_ index: Int = 0) -> LoopLane {
            LoopLane(index: index) { work in self.scheduled.withLock { $0.append(work) } }
        }

        func endRound() {
            let work = scheduled.withLock { scheduled in
                defer { scheduled = [] }
                return scheduled
            }
            for one in work { one() }
        }
    }

    @Test func `What one round of a loop brings is one batch at its end`() {
        let (record, loop) = (Record(), Loop())
        let batcher = MicroBatcher(policy: BatchPolicy(), mode: .inline(lanes: 2), work: record.work())
        for item in 1...3 { _ = batcher.submit(Numbered(item), on: loop.lane()) }
        #expect(record.batches.withLock { $0 }.isEmpty)
        #expect(loop.scheduled.withLock { $0.count } == 1)
        loop.endRound()
        #expect(record.batches.withLock { $0 } == [[1, 2, 3]])
        _ = batcher.submit(Numbered(4), on: loop.lane())
        loop.endRound()
        #expect(record.batches.withLock { $0 } == [[1, 2, 3], [4]])
    }

    @Test func `Loops do not share batches`() {
        let (record, one, other) = (Record(), Loop(), Loop())
        let batcher = MicroBatcher(policy: BatchPolicy(), mode: .inline(lanes: 2), work: record.work())
        _ = batcher.submit(Numbered(1), on: one.lane(0))
        _ = batcher.submit(Numbered(2), on: other.lane(1))
        one.endRound()
        #expect(record.batches.withLock { $0 } == [[1]])
        other.endRound()
        #expect(record.batches.withLock { $0 } == [[1], [2]])
    }

    @Test func `A round with more than the size makes several batches`() {
        let (record, loop) = (Record(), Loop())
        let batcher = MicroBatcher(
            policy: BatchPolicy(sizeMax: 2), mode: .inline(lanes: 1), work: record.work())
        for item in 1...5 { _ = batcher.submit(Numbered(item), on: loop.lane()) }
        loop.endRound()
        #expect(record.batches.withLock { $0 } == [[1, 2], [3, 4], [5]])
    }

    @Test func `A batch that fails as a whole is run again one by one, and only the bad item fails`() {
        let (record, loop) = (Record(), Loop())
        let batcher = MicroBatcher(policy: BatchPolicy(), mode: .inline(lanes: 1), work: record.work(bad: 2))
        for item in 1...3 { _ = batcher.submit(Numbered(item), on: loop.lane()) }
        loop.endRound()
        #expect(record.batches.withLock { $0 } == [[1, 2, 3], [1], [2], [3]])
        #expect(record.failed.withLock { $0 } == [2])
    }

    @Test func `A cancelled request is not run, also when it was the only one`() {
        let (record, loop) = (Record(), Loop())
        let batcher = MicroBatcher(policy: BatchPolicy(), mode: .inline(lanes: 1), work: record.work())
        guard case .accepted(let ticket) = batcher.submit(Numbered(1), on: loop.lane()) else {
            Issue.record("refused")
            return
        }
        #expect(batcher.cancel(ticket))
        #expect(!batcher.cancel(ticket))
        _ = batcher.submit(Numbered(2), on: loop.lane())
        loop.endRound()
        #expect(record.batches.withLock { $0 } == [[2]])
    }

    @Test func `While a batch runs the next one fills, and a full queue refuses at once`() {
        let (record, gate) = (Record(), Gate())
        let pool = InferencePool(threads: 1)
        let policy = BatchPolicy(sizeMax: 8, depthMax: 3)
        let batcher = MicroBatcher(policy: policy, mode: .threads(pool), work: record.work(gate: gate))
        _ = batcher.submit(Numbered(1))
        gate.waitForArrival(1)
        for item in 2...4 { _ = batcher.submit(Numbered(item)) }
        #expect(batcher.submit(Numbered(5)) == .refused)
        gate.open()
        record.wait(for: 4)
        #expect(record.batches.withLock { $0 } == [[1], [2, 3, 4]])
    }

    @Test func `No thread idles while any model has work`() {
        let (record, gate) = (Record(), Gate())
        let pool = InferencePool(threads: 2)
        let work = record.work(gate: gate)
        let one = MicroBatcher(policy: BatchPolicy(sizeMax: 1), mode: .threads(pool), work: work)
        _ = one.submit(Numbered(1))
        _ = one.submit(Numbered(2))
        // Both items of the one model are being run at the same time.
        gate.waitForArrival(2)
        gate.open()
        record.wait(for: 2)
    }

    @Test func `A busy model does not starve another`() {
        let (record, gate) = (Record(), Gate())
        let pool = InferencePool(threads: 1)
        let work = record.work(gate: gate)
        let busy = MicroBatcher(policy: BatchPolicy(sizeMax: 1), mode: .threads(pool), work: work)
        let other = MicroBatcher(policy: BatchPolicy(sizeMax: 1), mode: .threads(pool), work: work)
        for item in 1...5 { _ = busy.submit(Numbered(item)) }
        gate.waitForArrival(1)
        _ = other.submit(Numbered(100))
        gate.open()
        record.wait(for: 6)
        let order = record.batches.withLock { $0.flatMap { $0 } }
        let position = order.firstIndex(of: 100) ?? .max
        #expect(position <= 2)
    }

    @Test func `A delay lets a batch fill, and ends`() {
        let record = Record()
        let pool = InferencePool(threads: 1)
        let policy = BatchPolicy(sizeMax: 8, depthMax: 100, delayMax: 30_000_000)
        let batcher = MicroBatcher(policy: policy, mode: .threads(pool), work: record.work())
        for item in 1...3 { _ = batcher.submit(Numbered(item)) }
        record.wait(for: 3)
        #expect(record.batches.withLock { $0 } == [[1, 2, 3]])
    }

    @Test func `A version's queue is finished although nobody else holds it any more`() {
        let (record, gate) = (Record(), Gate())
        let pool = InferencePool(threads: 1)
        do {
            let batcher = MicroBatcher(
                policy: BatchPolicy(sizeMax: 1), mode: .threads(pool), work: record.work(gate: gate))
            for item in 1...3 { _ = batcher.submit(Numbered(item)) }
        }
        gate.open()
        record.wait(for: 3)
        #expect(record.batches.withLock { $0 } == [[1], [2], [3]])
    }

    @Test func `Stopping waits for what is queued`() {
        let record = Record()
        let pool = InferencePool(threads: 2)
        let batcher = MicroBatcher(policy: BatchPolicy(sizeMax: 1), mode: .threads(pool), work: record.work())
        for item in 1...50 { _ = batcher.submit(Numbered(item)) }
        pool.stop(withinSeconds: 10)
        #expect(record.batches.withLock { $0.count } == 50)
    }

    @Test func `Stopping does not wait longer than it may`() {
        let (record, gate) = (Record(), Gate())
        let pool = InferencePool(threads: 1)
        let batcher = MicroBatcher(
            policy: BatchPolicy(sizeMax: 1), mode: .threads(pool), work: record.work(gate: gate))
        _ = batcher.submit(Numbered(1))
        _ = batcher.submit(Numbered(2))
        gate.waitForArrival(1)
        pool.stop(withinSeconds: 0.01)
        gate.open()
        record.wait(for: 1)
        #expect(record.batches.withLock { $0.flatMap { $0 } } == [1])
    }

    @Test func `Requests from many threads are each answered once`() {
        let record = Record()
        let pool = InferencePool(threads: 3)
        let batcher = MicroBatcher(
            policy: BatchPolicy(sizeMax: 7, depthMax: 100_000), mode: .threads(pool), work: record.work())
        DispatchQueue.concurrentPerform(iterations: 4) { thread in
            for item in 0..<1000 { _ = batcher.submit(Numbered(thread * 1000 + item)) }
        }
        record.wait(for: 4000)
        let items = record.batches.withLock { $0.flatMap { $0 } }
        #expect(items.sorted() == Array(0..<4000))
        #expect(record.batches.withLock { $0.allSatisfy { $0.count <= 7 } })
    }
}
