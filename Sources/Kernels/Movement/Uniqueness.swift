import Tensors

/// Rows of `width` neighbours, put into classes of equals.
private struct UniqueRows {
    /// Rows in the order of their classes: each class's first occurrence, and how many it has.
    private(set) var firsts: [Int] = []
    private(set) var counts: [Int] = []
    /// The class of each row.
    private(set) var classes: [Int]

    /// Of `count` rows; `order` compares two of them, 0 for equal ones.
    init(count: Int, isSorted: Bool, order: (Int, Int) -> Int) {
        let sorted = (0..<count).sorted { a, b in
            let result = order(a, b)
            return result == 0 ? a < b : result < 0
        }
        classes = [Int](repeating: 0, count: count)
        for (place, row) in sorted.enumerated() {
            if place == 0 || order(sorted[place - 1], row) != 0 {
                firsts.append(row)
                counts.append(0)
            }
            classes[row] = firsts.count - 1
            counts[counts.count - 1] += 1
        }
        if isSorted { return }
        let ranks = firsts.indices.sorted { firsts[$0] < firsts[$1] }
        var newClass = [Int](repeating: 0, count: ranks.count)
        for (rank, old) in ranks.enumerated() { newClass[old] = rank }
        (firsts, counts) = (ranks.map { firsts[$0] }, ranks.map { counts[$0] })
        classes = classes.map { newClass[$0] }
    }
}

extension Invocation {
    /// `Unique` (opset 11): the different elements (or slices along `axis`), sorted or as they come first;
    /// where each first stands, the class of every one, and how many there are. NaNs equal each other and
    /// come last.
    func distinct() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        var rows = try x.shaped([x.count])
        var order: [Int] = []
        if let named = try attributes.integer("axis") {
            let axis = try normalize(axis: named, rank: x.shape.rank)
            order = [axis] + x.shape.dims.indices.filter { $0 != axis }
            rows = try transpose(x, order)
        }
        let count = rows.shape[0]
        let width = saturatingProduct(rows.shape.dims[1...])
        let depth = Int.bitWidth - count.leadingZeroBitCount
        // What comparing two elements costs: strings are compared up to where they differ.
        let longest = x.strings.reduce(0) { max($0, $1.utf8.count) }
        let elements = saturatingMultiply(saturatingAdd(x.count, count), depth)
        try workspace.charge(saturatingMultiply(elements, 8 + longest / 2))
        // Lists of rows: sorted, by class, first ones, counts, ranks, places; and of the elements.
        try workspace.reserve(count, elementBytes: 80)
        try workspace.reserve(x.count, elementBytes: 24)
        let isSorted = try attributes.flag("sorted", default: true)
        let unique = uniqueRows(rows, count, width, isSorted)
        let places = unique.firsts.flatMap { ($0 * width)..<(($0 + 1) * width) }
        var values = try pick(places, of: rows, dims: [unique.firsts.count] + rows.shape.dims[1...])
        if !order.isEmpty {
            values = try transpose(values, order.indices.map { axis in order.firstIndex(of: axis) ?? axis })
        }
        return [
            values, try make([unique.firsts.count], unique.firsts.map { Int64($0) }),
            try make([count], unique.classes.map { Int64($0) }),
            try make([unique.firsts.count], unique.counts.map { Int64($0) }),
        ]
    }

    private func uniqueRows(_ rows: Tensor, _ count: Int, _ width: Int, _ isSorted: Bool) -> UniqueRows {
        func classified<Value>(_ values: [Value], _ precedes: (Value, Value) -> Bool) -> UniqueRows {
            UniqueRows(count: count, isSorted: isSorted) { a, b in
                for offset in 0..<width {
                    let (x, y) = (values[a * width + offset], values[b * width + offset])
                    if precedes(x, y) { return -1 }
                    if precedes(y, x) { return 1 }
                }
                return 0
            }
        }
        switch rows.elementType {
        case .string:
            // The order of code points, which UTF-8 keeps.
            return classified(rows.strings) { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        case .uint64: return classified(rows.converted(to: UInt64.self), <)
        case .float32, .float64, .float16, .bfloat16:
            return classified(rows.doubles()) { $0 < $1 || (!$0.isNaN && $1.isNaN) }
        case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .bool:
            return classified(rows.converted(to: Int64.self), <)
        }
    }
}
