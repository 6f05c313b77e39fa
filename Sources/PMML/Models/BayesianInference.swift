/// The inference for one row of a `BayesianNetwork`.
struct BayesianInference {
    /// What is known of a node after the row.
    enum Posterior {
        /// The probability of each state.
        case discrete([Double])
        /// The variance is nil where it is not exact.
        case continuous(mean: Double, variance: Double?)
    }

    let network: BayesianNetwork
    let observations: [BayesianNetwork.Observation]
    let frame: Frame
    /// Steps that the row may still take: four for each cell of each table that is multiplied or made, or
    /// what `GaussianInference` counts.
    private(set) var stepsLeft = stepsMax
    /// More steps for all targets of a row are not taken.
    static let stepsMax = 1 << 26

    init(network: BayesianNetwork, observations: [BayesianNetwork.Observation], frame: Frame) {
        self.network = network
        self.observations = observations
        self.frame = frame
    }

    /// Takes `count` times `each` steps from those that are left.
    mutating func charge(_ count: Int, times each: Int) throws(EvaluationError) {
        let (steps, overflow) = count.multipliedReportingOverflow(by: each)
        guard !overflow, steps <= stepsLeft else { throw .tooLarge }
        stepsLeft -= steps
    }

    /// The posterior of one node.
    mutating func run(_ node: Int) throws(EvaluationError) -> Posterior {
        let part = connected(to: node)
        let hidden = part.filter { isHidden($0) }
        let hasContinuous = hidden.contains { isContinuous($0) }
        guard hasContinuous else { return .discrete(try eliminate(node, part)) }
        let inference = GaussianInference(inference: self, part: part)
        try charge(try inference.configurations(), times: inference.stepsEach)
        return try inference.run(node)
    }

    func isHidden(_ node: Int) -> Bool {
        if case .none = observations[node] { return true }
        return false
    }

    func isContinuous(_ node: Int) -> Bool {
        if case .continuous = network.nodes[node].kind { return true }
        return false
    }

    /// The state of an observed discrete node.
    func state(_ node: Int) -> Int? {
        if case .state(let state) = observations[node] { return state }
        return nil
    }

    /// The nodes whose distributions bear on `node`: those above it or above evidence, reached through
    /// unobserved variables only. In the order of the network.
    private func connected(to node: Int) -> [Int] {
        var isRelevant = Array(repeating: false, count: network.nodes.count)
        for index in network.order.reversed() where index == node || !isHidden(index) || isRelevant[index] {
            isRelevant[index] = true
            for parent in network.ancestors[index] { isRelevant[parent] = true }
        }
        let relevant = network.order.filter { isRelevant[$0] }
        var members: [[Int]] = Array(repeating: [], count: network.nodes.count)
        for index in relevant {
            for variable in network.ancestors[index] + [index] where isHidden(variable) || variable == node {
                members[variable].append(index)
            }
        }
        var isReached = Array(repeating: false, count: network.nodes.count)
        var isVisited = isReached
        var stack = [node]
        isVisited[node] = true
        while let variable = stack.popLast() {
            for index in members[variable] where !isReached[index] {
                isReached[index] = true
                for other in network.ancestors[index] + [index]
                where (isHidden(other) || other == node) && !isVisited[other] {
                    isVisited[other] = true
                    stack.append(other)
                }
            }
        }
        return relevant.filter { isReached[$0] }
    }

    /// Variable elimination over a discrete part of the network: the probability of each state of `node`.
    private mutating func eliminate(_ node: Int, _ part: [Int]) throws(EvaluationError) -> [Double] {
        if let known = state(node), case .discrete(let states, _) = network.nodes[node].kind {
            return states.indices.map { $0 == known ? 1 : 0 }
        }
        var tables = EliminationTables()
        for index in part { tables.add(try factor(index)) }
        var waiting = part.filter { $0 != node && isHidden($0) }
        while !waiting.isEmpty {
            var best: (position: Int, cells: Int)?
            for (position, variable) in waiting.enumerated() {
                guard let cells = tables.cells(of: variable) else { continue }
                if best.map({ cells < $0.cells }) ?? true { best = (position, cells) }
            }
            guard let best else { throw .tooLarge }
            let variable = waiting.remove(at: best.position)
            let touched = tables.remove(with: variable)
            try charge(best.cells, times: 4 * (touched.count + 1))
            if let product = BayesianFactor.product(touched) { tables.add(product.summing(out: variable)) }
        }
        let factors = tables.all
        guard let cells = BayesianFactor.cells(factors) else { throw .tooLarge }
        try charge(cells, times: 4 * factors.count)
        guard let product = BayesianFactor.product(factors) else { throw .tooLarge }
        return try BayesianInference.normalised(product.values)
    }

    /// Scales weights to sum 1.
    static func normalised(_ weights: [Double]) throws(EvaluationError) -> [Double] {
        let sum = weights.reduce(0, +)
        guard sum > 0, sum.isFinite else {
            throw .undefined("The network gives what was observed no probability")
        }
        return weights.map { $0 / sum }
    }

    /// A node's probabilities, or an observed continuous node's density, over its unobserved variables.
    private mutating func factor(_ index: Int) throws(EvaluationError) -> BayesianFactor {
        let node = network.nodes[index]
        var factor = BayesianFactor(variables: [], sizes: [], values: [])
        for parent in node.parents where isHidden(parent) {
            factor.variables.append(parent)
            factor.sizes.append(size(parent))
        }
        if isHidden(index), !isContinuous(index) {
            factor.variables.append(index)
            factor.sizes.append(size(index))
        }
        try charge(factor.sizes.reduce(1, *), times: 4 * (1 + node.parents.count))
        var states = Array(repeating: 0, count: factor.variables.count)
        repeat {
            factor.values.append(try weight(of: index, factor.variables, states))
        } while BayesianInference.advance(&states, factor.sizes)
        return factor
    }

    /// A node's probability or density, given the states of its unobserved variables.
    func weight(of index: Int, _ variables: [Int], _ states: [Int]) throws(EvaluationError) -> Double {
        let node = network.nodes[index]
        let configuration = configuration(of: node, variables, states)
        switch node.kind {
        case .discrete(let values, let probabilities):
            let known = state(index) ?? variables.firstIndex(of: index).map { states[$0] } ?? 0
            return probabilities[configuration * values.count + known]
        case .continuous(let distributions):
            guard case .number(let x) = observations[index] else { return 1 }
            guard let density = try distributions[configuration].values(frame).density(x) else {
                throw .noExactAnswer("node \"\(node.name)\" is observed and has no variance")
            }
            return density
        }
    }

    /// The number of the parents' configuration in a node's tables.
    func configuration(of node: BayesianNetwork.Node, _ variables: [Int], _ states: [Int]) -> Int {
        node.parents.reduce(0) { number, parent in
            let state = state(parent) ?? variables.firstIndex(of: parent).map { states[$0] } ?? 0
            return number * size(parent) + state
        }
    }

    /// How many states a discrete node has.
    func size(_ node: Int) -> Int {
        if case .discrete(let states, _) = network.nodes[node].kind { return states.count }
        return 1
    }

    /// The next combination, the last digit fastest; false after the last.
    static func advance(_ digits: inout [Int], _ sizes: [Int]) -> Bool {
        for position in digits.indices.reversed() {
            digits[position] += 1
            if digits[position] < sizes[position] { return true }
            digits[position] = 0
        }
        return false
    }
}

extension EvaluationError {
    /// A row whose exact inference takes more than the bounds allow.
    static let tooLarge = EvaluationError.evaluation("Exact inference is too large for this row")

    /// A row for which the network has no exact answer.
    static func noExactAnswer(_ reason: String) -> EvaluationError {
        .evaluation("There is no exact inference for this row: \(reason)")
    }
}
