import Synchronization
import Tensors

/// What one run may use: memory from a pool, and a number of elementary operations.
package final class Workspace: Sendable {
    /// Where results are allocated.
    package let pool: TensorPool
    private let operationsMax: Int
    private let operations = Atomic<Int>(0)
    /// Bytes of lists that the operator under way makes.
    private let claimed = Atomic<Int>(0)

    /// A workspace of at most `operationsMax` operations.
    package init(pool: TensorPool, operationsMax: Int) {
        (self.pool, self.operationsMax) = (pool, operationsMax)
    }

    /// Counts `amount` operations before they are done.
    /// - Throws: `KernelError.tooLarge` past the bound.
    package func charge(_ amount: Int) throws(KernelError) {
        let (_, after) = operations.wrappingAdd(min(max(amount, 0), operationsMax), ordering: .relaxed)
        guard amount <= operationsMax, after <= operationsMax else {
            throw .tooLarge("the run needs more than \(operationsMax) operations")
        }
    }

    /// Counts `count` operations, and claims the memory of a list of as many elements, of `elementBytes` each
    /// with all that belongs to them, until `endClaims`. Comes before the list is made.
    /// - Throws: `KernelError.tooLarge`.
    package func reserve(_ count: Int, elementBytes: Int = 16) throws(KernelError) {
        try charge(count)
        let bytes = saturatingMultiply(max(count, 0), elementBytes)
        do { try pool.claim(bytes) } catch { throw .tooLarge("a list of \(count) elements") }
        claimed.wrappingAdd(bytes, ordering: .relaxed)
    }

    /// Gives back what `reserve` claimed: the operator that made the lists is through.
    package func endClaims() {
        let bytes = claimed.exchange(0, ordering: .relaxed)
        if bytes > 0 { pool.giveBack(claim: bytes) }
    }

    deinit { endClaims() }
}
