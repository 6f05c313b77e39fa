import Batching

/// How one batch went, as one of its requests saw it.
struct BatchTiming: Sendable, Hashable {
    /// Nanoseconds that the request had waited when the batch started.
    var queue: UInt64 = 0
    /// Nanoseconds that the batch ran.
    var inference: UInt64
    /// All rows of the batch.
    var rows: Int

    /// With the waiting time of the request that a part belongs to.
    func seen<Item>(by part: BatchPart<Item>, startedAt start: UInt64) -> BatchTiming {
        BatchTiming(queue: start.saturatingSubtract(part.waitedSince), inference: inference, rows: rows)
    }
}

extension VersionMetrics {
    /// Counts a batch that has just been computed.
    func observe<Item>(_ batch: [BatchPart<Item>], start: UInt64) -> BatchTiming {
        let rows = batch.reduce(0) { $0 + $1.rows.count }
        let duration = monotonicNanoseconds().saturatingSubtract(start)
        inference.observe(duration)
        batchSize.observe(UInt64(rows))
        for part in batch where part.isFirst { queue.observe(start.saturatingSubtract(part.waitedSince)) }
        return BatchTiming(inference: duration, rows: rows)
    }
}

extension UInt64 {
    fileprivate func saturatingSubtract(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }
}
