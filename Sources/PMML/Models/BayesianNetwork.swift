/// PMML element `BayesianNetworkModel`: the posterior of each target, given the active fields that are
/// present.
///
/// Inference is exact. Networks whose unobserved part is discrete are solved by variable elimination. Where
/// unobserved variables are continuous, each configuration of the discrete ones gives a joint normal
/// distribution (conditional linear Gaussian), which needs means that are affine in unobserved parents and,
/// where evidence lies below them, normal distributions with fixed variances. A row that needs more than that
/// is an evaluation error, since no exact answer is known.
///
/// A discrete target answers with its most probable value, a continuous one with its mean.
final class BayesianNetwork: ScoringModel {
    /// A random variable.
    struct Node: Sendable {
        let name: String
        /// Where its value is observed; nil for one that no active field tells.
        let slot: Int?
        /// Discrete parents, in the order of the tables.
        let parents: [Int]
        let kind: Kind
    }

    /// What a node holds for each configuration of its discrete parents, the last parent fastest.
    enum Kind: Sendable {
        /// Probabilities: those of the states of one configuration lie next to each other.
        case discrete(states: [Operand], probabilities: [Double])
        case continuous([ContinuousDistribution])
    }

    /// A target with the node that it asks for.
    struct Query: Sendable {
        let node: Int
        let target: Target
        /// The states of a discrete node.
        let categories: Categories?
    }

    /// What a row tells of a node.
    enum Observation: Sendable {
        case none
        case state(Int)
        case number(Double)
    }

    let nodes: [Node]
    /// Every node after its parents.
    let order: [Int]
    /// Nodes that a node depends on: discrete parents, and nodes in its distributions' expressions.
    let ancestors: [[Int]]
    let queries: [Query]

    init(nodes: [Node], order: [Int], ancestors: [[Int]], queries: [Query]) {
        self.nodes = nodes
        self.order = order
        self.ancestors = ancestors
        self.queries = queries
    }

    var form: String { "Bayesian network: \(nodes.count) nodes, exact inference" }

    func score(_ frame: Frame) throws(EvaluationError) -> Outcome {
        var observations: [Observation] = []
        for node in nodes { observations.append(try observe(node, frame)) }
        var outcomes: [(target: String, outcome: Outcome)] = []
        var inference = BayesianInference(network: self, observations: observations, frame: frame)
        for query in queries {
            outcomes.append(
                (query.target.name ?? Target.standardName, try answer(query, try inference.run(query.node))))
        }
        guard outcomes.count > 1 else { return outcomes.first?.outcome ?? .missing }
        return .several(outcomes)
    }

    private func answer(
        _ query: Query, _ posterior: BayesianInference.Posterior
    ) throws(EvaluationError) -> Outcome {
        switch posterior {
        case .discrete(let probabilities):
            guard let categories = query.categories else { return .missing }
            return .full(
                query.target.classified(Distribution(categories: categories, scores: probabilities)))
        case .continuous(let mean, let variance):
            guard mean.isFinite, variance?.isFinite ?? true else {
                throw .undefined("The posterior's moments are not finite numbers")
            }
            let outcome = try query.target.regression(mean)
            return .full(
                Prediction(
                    value: outcome.value,
                    spread: variance.map {
                        Spread(mean: mean, deviation: max(0, $0).squareRoot(), target: query.target)
                    }))
        }
    }

    private func observe(_ node: Node, _ frame: Frame) throws(EvaluationError) -> Observation {
        guard let slot = node.slot else { return .none }
        let value = try frame.value(slot)
        guard !value.isMissing else { return .none }
        switch node.kind {
        case .discrete(let states, _):
            for (index, state) in states.enumerated() where try state.equals(value) { return .state(index) }
            throw EvaluationError(
                .invalidValue, "org.jpmml.evaluator.ValueCheckException",
                "Node \"\(node.name)\" has no value \"\(value.value.displayText)\"", field: node.name)
        case .continuous:
            guard let number = try value.value.cast(to: .double).number, number.isFinite else {
                throw .type(expected: "java.lang.Number", actual: value.value.typeName)
            }
            return .number(number)
        }
    }
}
