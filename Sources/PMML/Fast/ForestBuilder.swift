import CScoring

/// Lays trees out as one forest.
struct ForestBuilder {
    /// What a leaf adds; nil for a leaf without an answer.
    enum Payload {
        case number(Double)
        case row([Double])
    }

    let types: SlotTypes
    private var trees: [LoweredTree] = []
    private var categories = CategoryTests()
    private var required: Set<Int> = []
    private var leaves: [[Int?]] = []

    init(types: SlotTypes) {
        self.types = types
    }

    /// Adds a tree.
    mutating func add(_ tree: Tree) throws(Unfit) {
        let lowering = try TreeLowering(tree, types: types, categories: &categories)
        categories = lowering.categories
        trees.append(lowering.lowered.compacted())
        required.formUnion(lowering.lowered.required)
    }

    /// The finished forest.
    ///
    /// Takes the trees out of the builder one by one: a large ensemble is not to be twice in memory.
    /// - Parameters:
    ///   - keepsOrigins: Whether the forest tells the nodes that its leaves come from.
    ///   - payload: What a leaf adds, by the tree's number and the node of the `Tree`.
    mutating func forest(
        _ layout: inout PlaneLayout, sums: cs_sums, width: Int, keepsOrigins: Bool = false,
        payload: (Int, Int?) -> Payload?
    ) throws(Unfit) -> Forest {
        var columns = ColumnBuilder(types: types)
        for tree in trees { try columns.collect(tree) }
        try columns.assign(categories, &layout)
        var tables = ForestArrays(width: width, sums: sums)
        for index in trees.indices {
            let leaves = try tables.add(trees[index], columns)
            trees[index] = LoweredTree()
            for leaf in leaves { try tables.add(leaf: payload(index, leaf)) }
            if keepsOrigins { tables.origins += leaves }
        }
        tables.layOutMasks()
        return Forest(tables, columns, required: required.compactMap { columns.places[$0] })
    }
}

/// The columns that a forest's questions look at.
struct ColumnBuilder {
    let types: SlotTypes
    private var used: [LoweredTree.Column: Int] = [:]
    /// By slot: its columns that test categories, in the order of their first appearance.
    private var tests: [Int: [LoweredTree.Column]] = [:]
    private var slots: Set<Int> = []
    /// By slot: the thresholds of its numbers.
    private var asked: [Int: Set<Double>] = [:]
    private var ordered: [Int: [Double]] = [:]
    private(set) var sources: [cs_source] = []
    private(set) var thresholds: [Double] = []
    private(set) var answers: [Float] = []
    /// By slot: where its value stands in the plane.
    private(set) var places: [Int: Int] = [:]
    /// Column 0 always holds 0.
    private(set) var count = 1
    private static let answersMax = 1 << 24

    init(types: SlotTypes) {
        self.types = types
    }

    /// Notes the questions of a tree.
    mutating func collect(_ tree: LoweredTree) throws(Unfit) {
        for column in tree.columns where used.updateValue(0, forKey: column) == nil {
            slots.insert(column.slot)
            if case .category(let slot, _, _) = column { tests[slot, default: []].append(column) }
        }
        guard used.count < Int(UInt16.max) else { throw Unfit("too many columns") }
        for place in 0..<tree.count {
            guard case .question(let column, let threshold, _, _) = tree[place] else { continue }
            switch column {
            case .plain(let slot), .lenient(let slot): asked[slot, default: []].insert(threshold)
            case .presence, .category: break
            }
        }
        for slot in tree.required where slots.insert(slot).inserted { asked[slot] = [] }
    }

    /// Gives every column its number, and every slot a source.
    mutating func assign(_ categories: CategoryTests, _ layout: inout PlaneLayout) throws(Unfit) {
        for slot in slots.sorted() {
            if let tests = tests[slot] {
                try assignCategories(slot, tests, categories, &layout)
            } else {
                try assignNumber(slot, &layout)
            }
        }
        guard thresholds.count < 1 << 22 else { throw Unfit("too many columns") }
    }

    private mutating func next(_ column: LoweredTree.Column) -> UInt32 {
        guard used[column] != nil else { return .max }
        used[column] = count
        count += 1
        return UInt32(count - 1)
    }

    private mutating func assignNumber(_ slot: Int, _ layout: inout PlaneLayout) throws(Unfit) {
        guard let type = types[slot] else { throw Unfit("a field without a data type") }
        // Only whether a value is there is asked of other types.
        let place = type.isNumeric ? layout.number(slot) : layout.category(slot, CategoryCodes(texts: [:]))
        places[slot] = place
        var source = cs_source()
        source.value = UInt32(place)
        source.plain = next(.plain(slot: slot))
        source.lenient = next(.lenient(slot: slot))
        source.presence = next(.presence(slot: slot))
        source.kind = CS_FLOAT.rawValue
        if type.dataType != .float {
            source.kind = CS_RANK.rawValue
            let sorted = (asked[slot] ?? []).sorted()
            ordered[slot] = sorted
            source.first = UInt32(thresholds.count)
            source.count = UInt32(sorted.count)
            thresholds += sorted
        }
        sources.append(source)
    }

    private mutating func assignCategories(
        _ slot: Int, _ tests: [LoweredTree.Column], _ categories: CategoryTests, _ layout: inout PlaneLayout
    ) throws(Unfit) {
        guard let slotTests = categories.slots[slot] else { throw Unfit("no tests") }
        let known = try slotTests.answers(types.program, stepsMax: ColumnBuilder.answersMax - answers.count)
        var source = cs_source()
        source.kind = CS_CATEGORY.rawValue
        let place = layout.category(slot, known.codes)
        places[slot] = place
        source.value = UInt32(place)
        source.plain = UInt32(count)
        source.lenient = .max
        source.first = UInt32(answers.count)
        source.count = UInt32(tests.count)
        source.categories = UInt32(known.categories)
        guard tests.count <= (ColumnBuilder.answersMax - answers.count) / (known.categories + 1) else {
            throw Unfit("too many categories")
        }
        for column in tests {
            _ = next(column)
            if case .category(_, _, let whenMissing) = column { answers.append(whenMissing ? 1 : 0) }
        }
        for category in 0..<known.categories {
            let first = category * slotTests.predicates.count
            for column in tests {
                if case .category(_, let test, _) = column {
                    answers.append(known.table[first + test] ? 1 : 0)
                }
            }
        }
        source.presence = next(.presence(slot: slot))
        sources.append(source)
        if asked[slot] != nil { try assignNumber(slot, &layout) }
    }

    /// The number of a column, and the threshold in it.
    func question(_ column: LoweredTree.Column, _ threshold: Double) -> (column: UInt16, threshold: Float) {
        let number = UInt16(used[column] ?? 0)
        switch column {
        case .presence, .category: return (number, 0.5)
        case .plain(let slot), .lenient(let slot):
            guard let sorted = ordered[slot] else { return (number, Float(threshold)) }
            // A value below threshold k has at most k thresholds at or below it.
            return (number, Float(sorted.partitioningIndex { $0 >= threshold }) + 0.5)
        }
    }
}

extension Array {
    /// The first position from which on a predicate holds, where it holds for no element before one that it
    /// fails for.
    func partitioningIndex(_ predicate: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
