import Testing

@testable import EventLoop

@Suite struct AcceptGateTests {
    /// What the gate says to each event, and where it ends.
    private func run(_ gate: inout AcceptGate, _ events: [(inout AcceptGate) -> Bool]) -> [Bool] {
        events.map { $0(&gate) }
    }

    @Test("At the bound the listener pauses, and a close takes it up again")
    func bound() {
        var gate = AcceptGate(openMax: 2)
        #expect(run(&gate, [{ $0.opened() }, { $0.opened() }]) == [true, false])
        #expect(gate.state == .full && gate.pauses == 1)
        #expect(run(&gate, [{ $0.closed() }]) == [true])
        #expect(gate.state == .accepting && gate.open == 1 && gate.accepted == 2)
        #expect(run(&gate, [{ $0.closed() }]) == [false])
    }

    @Test("Out of descriptors it pauses until a close or the retry, whichever is first")
    func exhausted() {
        var gate = AcceptGate(openMax: 9)
        _ = gate.opened()
        gate.ranOut()
        #expect(gate.state == .exhausted)
        #expect(run(&gate, [{ $0.retried() }, { $0.retried() }]) == [true, false])
        #expect(gate.state == .accepting)
        gate.ranOut()
        #expect(run(&gate, [{ $0.closed() }]) == [true])
        #expect(gate.state == .accepting && gate.pauses == 2)
    }

    @Test("Once stopped it never accepts again")
    func stopped() {
        var gate = AcceptGate(openMax: 1)
        _ = gate.opened()
        gate.stop()
        #expect(run(&gate, [{ $0.closed() }, { $0.retried() }]) == [false, false])
        #expect(gate.state == .stopped)
    }
}

@Suite struct TimerQueueTests {
    @Test("Actions are due in the order of their deadlines, equal ones in the order given")
    func order() {
        var queue = TimerQueue<Int>()
        var expected: [(deadline: UInt64, index: Int)] = []
        var seed: UInt64 = 1
        for index in 0..<500 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1
            let deadline = (seed >> 33) % 50
            queue.insert(index, at: deadline)
            expected.append((deadline, index))
        }
        expected.sort { ($0.deadline, $0.index) < ($1.deadline, $1.index) }
        #expect(queue.nextDeadline == expected[0].deadline)
        var popped: [Int] = []
        for now in 0..<50 as Range<UInt64> {
            while let index = queue.popDue(at: now) { popped.append(index) }
            #expect(queue.nextDeadline.map { $0 > now } ?? true)
        }
        #expect(popped == expected.map(\.index))
        #expect(queue.isEmpty)
    }
}

@Suite struct SourceTableTests {
    private final class Source: EventSource {
        func ready(_ readiness: Readiness) {}
    }

    @Test("A token of a removed source finds nothing, not its successor")
    func generations() {
        var table = SourceTable()
        let first = table.insert(Source())
        let second = table.insert(Source())
        table.remove(first)
        #expect(table[first] == nil && table[second] != nil && table.count == 1)
        let third = table.insert(Source())
        #expect(table[first] == nil && table[third] != nil && third != first)
        table.remove(first)
        #expect(table[third] != nil && table.count == 2)
        #expect(table[.max] == nil)
    }

    @Test("The sources are walked in parts, from slot to slot and round again")
    func parts() {
        var table = SourceTable()
        let tokens = (0..<5).map { _ in table.insert(Source()) }
        table.remove(tokens[1])
        let first = table.sources(from: 0, count: 3)
        #expect(first.sources.count == 2 && first.next == 3)
        let second = table.sources(from: first.next, count: 3)
        #expect(second.sources.count == 2 && second.next == 0)
        #expect(table.sources(from: 9, count: 3).sources.isEmpty)
    }
}
