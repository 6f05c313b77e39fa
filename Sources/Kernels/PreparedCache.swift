import Synchronization

/// What an operator computed from its attributes once, kept with its node for later runs.
package final class PreparedCache: Sendable {
    private let content = Mutex<(any Sendable)?>(nil)

    /// An empty cache.
    package init() {}

    /// The kept value, or what `make` gives now.
    func value<Value: Sendable>(_ make: () throws(KernelError) -> Value) throws(KernelError) -> Value {
        if let kept = content.withLock({ $0 }) as? Value { return kept }
        let made = try make()
        content.withLock { $0 = made }
        return made
    }
}
