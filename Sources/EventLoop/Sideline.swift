import CPlatform

/// A few threads for what is too long for an event loop: inflating and writing bodies, compressing replies
/// and files, removing temporary files.
///
/// Jobs are begun in the order given. The queue is bounded by who submits: a connection has at most one piece
/// of a body here, one piece of a file, and the replies to its pipelined requests; a temporary file is
/// removed once.
package final class Sideline: Sendable {
    private struct Queue {
        var jobs: [@Sendable () -> Void] = []
        var first = 0
        var isStopped = false
        var threads: [WorkerThread] = []
    }

    private let queue = Lock(Queue())
    /// Counts the jobs that wait; each read takes one.
    private let waiting: Int32
    private let threadsMax: Int

    /// Jobs already run that may still stand at the front of the array.
    private static let spentMax = 64

    /// Starts nothing: threads come with the first jobs.
    package init(threadsMax: Int) throws(SocketError) {
        self.threadsMax = max(1, threadsMax)
        waiting = platform_eventfd_create(1, 0)
        guard waiting >= 0 else { throw .system(call: "eventfd", code: -waiting) }
    }

    deinit { _ = platform_close(waiting) }

    /// Runs `job` on one of the threads, later. False once stopped, or when no thread can be had.
    package func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
        let isTaken = queue.withLock { queue in
            guard !queue.isStopped else { return false }
            if queue.threads.count < threadsMax, let thread = try? startThread() {
                queue.threads.append(thread)
            }
            guard !queue.threads.isEmpty else { return false }
            queue.jobs.append(job)
            return true
        }
        if isTaken { _ = platform_eventfd_signal(waiting) }
        return isTaken
    }

    /// Finishes what waits and ends the threads.
    package func stop() {
        let threads = queue.withLock { queue in
            queue.isStopped = true
            defer { queue.threads = [] }
            return queue.threads
        }
        for _ in threads { _ = platform_eventfd_signal(waiting) }
        for thread in threads { thread.join() }
    }

    private func startThread() throws(SocketError) -> WorkerThread {
        try WorkerThread(name: "augur-side") { [self] in
            while let job = nextJob() { job() }
        }
    }

    /// Waits for a job; nil when stopped and nothing is left.
    private func nextJob() -> (@Sendable () -> Void)? {
        _ = platform_eventfd_wait(waiting)
        return queue.withLock { queue in
            guard queue.first < queue.jobs.count else { return nil }
            let job = queue.jobs[queue.first]
            queue.first += 1
            if queue.first == queue.jobs.count || queue.first == Self.spentMax {
                queue.jobs.removeSubrange(..<queue.first)
                queue.first = 0
            }
            return job
        }
    }
}
