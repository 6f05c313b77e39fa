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

    /// The root first.
    var nodes: [Node] = []
    /// Slots that must not be missing: such rows go another way than these questions.
    var required: Set<Int> = []
}
