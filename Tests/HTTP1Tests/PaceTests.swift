import Testing

@testable import HTTP1

@Suite struct PaceTests {
    let pace = Pace(
        headerTimeout: .seconds(10), idleTimeout: .seconds(75), lingerTimeout: .seconds(2),
        transferGrace: .seconds(5), transferRateMin: 1_000, transferTimeout: .seconds(60))

    @Test("Each wait has its own bound")
    func bounds() {
        let second: UInt64 = 1_000_000_000
        #expect(pace.deadline(of: .idle(since: second)) == 76 * second)
        #expect(pace.deadline(of: .head(since: second)) == 11 * second)
        #expect(pace.deadline(of: .linger(since: second)) == 3 * second)
        #expect(pace.deadline(of: .application) == nil)
    }

    @Test("A transfer gains time with every byte")
    func transfer() {
        let second: UInt64 = 1_000_000_000
        #expect(pace.deadline(of: .transfer(since: 0, bytes: 0)) == 5 * second)
        #expect(pace.deadline(of: .transfer(since: 0, bytes: 2_500)) == 7_500_000_000)
    }

    @Test("A transfer has an end, whatever its size")
    func transferEnd() {
        let minute: UInt64 = 60_000_000_000
        #expect(pace.deadline(of: .transfer(since: minute, bytes: 55_000)) == 2 * minute)
        #expect(pace.deadline(of: .transfer(since: minute, bytes: 1 << 31)) == 2 * minute)
    }

    @Test("A transfer at the least rate has a time, however many bytes it has")
    func slowest() {
        var pace = pace
        pace.transferRateMin = 1
        for bytes in [18_446_744_074, 1 << 40, Int.max, -1] {
            #expect(pace.deadline(of: .transfer(since: 7, bytes: bytes)).map { $0 <= 60_000_000_007 } == true)
        }
    }

    @Test("Durations become nanoseconds without trapping")
    func durations() {
        #expect(Duration.milliseconds(1).nanoseconds == 1_000_000)
        #expect(Duration.seconds(-1).nanoseconds == 0)
        #expect(Duration.seconds(Int64.max).nanoseconds == 3_155_760_000_000_000_000)
    }
}
