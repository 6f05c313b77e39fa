/// The objects and arrays that a writer has open: a bit of each for the innermost 64, the others in an array,
/// so that a usual answer allocates nothing for them.
struct JSONLevels: Sendable {
    /// One of them.
    struct Level: Sendable {
        let isObject: Bool
        let isEmpty: Bool
    }

    private var objects: UInt64 = 0
    private var filled: UInt64 = 0
    private var depth = 0
    private var outer: [Level] = []

    /// Opens one, empty, inside the innermost.
    mutating func open(isObject: Bool) {
        // The bit that is about to be pushed out belongs to the level 64 outside the new one.
        if depth >= 64 { outer.append(Level(isObject: objects >> 63 == 1, isEmpty: filled >> 63 == 0)) }
        objects = objects << 1 | (isObject ? 1 : 0)
        filled <<= 1
        depth += 1
    }

    /// Closes the innermost; nil when none is open.
    mutating func close() -> Level? {
        guard let level = innermost else { return nil }
        objects >>= 1
        filled >>= 1
        depth -= 1
        if let next = outer.popLast() {
            objects |= next.isObject ? 1 << 63 : 0
            filled |= next.isEmpty ? 0 : 1 << 63
        }
        return level
    }

    /// The innermost as it was before it got one value more; nil when none is open.
    mutating func enter() -> Level? {
        defer { if depth > 0 { filled |= 1 } }
        return innermost
    }

    private var innermost: Level? {
        depth > 0 ? Level(isObject: objects & 1 == 1, isEmpty: filled & 1 == 0) : nil
    }
}
