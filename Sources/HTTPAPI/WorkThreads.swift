import Glibc
import Synchronization

/// A few threads and a bounded queue of work for them; nothing of it runs on an event loop.
package final class WorkThreads: Sendable {
    private struct State {
        var waiting: [@Sendable () -> Void] = []
        /// Index of the oldest in `waiting`; the ones before it are spent.
        var head = 0
        var isStopped = false
        var count: Int { waiting.count - head }
    }

    private let state = Mutex(State())
    private let available: Signal
    private let depthMax: Int

    /// Starts `count` threads; each runs `prepare` first.
    package init(count: Int, depthMax: Int, prepare: @escaping @Sendable () -> Void = {}) {
        self.depthMax = depthMax
        available = Signal()
        for _ in 0..<max(1, count) { spawn(prepare) }
    }

    /// Queues the work; false when as much as allowed waits already.
    package func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        let isAccepted = state.withLock { state in
            guard !state.isStopped, state.count < depthMax else { return false }
            state.waiting.append(work)
            return true
        }
        if isAccepted { available.raise() }
        return isAccepted
    }

    /// Queues the next piece of work that was accepted before, whatever waits: what is in flight is bounded
    /// already.
    package func resume(_ work: @escaping @Sendable () -> Void) {
        state.withLock { $0.waiting.append(work) }
        available.raise()
    }

    /// Ends the threads once what waits is done.
    package func stop() {
        state.withLock { $0.isStopped = true }
        available.raise()
    }

    /// The next work; `nil` when stopped and empty.
    private func next() -> (@Sendable () -> Void)? {
        while true {
            available.wait()
            let (work, isLast): ((@Sendable () -> Void)?, Bool) = state.withLock { state in
                guard state.count > 0 else { return (nil, state.isStopped) }
                let work = state.waiting[state.head]
                state.waiting[state.head] = {}
                state.head += 1
                if state.head > 64, state.head * 2 > state.waiting.count {
                    state.waiting.removeFirst(state.head)
                    state.head = 0
                }
                return (work, false)
            }
            if let work { return work }
            if isLast {
                available.raise()
                return nil
            }
        }
    }

    private func spawn(_ prepare: @escaping @Sendable () -> Void) {
        let body = ThreadBody { [self] in
            prepare()
            while let work = next() { work() }
        }
        var thread = pthread_t()
        // SAFETY: the box is retained for the new thread, which takes that reference over exactly once.
        let box = Unmanaged.passRetained(body)
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                // SAFETY: `argument` is the box retained above.
                Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            // SAFETY: no thread was made, so the reference is still ours to give back.
            box.release()
            return
        }
        pthread_detach(thread)
    }
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// A counting semaphore (sem_overview(7)).
private final class Signal: @unchecked Sendable {
    private let semaphore: UnsafeMutablePointer<sem_t>

    init() {
        // SAFETY: one `sem_t`, initialised before anyone sees it and freed only in `deinit`.
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, 0)
    }

    deinit {
        // SAFETY: the last reference is gone, so nobody waits on it.
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func raise() { sem_post(semaphore) }

    func wait() {
        // An interrupted wait only means one look at an empty queue.
        sem_wait(semaphore)
    }
}
