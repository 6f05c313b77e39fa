import Testing

@testable import Batching

@Suite struct BatchQueueTests {
    private func queue(size: Int = 4, depth: Int = 100, delay: UInt64 = 0) -> BatchQueue<String> {
        BatchQueue(policy: BatchPolicy(sizeMax: size, depthMax: depth, delayMax: delay))
    }

    private func text(_ parts: [BatchPart<String>]) -> [String] {
        parts.map { $0.rows == 0..<1 ? $0.item : "\($0.item)\($0.rows.lowerBound)-\($0.rows.upperBound)" }
    }

    @Test func `Without a delay a lone request runs at once`() {
        var queue = queue()
        #expect(queue.submitted("a", rows: 1, at: 7).action == .run)
        #expect(text(queue.takeBatch(at: 7)) == ["a"])
        #expect(queue.isEmpty && queue.action(at: 7) == .wait)
    }

    @Test func `What waits is one batch, oldest first, up to the size`() {
        var queue = queue()
        for item in ["a", "b", "c", "d", "e"] { _ = queue.submitted(item, rows: 1, at: 1) }
        #expect(text(queue.takeBatch(at: 1)) == ["a", "b", "c", "d"])
        #expect(queue.action(at: 1) == .run)
        #expect(text(queue.takeBatch(at: 1)) == ["e"])
        #expect(queue.takeBatch(at: 1).isEmpty)
    }

    @Test(arguments: [(1, 1), (2, 2), (3, 2), (7, 4), (8, 8), (11, 8), (12, 12), (40, 12)])
    func `A batch that prefers powers of two has one, unless it is full`(_ waiting: Int, _ expected: Int) {
        var policy = BatchPolicy(sizeMax: 12)
        policy.prefersPowersOfTwo = true
        var queue = BatchQueue<Int>(policy: policy)
        for item in 0..<waiting { _ = queue.submitted(item, rows: 1, at: 1) }
        #expect(queue.takeBatch(at: 1).count == expected)
        #expect(queue.depth == waiting - expected)
        #expect(queue.action(at: 1) == (waiting > expected ? .run : .wait))
    }

    @Test func `A batch that waits for others is not cut to a power of two`() {
        var policy = BatchPolicy(sizeMax: 12, delayMax: 100)
        policy.prefersPowersOfTwo = true
        var queue = BatchQueue<Int>(policy: policy)
        for item in 0..<3 { _ = queue.submitted(item, rows: 1, at: 10) }
        #expect(queue.takeBatch(at: 110).count == 3)
    }

    @Test func `With a delay a batch runs when the oldest has waited that long, or when it is full`() {
        var queue = queue(size: 3, delay: 100)
        #expect(queue.submitted("a", rows: 1, at: 10).action == .wake(at: 110))
        #expect(queue.submitted("b", rows: 1, at: 60).action == .wake(at: 110))
        #expect(queue.takeBatch(at: 109).isEmpty)
        #expect(queue.action(at: 110) == .run)
        #expect(queue.submitted("c", rows: 1, at: 61).action == .run)
        #expect(text(queue.takeBatch(at: 61)) == ["a", "b", "c"])
    }

    @Test func `A delay that overflows the clock is no delay`() {
        var queue = queue(delay: .max)
        #expect(queue.submitted("a", rows: 1, at: 10).action == .run)
    }

    @Test func `A request of many rows lets the others through after each of its batches`() {
        var queue = queue(size: 4)
        _ = queue.submitted("big", rows: 10, at: 1)
        _ = queue.submitted("a", rows: 1, at: 2)
        #expect(text(queue.takeBatch(at: 3)) == ["big0-4"])
        _ = queue.submitted("b", rows: 1, at: 3)
        #expect(text(queue.takeBatch(at: 3)) == ["a", "big4-7"])
        #expect(text(queue.takeBatch(at: 3)) == ["b", "big7-10"])
        #expect(queue.isEmpty)
    }

    @Test func `A request with rows at its head says when it is the first time`() {
        var queue = queue(size: 2)
        _ = queue.submitted("big", rows: 3, at: 1)
        #expect(queue.takeBatch(at: 1).map(\.isFirst) == [true])
        #expect(queue.takeBatch(at: 1).map(\.isFirst) == [false])
    }

    @Test func `A full queue refuses, and takes in again when there is room`() {
        var queue = queue(size: 1, depth: 2)
        #expect(queue.submitted("a", rows: 1, at: 1).action == .run)
        #expect(queue.submitted("b", rows: 1, at: 1).action == .run)
        #expect(queue.submitted("c", rows: 1, at: 1).action == .refuse)
        #expect(text(queue.takeBatch(at: 1)) == ["a"])
        #expect(queue.submitted("d", rows: 1, at: 1).action == .run)
        #expect(queue.depth == 2)
    }

    @Test func `A cancelled request leaves its neighbours alone, and makes room`() {
        var queue = queue(size: 4, depth: 3)
        let tickets = ["a", "b", "c"].map { queue.submitted($0, rows: 1, at: 1).ticket }
        #expect(queue.cancelled(tickets[1]) == "b")
        #expect(queue.cancelled(tickets[1]) == nil)
        #expect(queue.submitted("d", rows: 1, at: 1).action == .run)
        #expect(text(queue.takeBatch(at: 1)) == ["a", "c", "d"])
        #expect(queue.cancelled(tickets[0]) == nil)
    }

    @Test func `Cancelling a request that is half computed drops the other half`() {
        var queue = queue(size: 2)
        let ticket = queue.submitted("big", rows: 5, at: 1).ticket
        _ = queue.takeBatch(at: 1)
        #expect(queue.cancelled(ticket) == "big")
        #expect(queue.takeBatch(at: 1).isEmpty && queue.isEmpty)
    }

    @Test func `A request without rows is handed out too, so that it is answered`() {
        var queue = queue()
        #expect(queue.submitted("none", rows: 0, at: 1).action == .run)
        #expect(text(queue.takeBatch(at: 1)) == ["none0-0"])
        #expect(queue.isEmpty)
    }

    @Test(arguments: [1, 2, 3, 7, 64])
    func `Whatever comes, every row is handed out once, in order, in batches within the size`(_ seed: UInt64)
    {
        var random = Random(state: seed)
        var queue = BatchQueue<Int>(policy: BatchPolicy(sizeMax: 5, depthMax: 40))
        var rows: [Int: Int] = [:]
        var taken: [Int: Int] = [:]
        var tickets: [(item: Int, ticket: UInt64)] = []
        var cancelled: Set<Int> = []
        for item in 0..<2000 {
            let count = Int(random.next() % 12)
            let outcome = queue.submitted(item, rows: count, at: 1)
            if outcome.action != .refuse {
                rows[item] = count
                tickets.append((item, outcome.ticket))
            }
            if random.next() % 8 == 0, let one = tickets.randomElement(using: &random),
                queue.cancelled(one.ticket) != nil
            {
                cancelled.insert(one.item)
            }
            for _ in 0..<(random.next() % 3) { take(&queue, into: &taken) }
        }
        while !queue.isEmpty { take(&queue, into: &taken) }
        #expect(rows.count > 100 && !cancelled.isEmpty)
        for (item, count) in rows {
            let handedOut = taken[item, default: 0]
            #expect(cancelled.contains(item) ? handedOut <= count : handedOut == count)
        }
    }

    private func take(_ queue: inout BatchQueue<Int>, into taken: inout [Int: Int]) {
        let batch = queue.takeBatch(at: 1)
        #expect(batch.reduce(0) { $0 + $1.rows.count } <= 5)
        for part in batch {
            #expect(part.rows.lowerBound == taken[part.item, default: 0])
            taken[part.item, default: 0] += part.rows.count
        }
    }
}

/// A small generator with a seed (Marsaglia's xorshift64).
struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
