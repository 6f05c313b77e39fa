/// Which versions of a model are kept.
package enum Retention {
    /// The numbers to keep of `record`: the one served, what a rollback would bring back, and the newest
    /// `retainedMax`; the rest can be freed and deleted.
    ///
    /// Forgotten versions are kept like the others, and take none of their places.
    package static func kept(of record: ModelRecord, retainedMax: Int) -> Set<Int> {
        guard let current = record.current else { return [] }
        let usable = record.versions.map(\.number)
        let all = usable + record.forgotten.map(\.number)
        var kept: Set<Int> = [current]
        for numbers in [usable, all] { kept.formUnion(numbers.sorted().suffix(max(1, retainedMax))) }
        guard retainedMax > 1 else { return kept }
        let targets = [record.rollbackTarget?.number, record.version(current)?.predecessor]
        return kept.union(targets.compactMap(\.self).filter(all.contains))
    }
}
