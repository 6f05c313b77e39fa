/// What a loop watches, by token: a slot and the generation of its use.
///
///     token = generation << 32 | slot
///
/// An event that was reported for a source which has since been removed finds another generation, and
/// nothing.
struct SourceTable {
    private struct Slot {
        var generation: UInt32
        var source: (any EventSource)?
    }

    private var slots: [Slot] = []
    private var free: [Int] = []

    private(set) var count = 0

    mutating func insert(_ source: any EventSource) -> UInt64 {
        count += 1
        if let slot = free.popLast() {
            slots[slot].source = source
            return token(slot)
        }
        slots.append(Slot(generation: 0, source: source))
        return token(slots.count - 1)
    }

    mutating func remove(_ token: UInt64) {
        let slot = Int(UInt32(truncatingIfNeeded: token))
        guard self[token] != nil else { return }
        slots[slot].source = nil
        slots[slot].generation &+= 1
        free.append(slot)
        count -= 1
    }

    subscript(token: UInt64) -> (any EventSource)? {
        let slot = Int(UInt32(truncatingIfNeeded: token))
        guard slot < slots.count, slots[slot].generation == UInt32(truncatingIfNeeded: token >> 32) else {
            return nil
        }
        return slots[slot].source
    }

    /// The sources in up to `count` slots from `start` on, and the slot to go on with: 0 at the end.
    func sources(from start: Int, count: Int) -> (sources: [any EventSource], next: Int) {
        let start = min(start, slots.count)
        let end = start + min(max(0, count), slots.count - start)
        return (slots[start..<end].compactMap(\.source), end == slots.count ? 0 : end)
    }

    private func token(_ slot: Int) -> UInt64 { UInt64(slots[slot].generation) << 32 | UInt64(slot) }
}
