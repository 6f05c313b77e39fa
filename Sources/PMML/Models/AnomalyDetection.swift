import Glibc

/// PMML element `AnomalyDetectionModel`: how unusual a row is, told from the answer of a model inside.
///
/// | `algorithmType` | model inside | score |
/// |---|---|---|
/// | `iforest` | trees that answer with path lengths | 2 ^ (-path length / c(sampleDataSize)) |
/// | `ocsvm` | a support vector machine | its decision value: negative outside the learnt region |
/// | `clusterMeanDist` | a clustering | distance to the winning cluster over that cluster's mean distance |
/// | `other` | any | the model's own answer |
struct AnomalyDetection: ScoringModel {
    /// Attribute `algorithmType`, with what it needs.
    enum Algorithm: Sendable {
        /// Path lengths are divided by the mean path length of a search tree over the sample.
        case isolationForest(meanPath: Double)
        case oneClassSVM
        /// `MeanClusterDistances`, in the order of the clusters.
        case clusterMeanDistance([Double])
        case other
    }

    let algorithm: Algorithm
    let unit: ModelUnit
    let target: Target

    var form: String { "anomaly detection over " + unit.scoring.form }

    func score(_ frame: Frame) throws(EvaluationError) -> Outcome {
        let outcome = try unit.evaluate(frame)
        if case .other = algorithm { return outcome }
        guard !outcome.isMissing else { return try target.regression(nil) }
        switch algorithm {
        case .isolationForest(let meanPath):
            return try target.regression(Glibc.exp2(-(try number(outcome)) / meanPath))
        case .clusterMeanDistance(let means):
            return try target.regression(try distance(outcome, means))
        case .oneClassSVM, .other:
            return try target.regression(try number(outcome))
        }
    }

    private func number(_ outcome: Outcome) throws(EvaluationError) -> Double {
        guard let number = try outcome.value.value.cast(to: .double).number else {
            throw .type(expected: "java.lang.Number", actual: outcome.value.value.typeName)
        }
        guard !number.isNaN else { throw .undefined("The answer of the model inside is not a number") }
        return number
    }

    private func distance(_ outcome: Outcome, _ means: [Double]) throws(EvaluationError) -> Double {
        guard let affinity = outcome.prediction?.affinity, let best = affinity.position(rank: 1),
            best < means.count
        else { throw outcome.lacks("HasAffinity") }
        let ratio = affinity.scores[best] / means[best]
        guard !ratio.isNaN else { throw .undefined("The distance is not a number") }
        return ratio
    }

    /// The mean path length of an unsuccessful search in a binary search tree over `count` rows: c(n).
    ///
    /// Liu, Ting and Zhou, *Isolation-based anomaly detection* (2012), equation 1: 2 H(n - 1) - 2 (n - 1) /
    /// n, with H(i) near ln(i) + Euler's constant. For two rows it is exactly 1, where the approximation is
    /// off.
    static func meanPath(_ count: Int) -> Double {
        guard count > 2 else { return count == 2 ? 1 : 0 }
        let n = Double(count)
        return 2 * (Glibc.log(n - 1) + 0.577_215_664_901_532_9) - 2 * (n - 1) / n
    }
}

extension AnomalyDetection {
    /// Compiles an `AnomalyDetectionModel` element.
    static func compile(_ model: ModelContext) throws(Fault) -> any ScoringModel {
        let element = model.element
        guard let child = element.children.first(where: { ModelUnit.isModel($0.name) }) else {
            throw element.fault("a model is required")
        }
        let algorithm = try algorithm(element, child)
        return AnomalyDetection(
            algorithm: algorithm, unit: try ModelUnit.compile(child, parent: model, publishes: false),
            target: model.target)
    }

    private static func algorithm(_ element: Element, _ child: Element) throws(Fault) -> Algorithm {
        switch try element.required("algorithmType") {
        case "iforest":
            guard element["sampleDataSize"] != nil else {
                throw element.fault("attribute sampleDataSize is required")
            }
            return .isolationForest(
                meanPath: meanPath(try element.integer("sampleDataSize", in: 2...Int(1) << 52, default: 2)))
        case "ocsvm":
            guard child.name == "SupportVectorMachineModel" else {
                throw child.fault("algorithmType ocsvm needs a SupportVectorMachineModel")
            }
            return .oneClassSVM
        case "clusterMeanDist": return .clusterMeanDistance(try meanDistances(element, child))
        case "other": return .other
        case let text: throw element.fault("attribute algorithmType has the unknown value \"\(text)\"")
        }
    }

    private static func meanDistances(_ element: Element, _ child: Element) throws(Fault) -> [Double] {
        guard child.name == "ClusteringModel", child.child("ComparisonMeasure")?["kind"] == "distance" else {
            throw child.fault("algorithmType clusterMeanDist needs a ClusteringModel with distances")
        }
        let means = try element.requiredChild("MeanClusterDistances").finiteArray()
        let clusters = child.children("Cluster").count
        guard means.count == clusters else {
            throw element.fault("there are \(means.count) mean distances for \(clusters) clusters")
        }
        guard means.allSatisfy({ $0 > 0 }) else { throw element.fault("mean distances must be positive") }
        return means
    }
}
