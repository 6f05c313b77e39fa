import Glibc
import Synchronization
import Testing

@testable import EventLoop

@Suite struct LoopTests {
    /// Runs a loop on a thread of its own while `body` runs.
    private func withLoop(_ body: (Loop) throws -> Void) throws {
        let loop = try Loop()
        let thread = try WorkerThread(name: "loop") { loop.run() }
        try body(loop)
        loop.stop()
        thread.join()
    }

    /// Waits until `log` has `count` entries, five seconds at most.
    private func wait(for count: Int, in log: borrowing Mutex<[String]>) -> [String] {
        for _ in 0..<2_500 where log.withLock({ $0.count }) < count { usleep(2_000) }
        return log.withLock { $0 }
    }

    @Test("Jobs from other threads run on the loop, in order")
    func jobs() throws {
        let log = Mutex<[String]>([])
        try withLoop { loop in
            for index in 0..<100 {
                loop.submit { log.withLock { $0.append("\(index) \(loop.isCurrent)") } }
            }
            #expect(!loop.isCurrent)
            #expect(wait(for: 100, in: log) == (0..<100).map { "\($0) true" })
        }
    }

    @Test("A round runs its jobs, then the works for its end, and cleans up behind all of them")
    func rounds() throws {
        let log = Mutex<[String]>([])
        let note = { @Sendable (entry: String) in log.withLock { $0.append(entry) } }
        let loop = try Loop()
        loop.afterDispatch = { note("after") }
        loop.submit {
            note("job")
            loop.atEndOfRound {
                note("end")
                loop.atEndOfRound { note("end again") }
            }
        }
        loop.submit { note("second job") }
        let thread = try WorkerThread(name: "loop") { loop.run() }
        #expect(
            wait(for: 7, in: log) == [
                "job", "second job", "after", "end", "after", "end again", "after",
            ])
        loop.stop()
        thread.join()
    }

    @Test("A job that was taken runs, also when the loop was stopped before its round")
    func stoppedAtOnce() throws {
        let log = Mutex<[String]>([])
        let loop = try Loop()
        #expect(loop.submit { log.withLock { $0.append("taken") } })
        loop.stop()
        #expect(!loop.submit { log.withLock { $0.append("too late") } })
        loop.run()
        #expect(log.withLock { $0 } == ["taken"])
    }

    @Test("Works that keep asking for more do not starve the loop")
    func endlessRoundEnd() throws {
        let log = Mutex<[String]>([])
        try withLoop { loop in
            @Sendable func again() { loop.atEndOfRound(again) }
            loop.submit { again() }
            loop.submit { log.withLock { $0.append("served") } }
            usleep(5_000)
            loop.submit { log.withLock { $0.append("served again") } }
            #expect(wait(for: 2, in: log) == ["served", "served again"])
        }
    }

    @Test("Timers fire in order and not early")
    func timers() throws {
        let log = Mutex<[String]>([])
        try withLoop { loop in
            let start = monotonicNanoseconds()
            loop.submit {
                for delay in [30, 10, 20] as [UInt64] {
                    loop.schedule(at: start + delay * 1_000_000) {
                        let isDue = monotonicNanoseconds() >= start + delay * 1_000_000
                        log.withLock { $0.append("\(delay) \(isDue)") }
                    }
                }
            }
            #expect(wait(for: 3, in: log) == ["10 true", "20 true", "30 true"])
        }
    }

    @Test("A stopped loop takes no jobs")
    func stopped() throws {
        let loop = try Loop()
        loop.stop()
        loop.run()
        #expect(!loop.submit {})
    }

    @Test("The sideline runs what it is given and finishes before it stops")
    func sideline() throws {
        let sideline = try Sideline(threadsMax: 2)
        let sum = Mutex(0)
        for index in 1...500 { #expect(sideline.submit { sum.withLock { $0 += index } }) }
        sideline.stop()
        #expect(sum.withLock { $0 } == 125_250)
        #expect(!sideline.submit {})
    }

    @Test("Running out of descriptors is told apart from a lost connection and from none waiting")
    func acceptFailures() {
        #expect(Accepted(failure: EMFILE).isExhausted && Accepted(failure: ENFILE).isExhausted)
        #expect(!Accepted(failure: EAGAIN).isExhausted && !Accepted(failure: ECONNABORTED).isExhausted)
    }
}

extension Accepted {
    fileprivate var isExhausted: Bool {
        switch self {
        case .exhausted: true
        case .connection, .none, .lost: false
        }
    }
}
