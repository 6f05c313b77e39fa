/// Which versions of a model are kept.
package enum Retention {
    /// The numbers to keep of `record`: the one served, what a rollback would bring back, and the newest
    /// `retainedMax`; the rest can be freed and deleted.
    package static func kept(of record: ModelRecord, retainedMax: Int) -> Set<Int> {
        guard let current = record.current else { return [] }
        let newest = record.versions.map(\.number).sorted().suffix(max(1, retainedMax))
        guard retainedMax > 1, let target = record.rollbackTarget else { return Set(newest).union([current]) }
        return Set(newest).union([current, target.number])
    }
}
