extension BayesianNetwork {
    /// More nodes than this are refused.
    static let nodesMax = 256
    /// More table cells of one node than this are refused.
    static let cellsMax = 1 << 16

    /// Compiles a `BayesianNetworkModel` element.
    static func compile(_ model: ModelContext) throws(Fault) -> any ScoringModel {
        let element = try model.element.requiredChild("BayesianNetworkNodes")
        var builder = BayesianNetworkBuilder(model: model)
        try builder.read(element)
        return BayesianNetwork(
            nodes: builder.nodes, order: try builder.order(element), ancestors: builder.ancestors,
            queries: try builder.queries(element))
    }
}

/// Compiles the nodes of one network.
struct BayesianNetworkBuilder {
    let model: ModelContext
    private(set) var nodes: [BayesianNetwork.Node] = []
    private(set) var ancestors: [[Int]] = []
    /// Node elements by position, and positions by name.
    private var elements: [Element] = []
    private(set) var positions: [String: Int] = [:]
    /// The states of discrete nodes; empty for continuous ones.
    private var states: [[String]] = []
    /// The positions of a node's states.
    private var stateNumbers: [[String: Int]] = []

    init(model: ModelContext) {
        self.model = model
    }

    mutating func read(_ element: Element) throws(Fault) {
        for child in element.children where child.name == "DiscreteNode" || child.name == "ContinuousNode" {
            guard elements.count < BayesianNetwork.nodesMax else {
                throw element.fault("there are more than \(BayesianNetwork.nodesMax) nodes")
            }
            let name = try child.required("name")
            guard positions.updateValue(elements.count, forKey: name) == nil else {
                throw child.fault("node \"\(name)\" is defined twice")
            }
            elements.append(child)
            let names = child.name == "DiscreteNode" ? try stateNames(child) : []
            states.append(names)
            stateNumbers.append(
                Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first }))
        }
        guard !elements.isEmpty else { throw element.fault("nodes are required") }
        for (index, child) in elements.enumerated() {
            let name = try child.required("name")
            let (parents, kind, references) = try table(child, index)
            nodes.append(
                BayesianNetwork.Node(
                    name: name, slot: try slot(name, child), parents: parents, kind: kind))
            ancestors.append(Array(Set(parents + references)).sorted())
        }
    }

    /// The values of a discrete node, in the order in which they first come up.
    private func stateNames(_ element: Element) throws(Fault) -> [String] {
        var names: [String] = []
        var known: Set<String> = []
        let first = element.child("DiscreteConditionalProbability") ?? element
        for probability in first.children("ValueProbability") {
            let name = try probability.required("value")
            guard known.insert(name).inserted else {
                throw probability.fault("value \"\(name)\" is listed twice")
            }
            names.append(name)
            guard names.count <= BayesianNetwork.cellsMax else {
                throw element.fault("the node has more than \(BayesianNetwork.cellsMax) values")
            }
        }
        guard !names.isEmpty else { throw element.fault("ValueProbability elements are required") }
        return names
    }

    /// Where a node is observed: an active field, a derived field, or its own `DerivedField`.
    private func slot(_ name: String, _ element: Element) throws(Fault) -> Int? {
        let derived = element.children("DerivedField")
        if let first = derived.first {
            guard derived.count == 1 else { throw element.fault("only one DerivedField is supported") }
            return model.compiler.allocate(.derived(try DerivedField(first, scope: model.scope)))
        }
        if let field = model.scope.mining[name] {
            return field.usage == .active ? model.slot(name, at: element) : nil
        }
        let isLocal = model.element.child("LocalTransformations")?.children("DerivedField")
            .contains { $0["name"] == name }
        let isDerived = isLocal ?? false || model.compiler.globalDerived[name] != nil
        return isDerived ? model.slot(name, at: element) : nil
    }

    private func table(
        _ element: Element, _ index: Int
    ) throws(Fault) -> (parents: [Int], kind: BayesianNetwork.Kind, references: [Int]) {
        let isDiscrete = element.name == "DiscreteNode"
        let rows = element.children(
            isDiscrete ? "DiscreteConditionalProbability" : "ContinuousConditionalProbability")
        let parents = try rows.first.map { (row) throws(Fault) in try parentsOf(row) } ?? []
        let sizes = parents.map { states[$0].count }
        var configurations = 1
        for size in sizes + [max(1, states[index].count)] {
            configurations *= size
            guard configurations <= BayesianNetwork.cellsMax else {
                throw element.fault("the table has more than \(BayesianNetwork.cellsMax) cells")
            }
        }
        configurations /= max(1, states[index].count)
        var byConfiguration: [Element?] = Array(repeating: nil, count: configurations)
        for row in rows {
            let number = try configuration(row, parents)
            guard byConfiguration[number] == nil else { throw row.fault("the parents' values come twice") }
            byConfiguration[number] = row
        }
        if rows.isEmpty { byConfiguration[0] = element }
        let present = byConfiguration.compactMap { $0 }
        guard present.count == configurations else {
            throw element.fault(
                "the table has \(present.count) of \(configurations) combinations of its parents' values")
        }
        if isDiscrete { return (parents, try discrete(present, index), []) }
        var distributions: [ContinuousDistribution] = []
        for row in present { distributions.append(try distribution(row)) }
        return (parents, .continuous(distributions), distributions.flatMap(\.references))
    }

    private func parentsOf(_ row: Element) throws(Fault) -> [Int] {
        var parents: [Int] = []
        for value in row.children("ParentValue") {
            let name = try value.required("parent")
            guard let parent = positions[name], !states[parent].isEmpty else {
                throw value.fault("there is no discrete node \"\(name)\"")
            }
            guard !parents.contains(parent) else { throw value.fault("parent \"\(name)\" comes twice") }
            parents.append(parent)
        }
        return parents
    }

    private func configuration(_ row: Element, _ parents: [Int]) throws(Fault) -> Int {
        let values = row.children("ParentValue")
        guard values.count == parents.count else { throw row.fault("every row must name the same parents") }
        var digits = Array(repeating: 0, count: parents.count)
        var seen: Set<Int> = []
        for value in values {
            let (name, text) = (try value.required("parent"), try value.required("value"))
            guard let parent = positions[name], let at = parents.firstIndex(of: parent),
                seen.insert(at).inserted
            else { throw value.fault("every row must name the same parents") }
            guard let state = stateNumbers[parent][text] else {
                throw value.fault("node \"\(name)\" has no value \"\(text)\"")
            }
            digits[at] = state
        }
        return zip(parents, digits).reduce(0) { $0 * states[$1.0].count + $1.1 }
    }

    private func discrete(_ rows: [Element], _ node: Int) throws(Fault) -> BayesianNetwork.Kind {
        let names = states[node]
        var probabilities: [Double] = []
        for row in rows {
            var own = Array(repeating: 0.0, count: names.count)
            for entry in row.children("ValueProbability") {
                let name = try entry.required("value")
                guard let state = stateNumbers[node][name] else {
                    throw entry.fault("value \"\(name)\" is missing in the first row")
                }
                let probability = try entry.requiredFinite("probability")
                guard probability >= 0, probability <= 1 else {
                    throw entry.fault("attribute probability must be from 0 to 1")
                }
                own[state] = probability
            }
            let sum = own.reduce(0, +)
            guard abs(sum - 1) <= 1e-2 else { throw row.fault("the probabilities sum to \(sum), not 1") }
            probabilities += own
        }
        return .discrete(states: names.map { Operand($0) }, probabilities: probabilities)
    }

    /// Whether a node is continuous.
    func isContinuousNode(_ node: Int) -> Bool { states[node].isEmpty }

    /// Every node after its parents.
    func order(_ element: Element) throws(Fault) -> [Int] {
        var waiting = ancestors.map(\.count)
        var children: [[Int]] = Array(repeating: [], count: ancestors.count)
        for (index, parents) in ancestors.enumerated() {
            for parent in parents { children[parent].append(index) }
        }
        var order = waiting.indices.filter { waiting[$0] == 0 }
        var at = 0
        while at < order.count {
            for child in children[order[at]] {
                waiting[child] -= 1
                if waiting[child] == 0 { order.append(child) }
            }
            at += 1
        }
        guard order.count == ancestors.count else {
            let names = waiting.indices.filter { waiting[$0] > 0 }.prefix(8).map { nodes[$0].name }
            throw element.fault("nodes depend on each other in a cycle: \(names.joined(separator: ", "))")
        }
        return order
    }

    /// The targets with their nodes.
    func queries(_ element: Element) throws(Fault) -> [BayesianNetwork.Query] {
        var queries: [BayesianNetwork.Query] = []
        for target in model.targets {
            guard let name = target.name, let node = positions[name] else {
                throw element.fault("there is no node for the target \"\(target.name ?? "")\"")
            }
            let categories: Categories?
            if states[node].isEmpty {
                categories = nil
            } else {
                do throws(EvaluationError) {
                    categories = try Categories(texts: states[node], type: target.categoryType)
                } catch {
                    throw elements[node].fault("a value is not of the target's type: \(error.message)")
                }
            }
            queries.append(BayesianNetwork.Query(node: node, target: target, categories: categories))
        }
        return queries
    }
}
