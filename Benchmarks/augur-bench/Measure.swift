/// The median time of one call, in nanoseconds, over `rounds` rounds of about a millisecond or more each.
func medianNanoseconds(rounds: Int = 41, _ body: () -> Void) -> Double {
    let clock = ContinuousClock()
    body()
    let once = nanoseconds(clock.measure(body))
    let calls = max(1, Int(1_000_000 / max(once, 1)))
    let times = (0..<rounds).map { _ in
        nanoseconds(clock.measure { for _ in 0..<calls { body() } }) / Double(calls)
    }
    return times.sorted()[rounds / 2]
}

private func nanoseconds(_ duration: Duration) -> Double {
    let (seconds, attoseconds) = duration.components
    return Double(seconds) * 1e9 + Double(attoseconds) / 1e9
}

/// Nanoseconds as microseconds for a person: `26.3`.
func microseconds(_ nanoseconds: Double) -> String {
    let tenths = Int((nanoseconds / 10).rounded())
    return "\(tenths / 100).\(tenths % 100 < 10 ? "0" : "")\(tenths % 100)"
}

/// Keeps the compiler from leaving out work whose result nobody reads.
@inline(never) func keep<Value>(_ value: Value) {}
