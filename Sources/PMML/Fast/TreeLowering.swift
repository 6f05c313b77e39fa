/// Turns a `Tree` into questions of the form *is the column below the threshold*.
///
/// A goal says how a walk goes on. A node of the document with its children is a chain of goals: where a
/// child's predicate holds the walk goes into it, else on to the next child, and where the predicate is
/// unknown as `missingValueStrategy` says. What a path has already learned of a slot settles later questions,
/// so that the second of two complementary predicates is not asked.
struct TreeLowering {
    let tree: Tree
    let types: SlotTypes
    var categories: CategoryTests
    private(set) var lowered = LoweredTree()
    private var known: [Int: Knowledge] = [:]
    /// By node: where a walk ends that finds no true child.
    private let last: [Int?]
    private var depth = 0
    /// The lowering recurses; deeper trees keep the general walk.
    private static let depthMax = 200
    private let nodesMax: Int

    /// - Parameter categories: The tests of earlier trees: taken over and left empty, not copied.
    /// - Throws: `Unfit` for what has no such form.
    init(_ tree: Tree, types: SlotTypes, categories: inout CategoryTests) throws(Unfit) {
        self.tree = tree
        self.types = types
        self.categories = categories
        categories = CategoryTests()
        nodesMax = min(65_000, 8 * tree.nodes.count + 64)
        last = TreeLowering.lastScores(tree)
        guard tree.penalty == 1 else { throw Unfit("missingValuePenalty") }
        guard let root = tree.nodes.first else { throw Unfit("no nodes") }
        _ = try lower(
            root.predicate, Ways(yes: .child(0, of: 0), no: .nothing, unknown: .nothing))
    }

    private static func lastScores(_ tree: Tree) -> [Int?] {
        var last = [Int?](repeating: nil, count: tree.nodes.count)
        for (index, node) in tree.nodes.enumerated() {
            if node.hasScore { last[index] = index }
            for child in node.firstChild..<node.firstChild + node.childCount { last[child] = last[index] }
        }
        return last
    }

    // MARK: Goals

    private mutating func append(_ node: LoweredTree.Node) throws(Unfit) -> Int {
        guard lowered.count < nodesMax else { throw Unfit("too many nodes") }
        lowered.append(node)
        return lowered.count - 1
    }

    private mutating func lower(_ goal: Goal) throws(Unfit) -> Int {
        guard depth < TreeLowering.depthMax else { throw Unfit("deeper than \(TreeLowering.depthMax)") }
        depth += 1
        defer { depth -= 1 }
        switch goal {
        case .nothing: return try append(.leaf(nil))
        case .leaf(let node): return try append(.leaf(node))
        case .step(let step):
            let ways = Ways(yes: step.yes, no: step.no, unknown: step.unknown)
            switch step.question {
            case .predicate(let predicate): return try lower(predicate, ways)
            case .below(let slot, let threshold): return try ask(slot, threshold, ways)
            }
        case .child(let rank, let node):
            guard let predicate = predicate(rank, of: node) else { return try lower(end(of: node)) }
            return try lower(predicate, ways(rank, of: node))
        }
    }

    /// The predicate of a child; nil after the last child.
    private func predicate(_ rank: Int, of node: Int) -> Predicate? {
        let parent = tree.nodes[node]
        return rank < parent.childCount ? tree.nodes[parent.firstChild + rank].predicate : nil
    }

    /// Where a walk ends that has asked all children of a node, if any.
    private func end(of node: Int) -> Goal {
        if tree.nodes[node].childCount == 0 { return .leaf(node) }
        return tree.returnsLast ? last[node].map { .leaf($0) } ?? .nothing : .nothing
    }

    private func ways(_ rank: Int, of node: Int) -> Ways {
        let unknown: Goal
        switch tree.missingStrategy {
        case .none: unknown = .child(rank + 1, of: node)
        case .lastPrediction: unknown = last[node].map { .leaf($0) } ?? .nothing
        case .defaultChild: unknown = tree.nodes[node].defaultChild.map { .child(0, of: $0) } ?? .nothing
        case .nullPrediction, .weightedConfidence, .aggregateNodes: unknown = .nothing
        }
        return Ways(
            yes: .child(0, of: tree.nodes[node].firstChild + rank), no: .child(rank + 1, of: node),
            unknown: unknown)
    }

    private static func isSame(_ a: Goal, _ b: Goal) -> Bool {
        switch (a, b) {
        case (.child(let x, let node), .child(let y, let other)): x == y && node == other
        case (.leaf(let x), .leaf(let y)): x == y
        case (.nothing, .nothing): true
        case (.step(let x), .step(let y)): x === y
        case (.child, _), (.leaf, _), (.nothing, _), (.step, _): false
        }
    }

    /// Follows a goal as far as one slot's value decides: a missing one, or one within bounds.
    private func resolved(_ goal: Goal, _ slot: Int, _ knowledge: Knowledge) -> Goal {
        var goal = goal
        for _ in 0..<1000 {
            guard case .child(let rank, let node) = goal else { return goal }
            guard let predicate = predicate(rank, of: node) else {
                goal = end(of: node)
                continue
            }
            let ways = ways(rank, of: node)
            switch predicate {
            case .always: goal = ways.yes
            case .never: goal = ways.no
            case .simple(let other, let comparison, let operand) where types.origin(of: other) == slot:
                if knowledge.presence == .missing {
                    goal = ways.unknown
                    continue
                }
                guard let (threshold, isNegated) = try? threshold(slot, comparison, operand) else {
                    return goal
                }
                guard let isBelow = knowledge.answer(threshold) else { return goal }
                goal = isBelow != isNegated ? ways.yes : ways.no
            case .simple, .isMissing, .set, .and, .or, .xor, .surrogate, .failing: return goal
            }
        }
        return goal
    }

    // MARK: Predicates

    private mutating func lower(_ predicate: Predicate, _ ways: Ways) throws(Unfit) -> Int {
        switch predicate {
        case .always: return try lower(ways.yes)
        case .never: return try lower(ways.no)
        case .simple(let slot, let comparison, let operand):
            return try lower(predicate, types.origin(of: slot), comparison, operand, ways)
        case .isMissing(let own, let expected):
            let slot = types.origin(of: own)
            _ = try types.asked(slot)
            return expected
                ? try askPresence(slot, present: ways.no, missing: ways.yes)
                : try askPresence(slot, present: ways.yes, missing: ways.no)
        case .set(let set): return try askCategory(types.origin(of: set.slot), predicate, ways)
        case .and, .or, .xor, .surrogate: return try lower(TreeLowering.compound(predicate, ways))
        case .failing: throw Unfit("a faulty predicate")
        }
    }

    private mutating func lower(
        _ predicate: Predicate, _ slot: Int, _ comparison: Predicate.Operator, _ operand: Operand,
        _ ways: Ways
    ) throws(Unfit) -> Int {
        let type = try types.asked(slot)
        guard comparison == .equal || comparison == .notEqual else {
            let (threshold, isNegated) = try threshold(slot, comparison, operand)
            return try ask(
                slot, threshold,
                isNegated ? Ways(yes: ways.no, no: ways.yes, unknown: ways.unknown) : ways)
        }
        guard type.isNumeric else { return try askCategory(slot, predicate, ways) }
        // Equal is neither below the value nor above it.
        guard let value = operand.number(as: type.dataType), value.isFinite else {
            throw Unfit("a constant that is no finite number")
        }
        let (equal, other) = comparison == .equal ? (ways.yes, ways.no) : (ways.no, ways.yes)
        let upper = Step(
            .below(slot: slot, TreeLowering.next(value, type.dataType)), yes: equal, no: other,
            unknown: ways.unknown)
        return try ask(slot, value, Ways(yes: other, no: .step(upper), unknown: ways.unknown))
    }

    /// The threshold that a value is below where the comparison holds, or where it does not.
    private func threshold(
        _ slot: Int, _ comparison: Predicate.Operator, _ operand: Operand
    ) throws(Unfit) -> (Double, isNegated: Bool) {
        guard let type = types[slot], type.isOrderedNumber else { throw Unfit("an order of categories") }
        let wanted = type.dataType == .integer ? DataType.double : type.dataType
        guard let value = operand.number(as: wanted), value.isFinite else {
            throw Unfit("a constant that is no finite number")
        }
        switch comparison {
        case .lessThan: return (value, false)
        case .greaterOrEqual: return (value, true)
        case .lessOrEqual: return (TreeLowering.next(value, type.dataType), false)
        case .greaterThan: return (TreeLowering.next(value, type.dataType), true)
        case .equal, .notEqual: throw Unfit("no order")
        }
    }

    /// The next greater number of the type.
    private static func next(_ value: Double, _ type: DataType) -> Double {
        type == .float ? Double(Float(value).nextUp) : value.nextUp
    }

    // MARK: Questions

    /// Lowers a goal with this knowledge of a slot.
    private mutating func lower(_ goal: Goal, _ slot: Int, _ knowledge: Knowledge) throws(Unfit) -> Int {
        let before = known.updateValue(knowledge, forKey: slot)
        defer { known[slot] = before }
        return try lower(goal)
    }

    /// Whether the slot's number is below a threshold.
    private mutating func ask(_ slot: Int, _ threshold: Double, _ ways: Ways) throws(Unfit) -> Int {
        let knowledge = known[slot] ?? Knowledge()
        if knowledge.presence == .missing { return try lower(ways.unknown) }
        if let isBelow = knowledge.answer(threshold) {
            return try askPresence(slot, present: isBelow ? ways.yes : ways.no, missing: ways.unknown)
        }
        var (below, above) = (knowledge, knowledge)
        below.high = threshold
        above.low = threshold
        (below.presence, above.presence) = (.present, .present)
        if knowledge.presence == .present {
            return try question(.plain(slot: slot), threshold, (ways.yes, below), (ways.no, above))
        }
        if let joint = joint(ways.no, above, ways.unknown, slot) {
            above.presence = .maybe
            return try question(.plain(slot: slot), threshold, (ways.yes, below), (joint, above))
        }
        if let joint = joint(ways.yes, below, ways.unknown, slot) {
            below.presence = .maybe
            return try question(.lenient(slot: slot), threshold, (joint, below), (ways.no, above))
        }
        let step = Step(.below(slot: slot, threshold), yes: ways.yes, no: ways.no, unknown: ways.unknown)
        return try askPresence(slot, present: .step(step), missing: ways.unknown)
    }

    /// The goal that both a present and a missing value lead to, where it is one.
    private func joint(_ goal: Goal, _ knowledge: Knowledge, _ unknown: Goal, _ slot: Int) -> Goal? {
        if TreeLowering.isSame(goal, unknown) { return goal }
        let here = resolved(goal, slot, knowledge)
        let there = resolved(unknown, slot, Knowledge(presence: .missing))
        return TreeLowering.isSame(here, there) ? here : nil
    }

    private mutating func question(
        _ column: LoweredTree.Column, _ threshold: Double, _ below: (goal: Goal, knowledge: Knowledge),
        _ otherwise: (goal: Goal, knowledge: Knowledge)
    ) throws(Unfit) -> Int {
        let place = try append(.leaf(nil))
        let yes = try lower(below.goal, column.slot, below.knowledge)
        let no = try lower(otherwise.goal, column.slot, otherwise.knowledge)
        lowered[place] = .question(column, threshold: threshold, below: yes, otherwise: no)
        return place
    }

    private mutating func askPresence(_ slot: Int, present: Goal, missing: Goal) throws(Unfit) -> Int {
        var knowledge = known[slot] ?? Knowledge()
        switch knowledge.presence {
        case .present: return try lower(present)
        case .missing: return try lower(missing)
        case .maybe: break
        }
        if let joint = joint(present, knowledge, missing, slot) { return try lower(joint) }
        knowledge.presence = .present
        if case .nothing = resolved(missing, slot, Knowledge(presence: .missing)) {
            lowered.required.insert(slot)
            return try lower(present, slot, knowledge)
        }
        return try question(
            .presence(slot: slot), 0.5, (present, knowledge), (missing, Knowledge(presence: .missing)))
    }

    /// Whether the slot's category passes a predicate.
    private mutating func askCategory(
        _ slot: Int, _ predicate: Predicate, _ ways: Ways
    ) throws(Unfit) -> Int {
        var knowledge = known[slot] ?? Knowledge()
        if knowledge.presence == .missing { return try lower(ways.unknown) }
        var whenMissing = false
        let asked = knowledge
        if knowledge.presence == .maybe {
            whenMissing = TreeLowering.isSame(ways.yes, ways.unknown)
            guard whenMissing || TreeLowering.isSame(ways.no, ways.unknown) else {
                let step = Step(
                    .predicate(predicate), yes: ways.yes, no: ways.no, unknown: ways.unknown)
                return try askPresence(slot, present: .step(step), missing: ways.unknown)
            }
            knowledge.presence = .present
        }
        let test = try categories.test(predicate, slot: slot, type: try types.asked(slot))
        let column = LoweredTree.Column.category(slot: slot, test: test, whenMissing: whenMissing)
        // The column holds 1 where the predicate holds.
        return try question(
            column, 0.5, (ways.no, whenMissing ? knowledge : asked),
            (ways.yes, whenMissing ? asked : knowledge))
    }
}
