import CScoring

/// The arrays of a forest while it is laid out.
struct ForestArrays {
    let width: Int
    let sums: cs_sums
    private(set) var nodes: [cs_node] = []
    private(set) var trees: [cs_tree] = []
    private(set) var maskBits = 0
    private(set) var blocks: [cs_block] = []
    private(set) var spans: [cs_span] = []
    private(set) var thresholds: [Float] = []
    private(set) var owners: [UInt16] = []
    private(set) var masks: [UInt64] = []
    private(set) var floats: [Float] = []
    private(set) var doubles: [Double] = []
    private(set) var rowNumbers: [UInt32] = []
    private(set) var rows: [Double] = []
    /// By leaf, where they are asked for: the node of its `Tree`.
    var origins: [Int?] = []
    private var knownRows: [[UInt64]: UInt32] = [:]
    /// By tree: its questions, each with the leaves that remain where it fails.
    private var questions: [[Question]] = []
    private var leavesMax = 0
    private var leafCount = 0

    private struct Question {
        let column: UInt16
        let threshold: Float
        let remaining: UInt64
    }

    init(width: Int, sums: cs_sums) {
        self.width = width
        self.sums = sums
    }

    /// Adds a tree's nodes breadth first, siblings next to each other.
    ///
    /// - Returns: The leaves from left (below) to right, as nodes of the `Tree`.
    mutating func add(_ tree: LoweredTree, _ columns: ColumnBuilder) throws(Unfit) -> [Int?] {
        guard tree.count <= Int(UInt16.max) else { throw Unfit("too many nodes") }
        let order = LeafOrder(tree)
        trees.append(cs_tree(node: UInt32(nodes.count), leaf: UInt32(leafCount)))
        leavesMax = max(leavesMax, order.leaves.count)
        leafCount += order.leaves.count
        var queue = [0]
        var at = 0
        while at < queue.count {
            switch tree[queue[at]] {
            case .leaf:
                nodes.append(
                    cs_node(
                        threshold: Float(order.ranges[queue[at]].lowerBound + 1), column: 0, left: UInt16(at))
                )
            case .question(let column, let threshold, let below, let otherwise):
                let (number, limit) = columns.question(column, threshold)
                nodes.append(cs_node(threshold: limit, column: number, left: UInt16(queue.count)))
                queue += [below, otherwise]
            }
            at += 1
        }
        questions.append(order.leaves.count > 64 ? [] : asked(tree, order, columns))
        return order.leaves
    }

    private func asked(_ tree: LoweredTree, _ order: LeafOrder, _ columns: ColumnBuilder) -> [Question] {
        (0..<tree.count).compactMap { place in
            guard case .question(let column, let threshold, let below, _) = tree[place] else { return nil }
            let (number, limit) = columns.question(column, threshold)
            let range = order.ranges[below]
            let struck = (~UInt64(0) >> UInt64(64 - range.count)) << UInt64(range.lowerBound)
            return Question(column: number, threshold: limit, remaining: ~struck)
        }
    }

    /// Adds what the next leaf holds.
    mutating func add(leaf: ForestBuilder.Payload?) throws(Unfit) {
        switch sums {
        case CS_FLOATS:
            if case .number(let number)? = leaf { floats.append(Float(number)) } else { floats.append(.nan) }
        case CS_DOUBLES:
            if case .number(let number)? = leaf { doubles.append(number) } else { doubles.append(.nan) }
        default:
            var row = [Double](repeating: .nan, count: width)
            if case .row(let numbers)? = leaf, numbers.count == width { row = numbers }
            rowNumbers.append(try number(of: row))
        }
    }

    /// Leaves often hold the same row: it is kept once.
    private mutating func number(of row: [Double]) throws(Unfit) -> UInt32 {
        let key = row.map(\.bitPattern)
        if let known = knownRows[key] { return known }
        // A leaf of few categories has a number for each of the ensemble's.
        guard rows.count + width <= 1 << 25 else { throw Unfit("too many probabilities") }
        let number = UInt32(rows.count / max(1, width))
        rows += row
        knownRows[key] = number
        return number
    }

    /// Arranges the questions by column, for many rows at once, where every tree's leaves fit a mask.
    mutating func layOutMasks() {
        maskBits = leavesMax <= 16 ? 16 : leavesMax <= 32 ? 32 : leavesMax <= 64 ? 64 : 0
        defer { questions = [] }
        guard maskBits > 0 else { return }
        for first in stride(from: 0, to: trees.count, by: Int(CS_BLOCK_TREES)) {
            let end = min(trees.count, first + Int(CS_BLOCK_TREES))
            var asked: [(question: Question, owner: Int)] = []
            for tree in first..<end { asked += questions[tree].map { ($0, tree - first) } }
            asked.sort {
                ($0.question.column, $0.question.threshold) < ($1.question.column, $1.question.threshold)
            }
            let firstSpan = spans.count
            for (question, owner) in asked {
                if spans.count == firstSpan || spans[spans.count - 1].column != question.column {
                    spans.append(
                        cs_span(column: UInt32(question.column), first: UInt32(thresholds.count), count: 0))
                }
                spans[spans.count - 1].count += 1
                thresholds.append(question.threshold)
                owners.append(UInt16(owner))
                masks.append(question.remaining)
            }
            blocks.append(
                cs_block(
                    tree: UInt32(first), trees: UInt32(end - first), span: UInt32(firstSpan),
                    spans: UInt32(spans.count - firstSpan)))
        }
    }
}

/// The leaves of a tree from left to right, and which of them each node has below it.
private struct LeafOrder {
    private(set) var leaves: [Int?] = []
    private(set) var ranges: [Range<Int>]

    init(_ tree: LoweredTree) {
        ranges = Array(repeating: 0..<0, count: tree.count)
        visit(tree, 0)
    }

    // As deep as the lowering, which is bounded.
    private mutating func visit(_ tree: LoweredTree, _ node: Int) {
        let first = leaves.count
        switch tree[node] {
        case .leaf(let origin): leaves.append(origin)
        case .question(_, _, let below, let otherwise):
            visit(tree, below)
            visit(tree, otherwise)
        }
        ranges[node] = first..<leaves.count
    }
}
