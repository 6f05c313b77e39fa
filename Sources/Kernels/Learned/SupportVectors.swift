import Glibc
import Tensors

/// The kernel of a support vector machine (`kernel_params`: gamma, coef0, degree).
private struct SupportKernel: Sendable {
    let form: String
    let gamma: Double
    let offset: Double
    let degree: Double

    init(_ attributes: Attributes) throws(KernelError) {
        form = try attributes.text("kernel_type", default: "LINEAR")
        let parameters = (try attributes.floats("kernel_params") ?? []).map(Double.init)
        gamma = parameters.count > 0 ? parameters[0] : 0
        offset = parameters.count > 1 ? parameters[1] : 0
        degree = parameters.count > 2 ? parameters[2] : 0
        guard ["LINEAR", "POLY", "RBF", "SIGMOID"].contains(form) else {
            throw .unsupported("attribute kernel_type = \(form)")
        }
    }

    func value(_ x: ArraySlice<Double>, _ y: ArraySlice<Double>) -> Double {
        if form == "RBF" { return exp(-gamma * zip(x, y).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }) }
        let dot = zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
        switch form {
        case "POLY": return pow(gamma * dot + offset, degree)
        case "SIGMOID": return tanh(gamma * dot + offset)
        default: return dot
        }
    }
}

/// A support vector machine made ready.
private struct SupportMachine: Sendable {
    let kernel: SupportKernel
    let vectors: [Double]
    let vectorCount: Int
    let coefficients: [Double]
    let rho: [Double]

    init(_ attributes: Attributes, vectorCount: Int) throws(KernelError) {
        kernel = try SupportKernel(attributes)
        vectors = (try attributes.floats("support_vectors") ?? []).map(Double.init)
        coefficients = (try attributes.floats("coefficients") ?? []).map(Double.init)
        rho = (try attributes.floats("rho") ?? []).map(Double.init)
        self.vectorCount = vectorCount
    }

    /// The kernel between a row and each support vector.
    func kernels(_ row: ArraySlice<Double>) throws(KernelError) -> [Double] {
        guard vectorCount > 0, vectors.count == saturatingMultiply(vectorCount, row.count) else {
            throw .invalid(
                "\(vectors.count) numbers in \(vectorCount) support vectors of \(row.count) features")
        }
        return (0..<vectorCount).map { kernel.value(row, vectors[($0 * row.count)..<(($0 + 1) * row.count)]) }
    }
}

extension Invocation {
    /// `SVMRegressor` (ai.onnx.ml 1).
    fileprivate func regressBySupport() throws(KernelError) -> [Tensor] {
        let machine = try cache.value { () throws(KernelError) in
            try SupportMachine(attributes, vectorCount: try attributes.integer("n_supports", default: 0))
        }
        let isOneClass = try attributes.flag("one_class")
        let transform = try PostTransform(attributes)
        let (values, count, width) = try rows()
        try workspace.charge(saturatingMultiply(count, saturatingAdd(machine.vectors.count, width)))
        var results: [Float] = []
        for row in 0..<count {
            let x = values[(row * width)..<((row + 1) * width)]
            var sum = machine.rho.first ?? 0
            if machine.vectorCount > 0 {
                let kernels = try machine.kernels(x)
                guard machine.coefficients.count == kernels.count else { throw .invalid("coefficients") }
                sum += zip(kernels, machine.coefficients).reduce(0) { $0 + $1.0 * $1.1 }
            } else {
                guard machine.coefficients.count == width else { throw .invalid("coefficients") }
                sum += machine.kernel.value(x, machine.coefficients[...])
            }
            results.append(Float(isOneClass ? (sum > 0 ? 1 : -1) : transform.apply([sum])[0]))
        }
        return [try make([count, 1], results)]
    }

    /// `SVMClassifier` (ai.onnx.ml 1) with support vectors: one machine for each pair of classes, each a
    /// vote.
    ///
    /// Scores are the pairs' decisions, or with `prob_a` the classes' probabilities.
    fileprivate func classifyBySupport() throws(KernelError) -> [Tensor] {
        let labels = try ClassLabels(attributes, integers: "classlabels_ints")
        let perClass = try attributes.integers("vectors_per_class") ?? []
        let probabilityA = (try attributes.floats("prob_a") ?? []).map(Double.init)
        let probabilityB = (try attributes.floats("prob_b") ?? []).map(Double.init)
        let classes = perClass.count
        guard classes >= 2, classes <= 1 << 12, perClass.allSatisfy({ $0 >= 0 && $0 <= 1 << 30 }) else {
            throw .unsupported("SVMClassifier without support vectors")
        }
        let pairs = classes * (classes - 1) / 2
        // What a two-class machine without probabilities returns differs between engines.
        guard classes > 2 || !probabilityA.isEmpty else {
            throw .unsupported("SVMClassifier of two classes without prob_a")
        }
        let machine = try cache.value { () throws(KernelError) in
            try SupportMachine(attributes, vectorCount: perClass.reduce(0, +))
        }
        let transform = try PostTransform(attributes)
        guard machine.rho.count == pairs,
            machine.coefficients.count == saturatingMultiply(classes - 1, machine.vectorCount),
            labels.count == classes,
            probabilityA.isEmpty || (probabilityA.count == pairs && probabilityB.count == pairs)
        else { throw .invalid("rho, coefficients or labels do not fit \(classes) classes") }
        let (values, count, width) = try rows()
        try workspace.reserve(saturatingMultiply(count, pairs), elementBytes: 24)
        try workspace.reserve(count, elementBytes: 96)
        let perRow = machine.vectors.count + machine.coefficients.count + 100 * classes * classes
        try workspace.charge(saturatingMultiply(count, perRow))
        var winners: [Int] = []
        var table: [[Double]] = []
        for row in 0..<count {
            let kernels = try machine.kernels(values[(row * width)..<((row + 1) * width)])
            let decisions = decisions(kernels, perClass, machine)
            if probabilityA.isEmpty {
                winners.append(vote(decisions, classes))
                table.append(transform.apply(decisions))
            } else {
                let pairwise = zip(decisions, zip(probabilityA, probabilityB)).map { score, platt in
                    min(max(logistic(-(score * platt.0 + platt.1)), 1e-7), 1 - 1e-7)
                }
                let probabilities = coupled(pairwise, classes)
                winners.append(winner(probabilities))
                table.append(probabilities)
            }
        }
        return try classified(labels, winners: winners, scores: table)
    }

    private func decisions(_ kernels: [Double], _ perClass: [Int], _ machine: SupportMachine) -> [Double] {
        var starts = [0]
        for count in perClass { starts.append(starts[starts.count - 1] + count) }
        var decisions: [Double] = []
        for i in perClass.indices {
            for j in (i + 1)..<max(perClass.count, i + 1) {
                var sum = machine.rho[decisions.count]
                for vector in starts[i]..<starts[i + 1] {
                    sum += machine.coefficients[(j - 1) * kernels.count + vector] * kernels[vector]
                }
                for vector in starts[j]..<starts[j + 1] {
                    sum += machine.coefficients[i * kernels.count + vector] * kernels[vector]
                }
                decisions.append(sum)
            }
        }
        return decisions
    }

    private func vote(_ decisions: [Double], _ classes: Int) -> Int {
        var votes = [Double](repeating: 0, count: classes)
        var pair = 0
        for i in 0..<classes {
            for j in (i + 1)..<max(classes, i + 1) {
                votes[decisions[pair] > 0 ? i : j] += 1
                pair += 1
            }
        }
        return winner(votes)
    }

    /// Class probabilities from those of the pairs (Wu, Lin and Weng, 2004, second method, as libsvm iterates
    /// it).
    private func coupled(_ pairwise: [Double], _ classes: Int) -> [Double] {
        var r = [[Double]](repeating: [Double](repeating: 0, count: classes), count: classes)
        var pair = 0
        for i in 0..<classes {
            for j in (i + 1)..<max(classes, i + 1) {
                (r[i][j], r[j][i]) = (pairwise[pair], 1 - pairwise[pair])
                pair += 1
            }
        }
        var q = r
        for t in 0..<classes {
            for j in 0..<classes where j != t { q[t][j] = -r[j][t] * r[t][j] }
            q[t][t] = (0..<classes).reduce(0) { $1 == t ? $0 : $0 + r[$1][t] * r[$1][t] }
        }
        var p = [Double](repeating: 1 / Double(classes), count: classes)
        for _ in 0..<max(100, classes) {
            var qp = (0..<classes).map { t in (0..<classes).reduce(0) { $0 + q[t][$1] * p[$1] } }
            var pqp = zip(p, qp).reduce(0) { $0 + $1.0 * $1.1 }
            if qp.allSatisfy({ abs($0 - pqp) < 0.005 / Double(classes) }) { break }
            for t in 0..<classes {
                let change = (pqp - qp[t]) / q[t][t]
                p[t] += change
                pqp = (pqp + change * (change * q[t][t] + 2 * qp[t])) / (1 + change) / (1 + change)
                for j in 0..<classes {
                    qp[j] = (qp[j] + change * q[t][j]) / (1 + change)
                    p[j] /= 1 + change
                }
            }
        }
        return p
    }
}

/// ONNX's support vector machines.
let supportOperators: [String: OperatorFunction] = [
    "SVMRegressor": { call throws(KernelError) in try call.regressBySupport() },
    "SVMClassifier": { call throws(KernelError) in try call.classifyBySupport() },
]
