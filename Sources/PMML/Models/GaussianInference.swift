import Glibc

/// Inference where unobserved variables are continuous: for each configuration of the discrete ones, a joint
/// normal distribution conditioned on the evidence (Lauritzen, 1992: conditional linear Gaussian networks).
struct GaussianInference {
    let inference: BayesianInference
    /// The nodes that matter, parents first.
    let part: [Int]
    /// Whether an observed node depends on unobserved continuous ones.
    private let hasEvidenceBelow: Bool
    /// More configurations of unobserved discrete nodes than this are not enumerated.
    static let configurationsMax = 1 << 14

    init(inference: BayesianInference, part: [Int]) {
        self.inference = inference
        self.part = part
        hasEvidenceBelow = part.contains { index in
            inference.isContinuous(index) && !inference.isHidden(index)
                && inference.network.ancestors[index].contains {
                    inference.isContinuous($0) && inference.isHidden($0)
                }
        }
    }

    /// One configuration's share of the answer.
    private struct Part {
        /// Logarithm of its weight.
        var weight: Double
        var state = 0
        var mean = 0.0
        var variance: Double? = 0.0
    }

    /// The joint distribution of continuous nodes under one configuration.
    private struct Joint {
        /// Positions by node.
        var positions: [Int: Int] = [:]
        var means: [Double] = []
        /// Rows of the covariance matrix's lower triangle.
        var covariances: [[Double]] = []

        func covariance(_ a: Int, _ b: Int) -> Double {
            a >= b ? covariances[a][b] : covariances[b][a]
        }
    }

    /// The posterior of one node.
    func run(_ node: Int) throws(EvaluationError) -> BayesianInference.Posterior {
        let discrete = self.discrete
        let sizes = discrete.map { inference.size($0) }
        var parts: [Part] = []
        var states = Array(repeating: 0, count: discrete.count)
        repeat {
            if var part = try part(node, discrete, states) {
                if let position = discrete.firstIndex(of: node) { part.state = states[position] }
                parts.append(part)
            }
        } while BayesianInference.advance(&states, sizes)
        let greatest = parts.map(\.weight).max() ?? 0
        let weights = try BayesianInference.normalised(parts.map { exponential($0.weight - greatest) })
        guard inference.isContinuous(node) else {
            var probabilities = Array(repeating: 0.0, count: inference.size(node))
            for (part, weight) in zip(parts, weights) { probabilities[part.state] += weight }
            return .discrete(probabilities)
        }
        return GaussianInference.mixture(parts, weights)
    }

    /// The unobserved discrete nodes.
    private var discrete: [Int] {
        part.filter { inference.isHidden($0) && !inference.isContinuous($0) }
    }

    /// How many configurations the unobserved discrete nodes have.
    func configurations() throws(EvaluationError) -> Int {
        var count = 1
        for node in discrete {
            count *= inference.size(node)
            guard count <= GaussianInference.configurationsMax else { throw .tooLarge }
        }
        return count
    }

    /// Steps of one configuration: the cube of continuous variables, and the nodes with their parents.
    var stepsEach: Int {
        let continuous = part.filter { inference.isContinuous($0) }.count
        return continuous * continuous * continuous
            + part.reduce(1) { $0 + 1 + inference.network.ancestors[$1].count }
    }

    private static func mixture(_ parts: [Part], _ weights: [Double]) -> BayesianInference.Posterior {
        let mean = zip(parts, weights).reduce(0) { $0 + $1.0.mean * $1.1 }
        var variance: Double? = 0
        for (part, weight) in zip(parts, weights) {
            guard let own = part.variance, let sum = variance else {
                variance = nil
                break
            }
            variance = sum + weight * (own + (part.mean - mean) * (part.mean - mean))
        }
        return .continuous(mean: mean, variance: variance)
    }

    /// One configuration; nil where it has no probability.
    private func part(
        _ node: Int, _ discrete: [Int], _ states: [Int]
    ) throws(EvaluationError) -> Part? {
        var part = Part(weight: 0)
        var joint = Joint()
        var evidence: [(position: Int, value: Double)] = []
        for index in self.part {
            if inference.isContinuous(index), needsJoint(index, discrete, states) {
                let isObserved = !inference.isHidden(index)
                try add(index, discrete, states, &joint, isObserved: isObserved)
                if case .number(let x) = inference.observations[index] {
                    evidence.append((joint.means.count - 1, x))
                }
                continue
            }
            let weight = try inference.weight(of: index, discrete, states)
            guard weight > 0 else { return nil }
            part.weight += Glibc.log(weight)
        }
        try condition(&joint, on: evidence, &part)
        if let position = joint.positions[node] {
            part.mean = joint.means[position]
            let variance = joint.covariance(position, position)
            part.variance = variance.isFinite ? variance : nil
        }
        return part
    }

    /// Whether a continuous node is unobserved itself, or depends on one that is.
    private func needsJoint(_ index: Int, _ discrete: [Int], _ states: [Int]) -> Bool {
        inference.isHidden(index) || !hiddenReferences(index, discrete, states).isEmpty
    }

    private func hiddenReferences(_ index: Int, _ discrete: [Int], _ states: [Int]) -> [Int] {
        distribution(index, discrete, states)?.references.filter { inference.isHidden($0) } ?? []
    }

    private func distribution(
        _ index: Int, _ discrete: [Int], _ states: [Int]
    ) -> ContinuousDistribution? {
        let node = inference.network.nodes[index]
        guard case .continuous(let distributions) = node.kind else { return nil }
        return distributions[inference.configuration(of: node, discrete, states)]
    }

    /// Appends a node to the joint distribution.
    private func add(
        _ index: Int, _ discrete: [Int], _ states: [Int], _ joint: inout Joint, isObserved: Bool
    ) throws(EvaluationError) {
        guard let distribution = distribution(index, discrete, states) else { return }
        let name = inference.network.nodes[index].name
        let moments = try moments(distribution, joint, name)
        if hasEvidenceBelow || isObserved {
            guard distribution.kind == .normal, moments.isFixed else {
                throw .noExactAnswer("node \"\(name)\" is not normal with a fixed variance")
            }
        }
        let position = joint.means.count
        var row: [Double] = []
        for other in 0..<position {
            row.append(moments.coefficients.reduce(0) { $0 + $1.value * joint.covariance($1.key, other) })
        }
        let own = moments.coefficients.reduce(moments.variance) { $0 + $1.value * row[$1.key] }
        row.append(own)
        joint.covariances.append(row)
        joint.means.append(moments.mean)
        joint.positions[index] = position
    }

    /// A node's mean and variance, given the means of the nodes before it.
    private struct Moments {
        var mean: Double
        /// NaN where it is not exact.
        var variance: Double
        /// By position of the parent.
        var coefficients: [Int: Double] = [:]
        /// Whether the variance depends on no unobserved node.
        var isFixed = true
    }

    private func moments(
        _ distribution: ContinuousDistribution, _ joint: Joint, _ name: String
    ) throws(EvaluationError) -> Moments {
        guard distribution.references.contains(where: { inference.isHidden($0) }) else {
            let values = try distribution.values(frame)
            return Moments(mean: values.expectation, variance: values.dispersion)
        }
        switch distribution.kind {
        case .lognormal:
            throw .noExactAnswer("node \"\(name)\" is lognormal over nodes that were not observed")
        case .normal, .triangular:
            var moments = try linear(distribution.mean, joint, name)
            if distribution.kind == .normal {
                let variance = try linear(distribution.variance, joint, name)
                moments.variance = variance.mean
                moments.isFixed = variance.coefficients.isEmpty
                guard moments.variance >= 0 else {
                    throw .noExactAnswer("node \"\(name)\" has a negative variance")
                }
            } else {
                moments.variance = .nan
            }
            return moments
        case .uniform:
            let lower = try linear(distribution.lower, joint, name)
            let upper = try linear(distribution.upper, joint, name)
            var moments = Moments(mean: (lower.mean + upper.mean) / 2, variance: .nan)
            for (position, coefficient) in lower.coefficients {
                moments.coefficients[position] = coefficient / 2
            }
            for (position, coefficient) in upper.coefficients {
                moments.coefficients[position, default: 0] += coefficient / 2
            }
            return moments
        }
    }

    private var frame: Frame { inference.frame }

    /// A parameter's mean, and how it moves with each unobserved node; its `variance` is 0.
    private func linear(
        _ parameter: ContinuousDistribution.Parameter?, _ joint: Joint, _ name: String
    ) throws(EvaluationError) -> Moments {
        guard let parameter else { return Moments(mean: 0, variance: 0) }
        guard let affine = parameter.affine else {
            guard parameter.references.allSatisfy({ !inference.isHidden($0) }) else {
                throw .noExactAnswer("node \"\(name)\" is not linear in nodes that were not observed")
            }
            guard let number = try parameter.expression.evaluate(frame).value.converted(to: .double).number
            else { throw .noExactAnswer("a parameter of node \"\(name)\" is missing") }
            return Moments(mean: number, variance: 0)
        }
        var result = Moments(mean: affine.constant, variance: 0)
        for (node, coefficient) in affine.coefficients.sorted(by: { $0.key < $1.key }) {
            if case .number(let x) = inference.observations[node] {
                result.mean += coefficient * x
            } else if let position = joint.positions[node] {
                result.mean += coefficient * joint.means[position]
                if coefficient != 0 { result.coefficients[position] = coefficient }
            }
        }
        return result
    }

    /// Conditions the joint distribution on one observation after the other.
    private func condition(
        _ joint: inout Joint, on evidence: [(position: Int, value: Double)], _ part: inout Part
    ) throws(EvaluationError) {
        for (position, value) in evidence {
            let variance = joint.covariance(position, position)
            guard variance > 0 else { throw .noExactAnswer("an observed node has no variance") }
            let gap = value - joint.means[position]
            part.weight -= 0.5 * (gap * gap / variance + Glibc.log(2 * Double.pi * variance))
            let column = joint.means.indices.map { joint.covariance($0, position) }
            for a in joint.means.indices {
                joint.means[a] += column[a] * gap / variance
                for b in 0...a { joint.covariances[a][b] -= column[a] * column[b] / variance }
            }
        }
    }
}
