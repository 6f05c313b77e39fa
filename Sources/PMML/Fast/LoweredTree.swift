/// A tree whose every question is whether a column is below a threshold.
struct LoweredTree {
    /// What a question looks at: a slot's value, made a number.
    enum Column: Hashable {
        /// The value; a missing one is below no threshold.
        case plain(slot: Int)
        /// The value; a missing one is below every threshold.
        case lenient(slot: Int)
        /// 1 for a missing value, else 0.
        case presence(slot: Int)
        /// 1 where the value passes a test of categories, else 0; `whenMissing` says which a missing one is.
        case category(slot: Int, test: Int, whenMissing: Bool)

        /// The slot.
        var slot: Int {
            switch self {
            case .plain(let slot), .lenient(let slot), .presence(let slot), .category(let slot, _, _): slot
            }
        }
    }

    /// One node.
    enum Node {
        /// The node of the `Tree` whose answer counts; nil where there is none, or an error.
        case leaf(Int?)
        /// `below` and `otherwise` are positions of nodes.
        case question(Column, threshold: Double, below: Int, otherwise: Int)
    }

    /// A node in 24 bytes: large ensembles have millions.
    private struct Packed {
        var threshold = 0.0
        /// A position in `columns`; the greatest number for a leaf.
        var column = UInt32.max
        /// For a leaf its node, the greatest number for none.
        var below = UInt32.max
        var otherwise: UInt32 = 0
    }

    private var packed: [Packed] = []
    /// What the questions look at, each once.
    private(set) var columns: [Column] = []
    private var positions: [Column: UInt32] = [:]
    /// Slots that must not be missing: such rows go another way than these questions.
    var required: Set<Int> = []

    /// How many nodes; the first is the root.
    var count: Int { packed.count }

    subscript(place: Int) -> Node {
        get {
            let node = packed[place]
            guard node.column != .max else { return .leaf(node.below == .max ? nil : Int(node.below)) }
            return .question(
                columns[Int(node.column)], threshold: node.threshold, below: Int(node.below),
                otherwise: Int(node.otherwise))
        }
        set { packed[place] = pack(newValue) }
    }

    /// Adds a node.
    mutating func append(_ node: Node) {
        packed.append(pack(node))
    }

    private mutating func pack(_ node: Node) -> Packed {
        switch node {
        case .leaf(let origin): return Packed(below: origin.map { UInt32(truncatingIfNeeded: $0) } ?? .max)
        case .question(let column, let threshold, let below, let otherwise):
            let position = positions[column] ?? UInt32(columns.count)
            if position == columns.count {
                columns.append(column)
                positions[column] = position
            }
            return Packed(
                threshold: threshold, column: position, below: UInt32(truncatingIfNeeded: below),
                otherwise: UInt32(truncatingIfNeeded: otherwise))
        }
    }

    /// The same without room to grow.
    func compacted() -> LoweredTree {
        var copy = self
        copy.packed = packed.map { $0 }
        copy.positions = [:]
        return copy
    }
}
