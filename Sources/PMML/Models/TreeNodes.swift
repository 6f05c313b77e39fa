/// The nodes of one tree in few bytes: a large ensemble takes less memory than its document.
///
///     links    [ root | its children, next to each other | ... ]   20 bytes each, breadth first
///     tests    [ slot, operator, number | ... ]                    16 bytes each: comparisons with a number
///     general  [ predicate | ... ]                                 all other predicates
///     answers                                                      what nodes with a score answer
///
/// A `Node` is put together when somebody looks at it.
final class TreeNodes: RandomAccessCollection, Sendable {
    /// One node as it is written down.
    struct Link: Sendable {
        /// Children lie next to each other from here.
        var firstChild: UInt32 = 0
        /// How many children; the highest bit says that the node has a score.
        var counts: UInt32 = 0
        /// Index of the default child; 0 where the attribute is missing or names no child.
        var defaultChild: UInt32 = 0
        var predicate: PredicateCode
        var answer: TreeAnswers.Code

        static let hasScore: UInt32 = 1 << 31
        var childCount: Int { Int(counts & ~Link.hasScore) }
    }

    let links: [Link]
    let predicates: TreePredicates
    let answers: TreeAnswers

    init(links: [Link], predicates: TreePredicates, answers: TreeAnswers) {
        self.links = links
        self.predicates = predicates
        self.answers = answers
    }

    var startIndex: Int { 0 }
    var endIndex: Int { links.count }

    subscript(index: Int) -> Node { Node(nodes: self, index: index) }

    /// One node of a tree.
    struct Node: Sendable {
        fileprivate let nodes: TreeNodes
        let index: Int

        private var link: Link { nodes.links[index] }

        var predicate: Predicate { nodes.predicates[link.predicate] }
        var firstChild: Int { Int(link.firstChild) }
        var childCount: Int { link.childCount }
        /// Index of the default child; nil where the attribute is missing or names no child.
        var defaultChild: Int? { link.defaultChild == 0 ? nil : Int(link.defaultChild) }
        var hasScore: Bool { link.counts & Link.hasScore != 0 }
        var answer: Result<Outcome, EvaluationError> { nodes.answers[link.answer] }
    }
}

/// Collects the nodes of one tree.
struct TreeNodesBuilder {
    private var links: [TreeNodes.Link] = []
    private var predicates = TreePredicates()
    private var answers = TreeAnswers()

    var count: Int { links.count }

    /// Appends a node, the next one in breadth-first order.
    mutating func append(
        predicate: Predicate, hasScore: Bool, answer: Result<Outcome, EvaluationError>
    ) {
        links.append(
            TreeNodes.Link(
                counts: hasScore ? TreeNodes.Link.hasScore : 0, predicate: predicates.add(predicate),
                answer: answers.add(answer)))
    }

    /// Makes the node appended last a child of `parent`.
    mutating func adopt(by parent: Int, isDefault: Bool) {
        let child = UInt32(truncatingIfNeeded: links.count - 1)
        if links[parent].childCount == 0 { links[parent].firstChild = child }
        links[parent].counts += 1
        if isDefault { links[parent].defaultChild = child }
    }

    /// The finished nodes, in no more memory than they need.
    func finish() -> TreeNodes {
        TreeNodes(
            links: links.map { $0 }, predicates: predicates.compacted(), answers: answers.compacted())
    }
}
