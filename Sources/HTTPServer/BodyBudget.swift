import Synchronization

/// Who may claim the last bytes of a budget.
package enum BudgetShare: Sendable, Hashable {
    /// Not the quarter that is set apart.
    case common
    /// All of it.
    case whole
}

/// How many bytes all connections together hold: of bodies in memory, or of temporary files, uploads and
/// answers alike. Whoever comes first has them.
///
///     0                    common                     3/4      whole      1
///     |------------------------------------------------|------------------|
///
/// One rule sets a part of them aside: a claim of `common` fails that would bring all that is held, whoever
/// holds it, past three quarters. So clients that fill the budget, slowly or not, leave a quarter to what
/// claims the `whole`, as deployments do of the files.
final class BodyBudget: Sendable {
    private let used = Atomic(0)
    private let bytesMax: Int

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// Bytes held now.
    var bytesHeld: Int { used.load(ordering: .relaxed) }

    /// Whether so many bytes could be claimed now.
    func hasRoom(for bytes: Int, of share: BudgetShare) -> Bool { bytes <= bound(of: share) - bytesHeld }

    private func bound(of share: BudgetShare) -> Int {
        switch share {
        case .common: bytesMax - bytesMax / 4
        case .whole: bytesMax
        }
    }

    fileprivate func claim(_ bytes: Int, of share: BudgetShare) -> Bool {
        let (_, new) = used.add(bytes, ordering: .relaxed)
        if new <= bound(of: share) { return true }
        used.subtract(bytes, ordering: .relaxed)
        return false
    }

    fileprivate func release(_ bytes: Int) { used.subtract(bytes, ordering: .relaxed) }
}

/// What one body or file has claimed of its budget; given back when freed, or before.
final class BodyLease: Sendable {
    private let budget: BodyBudget
    private let share: BudgetShare
    private let claimed = Atomic(0)

    init(_ budget: BodyBudget, share: BudgetShare = .whole) {
        self.budget = budget
        self.share = share
    }

    deinit { release() }

    /// Gives everything back. Harmless when repeated.
    func release() { budget.release(claimed.exchange(0, ordering: .relaxed)) }

    /// Claims further bytes; false when the budget has no more.
    func grow(by bytes: Int) -> Bool {
        guard budget.claim(bytes, of: share) else { return false }
        claimed.add(bytes, ordering: .relaxed)
        return true
    }
}
