import Synchronization

/// How many bytes all connections together hold: of bodies in memory, or of temporary files, uploads and
/// answers alike. Whoever comes first has them; none are set apart.
final class BodyBudget: Sendable {
    private let used = Atomic(0)
    private let bytesMax: Int

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// Bytes held now.
    var bytesHeld: Int { used.load(ordering: .relaxed) }

    /// Whether so many bytes could be claimed now.
    func hasRoom(for bytes: Int) -> Bool { bytes <= bytesMax - bytesHeld }

    fileprivate func claim(_ bytes: Int) -> Bool {
        let (_, new) = used.add(bytes, ordering: .relaxed)
        if new <= bytesMax { return true }
        used.subtract(bytes, ordering: .relaxed)
        return false
    }

    fileprivate func release(_ bytes: Int) { used.subtract(bytes, ordering: .relaxed) }
}

/// What one body or file has claimed of its budget; given back when freed, or before.
final class BodyLease: Sendable {
    private let budget: BodyBudget
    private let claimed = Atomic(0)

    init(_ budget: BodyBudget) { self.budget = budget }

    deinit { release() }

    /// Gives everything back. Harmless when repeated.
    func release() { budget.release(claimed.exchange(0, ordering: .relaxed)) }

    /// Claims further bytes; false when the budget has no more.
    func grow(by bytes: Int) -> Bool {
        guard budget.claim(bytes) else { return false }
        claimed.add(bytes, ordering: .relaxed)
        return true
    }
}
