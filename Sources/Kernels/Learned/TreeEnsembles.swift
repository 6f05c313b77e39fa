import Tensors

/// One node of a decision tree.
struct TreeNode: Sendable {
    enum Test: Sendable {
        case leaf, lessOrEqual, less, greaterOrEqual, greater, equal, notEqual
        /// Whether the value is in a set (`TreeEnsemble` of opset 5).
        case member([Double])
    }

    var test: Test
    var feature = 0
    var value = 0.0
    /// Places of the next nodes.
    var whenTrue = 0
    var whenFalse = 0
    /// A missing value (NaN) goes the way of true.
    var missingIsTrue = false
    /// The weights that a leaf adds, by target or class.
    var weights: [(target: Int, weight: Double)] = []
}

/// A forest whose leaves add weights to targets (`ai.onnx.ml` 1 to 5).
struct TreeForest: Sendable {
    /// How the trees' weights become one.
    enum Aggregate: Sendable { case sum, average, minimum, maximum }

    var nodes: [TreeNode] = []
    var roots: [Int] = []
    var aggregate = Aggregate.sum
    var targetCount = 1
    var offsets: [Double] = []
    /// 1 + the largest feature that a node looks at.
    private(set) var featureCount = 0

    /// Checks that every place and target is inside, and that leaves follow where tests lead.
    mutating func seal() throws(KernelError) {
        guard (1...(1 << 20)).contains(targetCount) else { throw .invalid("\(targetCount) targets") }
        for node in nodes {
            guard nodes.indices.contains(node.whenTrue), nodes.indices.contains(node.whenFalse),
                node.feature >= 0,
                node.weights.allSatisfy({ (0..<targetCount).contains($0.target) })
            else { throw .invalid("a tree node leads outside the forest") }
            featureCount = max(featureCount, saturatingAdd(node.feature, 1))
        }
        guard roots.allSatisfy(nodes.indices.contains) else { throw .invalid("a root outside the forest") }
    }

    /// The targets' scores of the row of `values` that starts at `start`, and which of them any leaf spoke
    /// of. Steps count as operations: trees may be as deep as they have nodes, and share them.
    /// - Throws: `KernelError.invalid` when a tree never ends.
    func scores(_ values: [Double], at start: Int, _ workspace: Workspace) throws(KernelError)
        -> (scores: [Double], isSet: [Bool])
    {
        var work = targetCount
        var scores = [Double](repeating: 0, count: targetCount)
        var isSet = [Bool](repeating: false, count: targetCount)
        for root in roots {
            var place = root
            var steps = 0
            while !nodes[place].isLeaf {
                work += nodes[place].work
                place = nodes[place].next(values, start)
                steps += 1
                guard steps <= nodes.count else { throw .invalid("a tree that leads in a circle") }
            }
            work += nodes[place].weights.count + 1
            if work > 1 << 16 {
                try workspace.charge(work)
                work = 0
            }
            for (target, weight) in nodes[place].weights {
                switch aggregate {
                case .sum, .average: scores[target] += weight
                case .minimum: scores[target] = isSet[target] ? min(scores[target], weight) : weight
                case .maximum: scores[target] = isSet[target] ? max(scores[target], weight) : weight
                }
                isSet[target] = true
            }
        }
        try workspace.charge(work)
        if aggregate == .average, !roots.isEmpty { scores = scores.map { $0 / Double(roots.count) } }
        for (target, offset) in offsets.enumerated() where target < targetCount { scores[target] += offset }
        return (scores, isSet)
    }
}

extension TreeNode {
    fileprivate var isLeaf: Bool {
        if case .leaf = test { return true }
        return false
    }

    /// Elementary operations of the test.
    fileprivate var work: Int {
        if case .member(let set) = test { return 1 + set.count }
        return 1
    }

    @inline(__always)
    fileprivate func next(_ values: [Double], _ start: Int) -> Int {
        // Thresholds are 32-bit floats, and so is the data they are compared with.
        let x = values[start + feature]
        let holds: Bool =
            switch test {
            case .leaf: true
            case .lessOrEqual: x <= value
            case .less: x < value
            case .greaterOrEqual: x >= value
            case .greater: x > value
            case .equal: x == value
            case .notEqual: x != value
            case .member(let set): set.contains(x)
            }
        return holds || (missingIsTrue && x.isNaN) ? whenTrue : whenFalse
    }
}

extension TreeForest {
    /// From the attributes of `TreeEnsembleClassifier` (`prefix` "class") or `TreeEnsembleRegressor`
    /// ("target").
    init(_ attributes: Attributes, prefix: String, targetCount: Int) throws(KernelError) {
        func numbers(_ name: String) throws(KernelError) -> [Double] {
            if let tensor = try attributes.tensor(name + "_as_tensor") { return tensor.doubles() }
            return (try attributes.floats(name) ?? []).map(Double.init)
        }
        self.targetCount = targetCount
        let trees = try attributes.integers("nodes_treeids") ?? []
        let ids = try attributes.integers("nodes_nodeids") ?? []
        let features = try attributes.integers("nodes_featureids") ?? []
        let modes = try attributes.texts("nodes_modes") ?? []
        let values = try numbers("nodes_values")
        let trueIDs = try attributes.integers("nodes_truenodeids") ?? []
        let falseIDs = try attributes.integers("nodes_falsenodeids") ?? []
        let missing = try attributes.integers("nodes_missing_value_tracks_true") ?? []
        let count = ids.count
        guard count > 0,
            [trees.count, features.count, modes.count, values.count, trueIDs.count, falseIDs.count]
                .allSatisfy({ $0 == count }), missing.isEmpty || missing.count == count
        else { throw .invalid("tree attributes of different lengths") }
        var places: [TreePlace: Int] = [:]
        for index in 0..<count {
            guard places.updateValue(index, forKey: TreePlace(tree: trees[index], node: ids[index])) == nil
            else {
                throw .invalid("tree \(trees[index]) has two nodes \(ids[index])")
            }
            if index == 0 || trees[index] != trees[index - 1] { roots.append(index) }
        }
        for index in 0..<count {
            var node = TreeNode(
                test: try Self.test(modes[index]), feature: features[index], value: values[index])
            if !node.isLeaf {
                guard let yes = places[TreePlace(tree: trees[index], node: trueIDs[index])],
                    let no = places[TreePlace(tree: trees[index], node: falseIDs[index])]
                else { throw .invalid("node \(ids[index]) of tree \(trees[index]) leads nowhere") }
                (node.whenTrue, node.whenFalse) = (yes, no)
                node.missingIsTrue = index < missing.count && missing[index] != 0
            } else {
                node.feature = 0
            }
            nodes.append(node)
        }
        try addWeights(attributes, prefix, places, try numbers("\(prefix)_weights"))
        offsets = try numbers("base_values")
        switch try attributes.text("aggregate_function", default: "SUM") {
        case "SUM": aggregate = .sum
        case "AVERAGE": aggregate = .average
        case "MIN": aggregate = .minimum
        case "MAX": aggregate = .maximum
        default: throw .unsupported("attribute aggregate_function")
        }
        try seal()
    }

    private struct TreePlace: Hashable {
        let tree: Int
        let node: Int
    }

    private mutating func addWeights(
        _ attributes: Attributes, _ prefix: String, _ places: [TreePlace: Int], _ weights: [Double]
    ) throws(KernelError) {
        let trees = try attributes.integers("\(prefix)_treeids") ?? []
        let ids = try attributes.integers("\(prefix)_nodeids") ?? []
        let targets = try attributes.integers("\(prefix)_ids") ?? []
        guard trees.count == ids.count, trees.count == targets.count, trees.count == weights.count else {
            throw .invalid("leaf attributes of different lengths")
        }
        for index in trees.indices {
            guard let place = places[TreePlace(tree: trees[index], node: ids[index])] else {
                throw .invalid("a weight of a node that is not there")
            }
            // A weight on an inner node is never reached.
            if nodes[place].isLeaf { nodes[place].weights.append((targets[index], weights[index])) }
        }
    }

    private static func test(_ mode: String) throws(KernelError) -> TreeNode.Test {
        switch mode {
        case "LEAF": return .leaf
        case "BRANCH_LEQ": return .lessOrEqual
        case "BRANCH_LT": return .less
        case "BRANCH_GTE": return .greaterOrEqual
        case "BRANCH_GT": return .greater
        case "BRANCH_EQ": return .equal
        case "BRANCH_NEQ": return .notEqual
        default: throw .unsupported("node mode \(mode)")
        }
    }
}
