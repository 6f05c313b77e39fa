/// The line of sources with work, and the threads that wait at it.
final class PoolLine: Sendable {
    private struct State {
        /// In the order to be served; each source once.
        var ready: [any BatchSource] = []
        /// Sources to be looked at again at a time; few, so a plain array.
        var delayed: [(source: any BatchSource, time: UInt64)] = []
        /// Threads that run a batch.
        var busy = 0
        /// Whether a shutdown waits for the last batch.
        var isWaitedFor = false
        var isStopped = false

        var isIdle: Bool { ready.isEmpty && delayed.isEmpty && busy == 0 }

        mutating func moveDue(at now: UInt64) {
            for entry in delayed where entry.time <= now && !ready.contains(where: { $0 === entry.source }) {
                ready.append(entry.source)
            }
            delayed.removeAll { $0.time <= now }
        }
    }

    private let state = Monitor(State())

    func add(_ source: any BatchSource) {
        change { state in
            guard !state.isStopped, !state.ready.contains(where: { $0 === source }) else { return }
            state.ready.append(source)
        }
    }

    func add(_ source: any BatchSource, at time: UInt64) {
        change { state in
            guard !state.isStopped, !state.delayed.contains(where: { $0.source === source }) else { return }
            state.delayed.append((source, time))
        }
    }

    func stop() {
        state.withLock { state in
            state = State(isStopped: true)
        } thenWake: { _ in
            .all
        }
    }

    func waitUntilIdle(until deadline: UInt64) {
        state.wait { state in
            state.isWaitedFor = true
            if state.isIdle || state.isStopped || monotonicNanoseconds() >= deadline { return .done(()) }
            return .sleep(until: deadline)
        }
    }

    /// One idle thread is enough for one more source; but the one that wakes must not be `waitUntilIdle`'s.
    private func change(_ body: (inout State) -> Void) {
        _ = state.withLock { state in
            body(&state)
            return state.isWaitedFor
        } thenWake: { isWaitedFor in
            isWaitedFor ? .all : .one
        }
    }

    /// One thread's life.
    func serve() {
        while let source = next() {
            let (batch, after) = source.takeBatch(at: monotonicNanoseconds())
            switch after {
            case .ready: add(source)
            case .due(let time): add(source, at: time)
            case .idle: break
            }
            batch?()
            finished()
        }
    }

    private func finished() {
        let isAwaited = state.withLock { state in
            state.busy -= 1
            return state.isWaitedFor && state.isIdle
        }
        if isAwaited { state.wakeAll() }
    }

    /// Waits for a source with work; `nil` when the pool has stopped.
    private func next() -> (any BatchSource)? {
        state.wait { state in
            guard !state.isStopped else { return .done(nil) }
            state.moveDue(at: monotonicNanoseconds())
            if !state.ready.isEmpty {
                state.busy += 1
                return .done(state.ready.removeFirst())
            }
            return .sleep(until: state.delayed.map(\.time).min())
        }
    }
}
