import Synchronization
import Tensors

/// What one run may use: memory from a pool, and a number of elementary operations.
package final class Workspace: Sendable {
    /// Where results are allocated.
    package let pool: TensorPool
    private let operationsMax: Int
    private let operations = Atomic<Int>(0)

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

    /// Counts `count` operations, and checks that a list of as many elements, of `elementBytes` each with all
    /// that belongs to them, stays within the pool's bound. Comes before the list is made.
    /// - Throws: `KernelError.tooLarge`.
    package func reserve(_ count: Int, elementBytes: Int = 16) throws(KernelError) {
        guard count <= pool.bytesMax / max(elementBytes, 1) else {
            throw .tooLarge("a list of \(count) elements")
        }
        try charge(count)
    }
}
