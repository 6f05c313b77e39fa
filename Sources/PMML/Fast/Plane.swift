import CScoring

/// Where the values of slots stand in a plane.
struct PlaneLayout {
    private(set) var numbers: [Int: Int] = [:]
    /// By slot.
    private(set) var codes: [Int: [(coding: CategoryCodes, place: Int)]] = [:]
    private(set) var count = 0

    /// The place of a slot's number.
    mutating func number(_ slot: Int) -> Int {
        if let place = numbers[slot] { return place }
        numbers[slot] = count
        count += 1
        return count - 1
    }

    /// Every slot that has a place.
    var slots: Set<Int> { Set(numbers.keys).union(codes.keys) }

    /// A place for a slot's category in a coding.
    mutating func category(_ slot: Int, _ coding: CategoryCodes) -> Int {
        codes[slot, default: []].append((coding, count))
        count += 1
        return count - 1
    }
}

/// How much a plane must hold.
struct PlaneSize: Sendable {
    var values = 0
    var columns = 0
    var sums = 0

    /// The greater of each.
    mutating func cover(_ other: PlaneSize) {
        values = max(values, other.values)
        columns = max(columns, other.columns)
        sums = max(sums, other.sums)
    }
}

/// How rows are grouped: side by side where that takes less time than one by one.
///
/// A kernel works on `lanes` rows at once, and takes as long for fewer.
struct RowGroups: Sendable {
    let lanes: Int
    /// Fewer rows of a group are scored one by one.
    let rowsMin: Int

    /// How many of `count` rows, the first ones, are scored side by side.
    func together(_ count: Int) -> Int {
        guard count >= rowsMin else { return 0 }
        let rest = count % lanes
        return rest < rowsMin ? count - rest : count
    }

    /// For rows that pass through both.
    func joined(_ other: RowGroups) -> RowGroups {
        RowGroups(lanes: max(lanes, other.lanes), rowsMin: max(rowsMin, other.rowsMin))
    }
}

/// The working memory of the fast forms: numbers, for one row or for up to 64.
///
///     values    [ slot's number or category ][ row ]   a missing one is NaN
///     columns   [ what trees ask ][ row ]
///     sums      [ row ][ result ]
///
/// `stride` is 1 for a single row, and 64 for many. One thread uses a plane at a time.
final class Plane {
    static let rowsMax = Int(CS_ROWS)

    let size: PlaneSize
    let values: UnsafeMutablePointer<Double>
    let columns: UnsafeMutablePointer<Float>
    let sums: UnsafeMutablePointer<Double>
    let scratch: UnsafeMutableRawPointer
    /// Rows that the general form must evaluate.
    let isGeneral: UnsafeMutablePointer<Bool>
    /// The scores of one row: as many as it may have sums.
    let scores: UnsafeMutablePointer<Double>

    init(_ size: PlaneSize) {
        self.size = size
        // SAFETY: each allocation is initialised in full before anything reads it.
        values = Plane.allocate(size.values * Plane.rowsMax, 0)
        columns = Plane.allocate(size.columns * Plane.rowsMax, 0)
        sums = Plane.allocate(size.sums * Plane.rowsMax, 0)
        isGeneral = Plane.allocate(Plane.rowsMax, false)
        scores = Plane.allocate(size.sums, 0)
        scratch = .allocate(byteCount: Int(CS_SCRATCH_BYTES), alignment: 64)
    }

    private static func allocate<Element: BitwiseCopyable>(
        _ count: Int, _ element: Element
    ) -> UnsafeMutablePointer<Element> {
        let bytes = max(1, count) * MemoryLayout<Element>.stride
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        // SAFETY: the memory has room for `count` elements, at least one.
        let elements = memory.bindMemory(to: Element.self, capacity: max(1, count))
        elements.initialize(repeating: element, count: max(1, count))
        return elements
    }

    deinit {
        // SAFETY: allocated in `init`, of trivial types.
        UnsafeMutableRawPointer(values).deallocate()
        UnsafeMutableRawPointer(columns).deallocate()
        UnsafeMutableRawPointer(sums).deallocate()
        UnsafeMutableRawPointer(isGeneral).deallocate()
        UnsafeMutableRawPointer(scores).deallocate()
        scratch.deallocate()
    }

    /// Sets a value; a place beyond the plane is ignored.
    func set(_ place: Int, row: Int, stride: Int, _ value: Double) {
        guard place >= 0, place < size.values, row < Plane.rowsMax else { return }
        // SAFETY: `place` and `row` are within the allocation, and stride is at most `rowsMax`.
        values[place * stride + row] = value
    }

    /// Makes every value of a row missing.
    func clear(row: Int, stride: Int) {
        for place in 0..<size.values { set(place, row: row, stride: stride, .nan) }
    }

    /// A value of a row.
    func value(_ place: Int, row: Int, stride: Int) -> Double {
        guard place >= 0, place < size.values, row < Plane.rowsMax else { return .nan }
        // SAFETY: as in `set`.
        return values[place * stride + row]
    }
}

extension Plane {
    /// The only sum of a row.
    func sum(_ row: Int) -> Double {
        guard size.sums > 0, row < Plane.rowsMax else { return .nan }
        // SAFETY: there is at least one sum for each of 64 rows.
        return sums[row]
    }

    /// Copies `count` sums to `scores`, `step` apart; false where one is not a number.
    func gather(_ count: Int, from first: Int, step: Int) -> Bool {
        guard count > 0, count <= size.sums, first + (count - 1) * step < size.sums * Plane.rowsMax else {
            return false
        }
        var check = 0.0
        // SAFETY: the last position was just checked against the allocations.
        for place in 0..<count {
            scores[place] = sums[first + place * step]
            check += scores[place] * 0
        }
        // The product is NaN for an infinite score too: those are rare enough for the general form.
        return !check.isNaN
    }

    /// Whether none of the first `count` scores is NaN.
    func areNumbers(_ count: Int) -> Bool {
        // SAFETY: callers have gathered `count` scores.
        for place in 0..<count where scores[place].isNaN { return false }
        return true
    }
}
