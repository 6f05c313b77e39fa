/// A request as the micro-batcher sees it: one reference, whatever is behind it.
///
/// Not a type parameter: unspecialised generic code in another module cost 1.2 us a request, most of it
/// looking metadata up.
package typealias BatchItem = any AnyObject & Sendable

/// What a micro-batcher does with its batches.
package struct BatchWork: Sendable {
    /// Computes all rows of all parts and delivers what came out; false when the batch fails as a whole,
    /// having delivered nothing.
    package let run: @Sendable ([BatchPart<BatchItem>]) -> Bool
    /// Computes a part of one row by itself and delivers what came out, or why it failed.
    package let runAlone: @Sendable (BatchPart<BatchItem>) -> Void

    /// What to do with a batch, and with one row.
    package init(
        run: @escaping @Sendable ([BatchPart<BatchItem>]) -> Bool,
        runAlone: @escaping @Sendable (BatchPart<BatchItem>) -> Void
    ) {
        self.run = run
        self.runAlone = runAlone
    }

    /// Runs a batch; if it fails as a whole, each of its rows by itself, so that a bad row fails alone.
    package func callAsFunction(_ parts: [BatchPart<BatchItem>]) {
        if parts.count == 1, parts[0].rows.count == 1 { return runAlone(parts[0]) }
        guard !run(parts) else { return }
        for part in parts { for row in part.rows { runAlone(part.single(row)) } }
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
