import PMML
import Testing

/// An anomaly model over `x`, with the given attributes and content after the mining schema.
func anomaly(_ attributes: String, _ content: String) -> [UInt8] {
    document(
        """
        <AnomalyDetectionModel functionName="regression" \(attributes)>
        <MiningSchema><MiningField name="x"/></MiningSchema>
        \(content)
        </AnomalyDetectionModel>
        """)
}

/// A forest of one tree that answers with path length 2 up to 5, else 1, and nothing for a missing value.
private let forest = """
    <MiningModel functionName="regression"><MiningSchema><MiningField name="x"/></MiningSchema>
    <Segmentation multipleModelMethod="average"><Segment><True/><TreeModel functionName="regression">
    <MiningSchema><MiningField name="x"/></MiningSchema><Node><True/>
    <Node score="2"><SimplePredicate field="x" operator="lessOrEqual" value="5"/></Node>
    <Node score="1"><SimplePredicate field="x" operator="greaterThan" value="5"/></Node></Node>
    </TreeModel></Segment></Segmentation></MiningModel>
    """

/// Clusters at 0 and 10.
private func clusters(_ means: String) -> String {
    """
    <ClusteringModel functionName="clustering" modelClass="centerBased" numberOfClusters="2">
    <MiningSchema><MiningField name="x"/></MiningSchema>
    <ComparisonMeasure kind="distance"><euclidean/></ComparisonMeasure><ClusteringField field="x"/>
    <Cluster id="a"><Array n="1" type="real">0</Array></Cluster>
    <Cluster id="b"><Array n="1" type="real">10</Array></Cluster></ClusteringModel>
    <MeanClusterDistances><Array type="real">\(means)</Array></MeanClusterDistances>
    """
}

@Suite struct `Anomaly detection` {
    @Test(arguments: [("1", 0.25), ("9", 0.5)])
    func `Over two rows the mean path length is one`(x: String, score: Double) throws {
        let evaluator = try Evaluator.load(anomaly(#"algorithmType="iforest" sampleDataSize="2""#, forest))
        #expect(evaluator.summary == "Anomaly detection")
        #expect(try answer(evaluator, ["x": x]) == ["_target": .double(score)])
        #expect(try answer(evaluator, [:]) == ["_target": .missing])
    }

    @Test(arguments: [("3", 1.5), ("9", 0.25)])
    func `The distance to the winning cluster counts in that cluster's mean distances`(
        x: String, score: Double
    ) throws {
        let evaluator = try Evaluator.load(anomaly(#"algorithmType="clusterMeanDist""#, clusters("2 4")))
        #expect(try answer(evaluator, ["x": x]) == ["_target": .double(score)])
    }

    @Test func `Of another algorithm the answer is the model's own`() throws {
        let evaluator = try Evaluator.load(anomaly(#"algorithmType="other""#, forest))
        #expect(try answer(evaluator, ["x": "1"]) == ["_target": .double(2)])
    }

    @Test(arguments: [
        (#"algorithmType="iforest""#, forest), (#"algorithmType="iforest" sampleDataSize="1""#, forest),
        (#"algorithmType="iforest" sampleDataSize="-5""#, forest),
        (#"algorithmType="iforest" sampleDataSize="INF""#, forest),
        (#"algorithmType="iforest" sampleDataSize="5""#, ""), (#"algorithmType="ocsvm""#, forest),
        (#"algorithmType="clusterMeanDist""#, forest), (#"algorithmType="clusterMeanDist""#, clusters("1")),
        (#"algorithmType="clusterMeanDist""#, clusters("0 1")),
        (#"algorithmType="clusterMeanDist""#, clusters("NaN 1")), (#"algorithmType="forest""#, forest),
        ("", forest),
    ])
    func `A document that cannot be scored is refused`(attributes: String, content: String) {
        #expect(throws: PMMLError.self) { try Evaluator.load(anomaly(attributes, content)) }
    }

    @Test func `Models nested without end are refused`() {
        let start = """
            <AnomalyDetectionModel functionName="regression" algorithmType="other">
            <MiningSchema><MiningField name="x"/></MiningSchema>
            """
        let nested =
            String(repeating: start, count: 500) + String(repeating: "</AnomalyDetectionModel>", count: 500)
        #expect(throws: PMMLError.self) { try Evaluator.load(document(nested)) }
    }
}
