/// PMML element `ClusteringModel` (centre based).
struct Clustering: ScoringModel {
    /// PMML element `Cluster`.
    struct Cluster: Sendable {
        let id: String
        let name: String?
        let center: [Operand]
    }

    let measure: Measure
    let fields: [Measure.Field]
    let clusters: [Cluster]
    /// Weights of the fields where some are missing.
    let missingWeights: [Double]
    let target: Target
    let math: MathContext

    var form: String { "clustering: \(clusters.count) clusters of \(fields.count) fields" }

    func score(_ frame: Frame) throws(EvaluationError) -> Outcome {
        var values: [FieldValue] = []
        for field in fields { values.append(try frame.value(field.slot)) }
        let adjustment = measure.isDistance ? try Measure.adjustment(values, missingWeights) : 1
        var scores: [Double] = []
        for cluster in clusters {
            scores.append(
                math.rounded(try measure.compare(values, cluster.center, fields, adjustment: adjustment)))
        }
        let affinities = Affinities(
            ids: clusters.map(\.id), scores: scores, isDistance: measure.isDistance)
        guard let best = affinities.position(rank: 1) else { return .missing }
        return .full(
            Prediction(
                value: FieldValue(.text(clusters[best].id), .categorical), affinity: affinities,
                entity: Prediction.Entity(id: clusters[best].id),
                display: clusters[best].name.map { FieldValue(.text($0)) } ?? .missing))
    }
}

extension Clustering {
    /// Compiles a `ClusteringModel` element.
    static func compile(_ model: ModelContext) throws(Fault) -> any ScoringModel {
        let element = model.element
        guard try element.required("modelClass") == "centerBased" else {
            throw element.fault("only centre-based clusters are supported")
        }
        let measureElement = try element.requiredChild("ComparisonMeasure")
        let measure = try Measure(measureElement)
        var fields: [Measure.Field] = []
        for field in element.children("ClusteringField") {
            if field["isCenterField"] == "false" { continue }
            fields.append(
                Measure.Field(
                    slot: model.slot(try field.required("field"), at: field),
                    weight: try field.number("fieldWeight") ?? 1,
                    comparison: try Measure.Comparison(
                        field, measure: measureElement, model.compiler)))
        }
        var weights = Array(repeating: 1.0, count: fields.count)
        if let array = element.child("MissingValueWeights")?.child("Array") {
            weights = try array.arrayNumbers()
            guard weights.count == fields.count else { throw array.fault("one weight a field was expected") }
        }
        return Clustering(
            measure: measure, fields: fields, clusters: try clusters(element, fields.count),
            missingWeights: weights, target: model.target, math: model.math)
    }

    private static func clusters(_ element: Element, _ count: Int) throws(Fault) -> [Cluster] {
        var clusters: [Cluster] = []
        for cluster in element.children("Cluster") {
            let center = try cluster.requiredChild("Array").arrayEntries
            guard center.count == count else {
                throw cluster.fault("the centre has \(center.count) numbers for \(count) fields")
            }
            clusters.append(
                Cluster(
                    id: cluster["id"] ?? String(clusters.count + 1), name: cluster["name"],
                    center: center.map { Operand($0) }))
        }
        return clusters
    }
}
