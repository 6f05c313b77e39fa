/// The line of sources with work, and the threads that wait at it.
final class PoolLine: Sendable {
    private struct State {
        /// In the order to be served; each source once.
        var ready: [any BatchSource] = []
        /// Sources to be looked at again at a time; few, so a plain array.
        var delayed: [(source: any BatchSource, time: UInt64)] = []
        var isStopped = false

        mutating func moveDue(at now: UInt64) {
            for entry in delayed where entry.time <= now && !ready.contains(where: { $0 === entry.source }) {
                ready.append(entry.source)
            }
            delayed.removeAll { $0.time <= now }
        }
    }

    private let state = Monitor(State())

    func add(_ source: any BatchSource) {
        state.withLock { state in
            guard !state.isStopped, !state.ready.contains(where: { $0 === source }) else { return }
            state.ready.append(source)
        } thenWake: {
            .one
        }
    }

    func add(_ source: any BatchSource, at time: UInt64) {
        state.withLock { state in
            guard !state.isStopped, !state.delayed.contains(where: { $0.source === source }) else { return }
            state.delayed.append((source, time))
        } thenWake: {
            .one
        }
    }

    func stop() {
        state.withLock { state in
            state = State(isStopped: true)
        } thenWake: {
            .all
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
        }
    }

    /// Waits for a source with work; `nil` when the pool has stopped.
    private func next() -> (any BatchSource)? {
        state.wait { state in
            guard !state.isStopped else { return .done(nil) }
            state.moveDue(at: monotonicNanoseconds())
            if !state.ready.isEmpty { return .done(state.ready.removeFirst()) }
            return .sleep(until: state.delayed.map(\.time).min())
        }
    }
}
