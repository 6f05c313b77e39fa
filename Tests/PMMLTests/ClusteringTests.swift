import PMML
import Testing

private func model(
    _ measure: String, kind: String = "distance", comparison: String = "", output: String = "",
    weights: String = ""
) -> [UInt8] {
    document(
        """
        <ClusteringModel functionName="clustering" modelClass="centerBased" numberOfClusters="3">
        <MiningSchema><MiningField name="x"/><MiningField name="y"/></MiningSchema>\(output)
        <ComparisonMeasure kind="\(kind)"><\(measure)/></ComparisonMeasure>
        <ClusteringField field="x" \(comparison)/><ClusteringField field="y"/>\(weights)
        <Cluster id="near" name="Near"><Array n="2" type="real">0 0</Array></Cluster>
        <Cluster id="far"><Array n="2" type="real">1 1</Array></Cluster>
        <Cluster name="Third"><Array n="2" type="real">1 0</Array></Cluster>
        </ClusteringModel>
        """)
}

private let outputs = """
    <Output><OutputField name="far" feature="clusterAffinity" value="far"/>
    <OutputField name="second" feature="entityId" rank="2"/><OutputField name="shown" feature="predictedDisplayValue"/>
    <OutputField name="unknown" feature="affinity" value="nowhere"/><OutputField name="best" feature="affinity"/>
    </Output>
    """

private func agree(_ value: ResultValue?, _ expected: Double) -> Bool {
    guard case .double(let number)? = value else { return false }
    return abs(number - expected) <= 1e-12 * max(1, abs(expected)) || number == expected
}

@Suite struct `Clustering` {
    // The row (3, 5) against the centre (1, 1).
    @Test(
        arguments: [
            ("euclidean", "", 20.0.squareRoot()), ("squaredEuclidean", "", 20), ("chebychev", "", 4),
            ("cityBlock", "", 6), ("minkowski p-parameter=\"3\"", "", 4.160167646103808),
            ("cityBlock", "fieldWeight=\"3\"", 10), ("cityBlock", "compareFunction=\"delta\"", 5),
            ("cityBlock", "compareFunction=\"equal\"", 4),
            // exp(-ln 2 * 2 * 2 / (2 * 2)) is a half.
            ("cityBlock", "compareFunction=\"gaussSim\" similarityScale=\"2\"", 4.5),
        ] as [(String, String, Double)])
    func `Each distance compares field by field`(measure: String, comparison: String, far: Double) throws {
        let evaluator = try Evaluator.load(model(measure, comparison: comparison, output: outputs))
        #expect(agree(try answer(evaluator, ["x": "3", "y": "5"])["far"], far))
    }

    // The row (1, 0) against the centre (1, 1): one agreement of ones, and a one where the row has none.
    @Test(arguments: [
        ("simpleMatching", 0.5), ("jaccard", 0.5), ("tanimoto", 1.0 / 3),
        (
            """
            binarySimilarity c00-parameter="1" c01-parameter="2" c10-parameter="3" c11-parameter="4" \
            d00-parameter="1" d01-parameter="1" d10-parameter="1" d11-parameter="5"
            """, 1.0
        ),
    ])
    func `Each similarity counts agreements`(measure: String, far: Double) throws {
        let evaluator = try Evaluator.load(model(measure, kind: "similarity", output: outputs))
        let actual = try answer(evaluator, ["x": "1", "y": "0"])
        #expect(agree(actual["far"], far))
        #expect(actual["unknown"] == .double(0))
    }

    @Test func `The winner has an id, a name where it has one, and ranks behind it`() throws {
        let evaluator = try Evaluator.load(model("euclidean", output: outputs))
        let near = try answer(evaluator, ["x": "0", "y": "0.4"])
        #expect(near["_target"] == .text("near"))
        #expect(near["shown"] == .text("Near"))
        #expect(near["second"] == .text("3"))
        #expect(near["unknown"] == .double(.infinity))
        #expect(agree(near["best"], 0.4))
        #expect(try answer(evaluator, ["x": "1", "y": "1"])["shown"] == .missing)
    }

    @Test(arguments: [
        ("", 2.0),
        ("<MissingValueWeights><Array n=\"2\" type=\"real\">1 3</Array></MissingValueWeights>", 4.0),
    ])
    func `What is missing is made up for by the weights`(weights: String, scale: Double) throws {
        let evaluator = try Evaluator.load(
            model("squaredEuclidean", output: outputs, weights: weights))
        #expect(agree(try answer(evaluator, ["x": "3"])["far"], 4 * scale))
        #expect(failure { try answer(evaluator, [:]) }?.kind == .undefinedResult)
    }

    @Test func `Similarities need every value`() throws {
        let evaluator = try Evaluator.load(model("jaccard", kind: "similarity"))
        #expect(failure { try answer(evaluator, ["x": "1"]) }?.kind == .modelFault)
    }

    @Test func `Clusterings vote for an entity, and nothing but the winner is known`() throws {
        func ensemble(_ method: String, _ output: String) -> [UInt8] {
            let segments = ["0 0", "5 5", "6 6"].map {
                """
                <Segment><True/><ClusteringModel functionName="clustering" modelClass="centerBased" \
                numberOfClusters="2"><MiningSchema><MiningField name="x"/><MiningField name="y"/></MiningSchema>
                <ComparisonMeasure kind="distance"><euclidean/></ComparisonMeasure>
                <ClusteringField field="x"/><ClusteringField field="y"/>
                <Cluster id="a"><Array n="2" type="real">\($0)</Array></Cluster>
                <Cluster id="b"><Array n="2" type="real">2 2</Array></Cluster></ClusteringModel></Segment>
                """
            }
            return document(
                """
                <MiningModel functionName="clustering"><MiningSchema><MiningField name="x"/><MiningField name="y"/>
                </MiningSchema>\(output)<Segmentation multipleModelMethod="\(method)">\(segments.joined())
                </Segmentation></MiningModel>
                """)
        }
        let row = ["x": "0", "y": "0"]
        #expect(try answer(try Evaluator.load(ensemble("majorityVote", "")), row) == ["_target": .text("b")])
        let asking = "<Output><OutputField name=\"o\" feature=\"affinity\"/></Output>"
        let affinity = try Evaluator.load(ensemble("majorityVote", asking))
        #expect(failure { try answer(affinity, row) }?.kind == .type)
        let average = try Evaluator.load(ensemble("average", ""))
        #expect(failure { try answer(average, row) }?.kind == .modelFault)
    }
}
