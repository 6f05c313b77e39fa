import Batching
import Synchronization

/// Work that nobody waits for, done one piece after another on a thread of low priority; there is one only
/// while there is work.
final class Background: Sendable {
    private struct State {
        var waiting: [@Sendable () -> Void] = []
        var isRunning = false
    }

    private let state = Mutex(State())

    /// Does `work` after all that came before. What a thread cannot be started for waits until more comes.
    func run(_ work: @escaping @Sendable () -> Void) {
        let isFirst = state.withLock { state in
            state.waiting.append(work)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard isFirst else { return }
        let isStarted = startThread { [self] in
            nameThread("background")
            lowerThreadPriority()
            while let work = next() { work() }
        }
        if !isStarted { state.withLock { $0.isRunning = false } }
    }

    private func next() -> (@Sendable () -> Void)? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isRunning = false
                return nil
            }
            return state.waiting.removeFirst()
        }
    }
}
