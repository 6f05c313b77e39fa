import Glibc

/// The threads that run dear models.
///
/// Sources with work stand in one line. An idle thread takes the first, takes one batch of it, puts it back
/// at the end of the line if more of it is due, and runs the batch: no thread idles while any model has work,
/// and no model waits for more than one batch of each other.
package final class InferencePool: Sendable {
    /// Threads it was made with.
    package let threadCount: Int
    private let line: PoolLine

    /// Starts the threads; `prepare` runs first on each of them.
    package init(threads: Int, prepare: @escaping @Sendable (_ index: Int) -> Void = { _ in }) {
        threadCount = max(1, threads)
        let line = PoolLine()
        self.line = line
        for index in 0..<threadCount {
            startThread {
                prepare(index)
                line.serve()
            }
        }
    }

    /// Puts a source with work due into the line, unless it stands there.
    func ready(_ source: any BatchSource) {
        line.add(source)
    }

    /// Puts a source into the line once `time` has come.
    func ready(_ source: any BatchSource, at time: UInt64) {
        line.add(source, at: time)
    }

    /// Waits until nothing waits or runs, at most that long, then ends each thread after the batch it runs;
    /// what still waits then is dropped.
    package func stop(withinSeconds seconds: Double = 0) {
        line.waitUntilIdle(until: monotonicNanoseconds() + UInt64(max(0, min(seconds, 1e6)) * 1e9))
        line.stop()
    }

    deinit { line.stop() }
}

/// A queue that the pool serves.
protocol BatchSource: AnyObject, Sendable {
    /// The work of one batch, if one is due, and when there is more.
    func takeBatch(at now: UInt64) -> (batch: (@Sendable () -> Void)?, next: BatchSourceState)
}

/// When a source has its next batch.
enum BatchSourceState: Hashable, Sendable {
    case idle
    case ready
    case due(at: UInt64)
}
