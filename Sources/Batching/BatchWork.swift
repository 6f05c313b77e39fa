/// What a micro-batcher does with its batches.
package struct BatchWork<Item: Sendable, Failure: Error>: Sendable {
    /// Computes all rows of all parts and delivers what came out; throws when the batch fails as a whole,
    /// having delivered nothing.
    package let run: @Sendable ([BatchPart<Item>]) throws(Failure) -> Void
    /// Delivers the failure of the one row of a part.
    package let fail: @Sendable (BatchPart<Item>, Failure) -> Void

    /// What to do with a batch, and with a row of one that failed.
    package init(
        run: @escaping @Sendable ([BatchPart<Item>]) throws(Failure) -> Void,
        fail: @escaping @Sendable (BatchPart<Item>, Failure) -> Void
    ) {
        self.run = run
        self.fail = fail
    }

    /// Runs a batch; if it fails as a whole, each of its rows by itself, so that a bad row fails alone.
    package func callAsFunction(_ parts: [BatchPart<Item>]) {
        do {
            try run(parts)
        } catch {
            guard parts.count > 1 || parts[0].rows.count > 1 else { return fail(parts[0], error) }
            for part in parts { for row in part.rows { runAlone(part.single(row)) } }
        }
    }

    private func runAlone(_ part: BatchPart<Item>) {
        do {
            try run([part])
        } catch {
            fail(part, error)
        }
    }
}

extension BatchPart {
    /// One row of the part.
    func single(_ row: Int) -> BatchPart {
        BatchPart(
            item: item, rows: row..<row + 1, isFirst: isFirst && row == rows.lowerBound,
            waitedSince: waitedSince)
    }
}
