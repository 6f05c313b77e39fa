extension Evaluator {
    /// Merges rows that share a value of the one group field, in order of first appearance.
    ///
    /// Every other value becomes a list of the members' values. Where every group value is distinct, the
    /// rows come back unchanged, one a group (Openscoring's rule).
    package func merge(groups rows: [Row]) -> [RowGroup] {
        let unchanged = rows.indices.map { RowGroup(row: rows[$0], members: [$0]) }
        guard groupFields.count == 1 else { return unchanged }
        let groupSlot = inputFields.count
        var positions: [InputValue: Int] = [:]
        var groups: [RowGroup] = []
        for (index, row) in rows.enumerated() {
            let key = groupSlot < row.values.count ? row.values[groupSlot] : .missing
            if let position = positions[key] {
                groups[position].members.append(index)
            } else {
                positions[key] = groups.count
                groups.append(RowGroup(row: row, members: [index]))
            }
        }
        guard groups.count < rows.count else { return unchanged }
        for position in groups.indices {
            for slot in 0..<groupSlot {
                groups[position].row.values[slot] = .list(
                    groups[position].members.map { rows[$0].values[slot] })
            }
        }
        return groups
    }
}
