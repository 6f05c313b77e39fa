import Synchronization

/// What one loop's connections have counted; each loop has its own, so that cores do not fight over them.
final class LoopCounters: Sendable {
    let requests = Atomic(0)
    let faults = Atomic(0)
    let disconnects = Atomic(0)
    let bytesReceived = Atomic(0)
    let bytesSent = Atomic(0)
    /// Replies by status code minus 100.
    private let responses = InlineArray<500, Atomic<Int>> { _ in Atomic(0) }

    func countResponse(_ code: Int) {
        let index = code - 100
        guard responses.indices.contains(index) else { return }
        responses[index].add(1, ordering: .relaxed)
    }

    /// Adds what was counted here to `total`.
    func add(to total: inout ServerStatistics) {
        total.requests += requests.load(ordering: .relaxed)
        total.faults += faults.load(ordering: .relaxed)
        total.disconnects += disconnects.load(ordering: .relaxed)
        total.bytesReceived += bytesReceived.load(ordering: .relaxed)
        total.bytesSent += bytesSent.load(ordering: .relaxed)
        for index in responses.indices {
            let count = responses[index].load(ordering: .relaxed)
            if count > 0 { total.responses[index + 100, default: 0] += count }
        }
    }
}
