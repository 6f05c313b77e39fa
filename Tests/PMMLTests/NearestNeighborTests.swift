import PMML
import Testing

/// Six training rows over x and y, with a category c, a number r and an id.
private let training = [
    ("0", "0", "A", "1", "n0"), ("1", "1", "B", "2", "n1"), ("2", "0", "A", "3", "n2"),
    ("3", "1", "B", "10", "n3"), ("0.5", "2", "C", "5", "n4"), ("4", "4", "C", "7", "n5"),
]

private func table(_ rows: [(String, String, String, String, String)]) -> String {
    let rows = rows.map {
        "<row><px>\($0.0)</px><py>\($0.1)</py><tc>\($0.2)</tc><tr>\($0.3)</tr><id>\($0.4)</id></row>"
    }
    return """
        <TrainingInstances><InstanceFields><InstanceField field="x" column="px"/>
        <InstanceField field="y" column="py"/><InstanceField field="c" column="tc"/>
        <InstanceField field="r" column="tr"/><InstanceField field="id" column="id"/></InstanceFields>
        <InlineTable>\(rows.joined())</InlineTable></TrainingInstances>
        """
}

private func model(
    _ attributes: String = "", targets: [String] = ["c", "r"], function: String = "mixed",
    neighbours: Int = 3,
    measure: String = "<ComparisonMeasure kind=\"distance\"><euclidean/></ComparisonMeasure>",
    inputs: String = "<KNNInput field=\"x\"/><KNNInput field=\"y\"/>",
    rows: [(String, String, String, String, String)] = training, output: String = "", local: String = ""
) -> [UInt8] {
    let targets = targets.map { "<MiningField name=\"\($0)\" usageType=\"target\"/>" }.joined()
    return document(
        """
        <NearestNeighborModel functionName="\(function)" numberOfNeighbors="\(neighbours)" \
        instanceIdVariable="id" \(attributes)>
        <MiningSchema><MiningField name="x"/><MiningField name="y"/>\(targets)</MiningSchema>\(output)\(local)
        \(table(rows))\(measure)<KNNInputs>\(inputs)</KNNInputs></NearestNeighborModel>
        """,
        fields: """
            <DataField name="c" optype="categorical" dataType="string"/>\
            <DataField name="r" optype="continuous" dataType="double"/>
            """)
}

private func agree(_ value: ResultValue?, _ expected: Double) -> Bool {
    guard case .double(let number)? = value else { return false }
    return abs(number - expected) <= 1e-12 * abs(expected)
}

@Suite struct `Nearest neighbours` {
    // The numbers are JPMML-Evaluator's.
    @Test(
        arguments: [
            ("average", 3, [2, 8.0 / 3, 5, 20.0 / 3]), ("median", 3, [2, 2, 3, 7]),
            ("median", 4, [2.5, 2.5, 2.5, 5]),
            (
                "weightedAverage", 3,
                [1.0017040516892395, 2.0019711223242043, 4.6553296699362825, 6.670874229725261]
            ),
        ] as [(String, Int, [Double])])
    func `Numbers of neighbours are averaged`(method: String, count: Int, expected: [Double]) throws {
        let evaluator = try Evaluator.load(
            model(
                "continuousScoringMethod=\"\(method)\"", targets: ["r"], function: "regression",
                neighbours: count))
        for ((x, y), expected) in zip([("0", "0"), ("1", "1"), ("2.5", "0"), ("100", "-50")], expected) {
            #expect(agree(try answer(evaluator, ["x": x, "y": y])["r"], expected), "\(x) \(y)")
        }
    }

    @Test(
        arguments: [
            ("majorityVote", 3, ["A", "A", "B", "C"]), ("weightedMajorityVote", 3, ["A", "B", "A", "C"]),
            // All rows: the categories are equally frequent, so the smallest wins.
            ("majorityVote", 6, ["A", "A", "A", "A"]),
        ] as [(String, Int, [String])])
    func `Categories of neighbours are voted for`(method: String, count: Int, expected: [String]) throws {
        let evaluator = try Evaluator.load(
            model(
                "categoricalScoringMethod=\"\(method)\"", targets: ["c"], function: "classification",
                neighbours: count))
        let rows = [("0", "0"), ("1", "1"), ("2.5", "0"), ("3", "3")]
        let actual = try rows.map { try answer(evaluator, ["x": $0.0, "y": $0.1])["c"] }
        #expect(actual == expected.map { .text($0) })
    }

    @Test func `Among equals the category with most training rows wins`() throws {
        let rows = [
            ("1", "0", "B", "1", "b"), ("0", "0", "C", "1", "c"), ("9", "9", "C", "1", "d"),
        ]
        let evaluator = try Evaluator.load(model(targets: ["c"], neighbours: 2, rows: rows))
        #expect(try answer(evaluator, ["x": "0.9", "y": "0"])["c"] == .text("C"))
    }

    @Test func `Several targets are answered at once`() throws {
        let output = """
            <Output><OutputField name="p" feature="predictedValue" targetField="r"/>
            <OutputField name="e" feature="entityId" targetField="c"/></Output>
            """
        let evaluator = try Evaluator.load(model(output: output))
        let actual = try answer(evaluator, ["x": "0", "y": "0"])
        #expect(actual == ["c": .text("A"), "r": .double(2), "p": .double(2), "e": .text("n0")])
    }

    @Test func `An output of several targets must say which`() throws {
        let output = "<Output><OutputField name=\"e\" feature=\"entityId\"/></Output>"
        let evaluator = try Evaluator.load(model(output: output))
        #expect(failure { try answer(evaluator, ["x": "0", "y": "0"]) }?.kind == .undefinedResult)
    }

    @Test func `Neighbours have ranks, ids and distances`() throws {
        let output = """
            <Output><OutputField name="e1" feature="entityId"/><OutputField name="e2" feature="entityId" rank="2"/>
            <OutputField name="a1" feature="entityAffinity"/><OutputField name="a2" feature="affinity" rank="2"/>
            <OutputField name="e6" feature="entityId" rank="6"/><OutputField name="e7" feature="entityId" rank="7"/>
            <OutputField name="n3" feature="affinity" value="n3"/><OutputField name="z" feature="affinity" value="z"/>
            <OutputField name="own" feature="affinity"/></Output>
            """
        let evaluator = try Evaluator.load(
            model(targets: ["c"], function: "classification", output: output))
        let actual = try answer(evaluator, ["x": "0", "y": "0"])
        #expect(
            actual == [
                "c": .text("A"), "e1": .text("n0"), "e2": .text("n1"), "a1": .double(0),
                "a2": .double(2.0.squareRoot()), "e6": .text("n5"), "e7": .missing,
                "n3": .double(10.0.squareRoot()), "z": .double(.infinity), "own": .double(.infinity),
            ])
    }

    @Test(
        arguments: [
            ("euclidean", 10.0.squareRoot()), ("squaredEuclidean", 10), ("chebychev", 3), ("cityBlock", 4),
            ("minkowski p-parameter=\"3\"", 3.0365889718756627),
        ] as [(String, Double)])
    func `Each measure tells a distance`(name: String, expected: Double) throws {
        let evaluator = try Evaluator.load(
            model(
                targets: ["c"],
                measure: "<ComparisonMeasure kind=\"distance\"><\(name)/></ComparisonMeasure>",
                output: "<Output><OutputField name=\"a\" feature=\"affinity\" value=\"n3\"/></Output>"))
        #expect(agree(try answer(evaluator, ["x": "0", "y": "0"])["a"], expected))
    }

    @Test func `A missing input is left out, and the others count for more`() throws {
        let evaluator = try Evaluator.load(
            model(
                targets: ["c"],
                output: "<Output><OutputField name=\"a\" feature=\"affinity\" value=\"n0\"/></Output>"))
        #expect(agree(try answer(evaluator, ["y": "1"])["a"], 2.0.squareRoot()))
        #expect(failure { try answer(evaluator, [:]) }?.kind == .undefinedResult)
    }

    /// As JPMML-Evaluator 1.7.7 answers: a mean with an infinite weight is no number.
    @Test func `A neighbour at distance zero weighs infinitely without a threshold`() throws {
        let evaluator = try Evaluator.load(
            model("threshold=\"0\" categoricalScoringMethod=\"weightedMajorityVote\"", targets: ["c"]))
        #expect(try answer(evaluator, ["x": "1", "y": "1"])["c"] == .text("B"))
        let numbers = try Evaluator.load(
            model("threshold=\"0\" continuousScoringMethod=\"weightedAverage\"", targets: ["r"]))
        guard case .double(let number)? = try answer(numbers, ["x": "1", "y": "1"])["r"] else {
            Issue.record("no number")
            return
        }
        #expect(number.isNaN)
    }

    @Test func `Similarities rank from the greatest, and have no weights`() throws {
        let rows = [("0", "0", "A", "1", "n0"), ("1", "1", "B", "2", "n1"), ("1", "0", "A", "3", "n2")]
        let measure = "<ComparisonMeasure kind=\"similarity\"><simpleMatching/></ComparisonMeasure>"
        let output = "<Output><OutputField name=\"e\" feature=\"entityId\"/></Output>"
        let evaluator = try Evaluator.load(
            model(targets: ["c"], neighbours: 1, measure: measure, rows: rows, output: output))
        #expect(try answer(evaluator, ["x": "1", "y": "1"]) == ["c": .text("B"), "e": .text("n1")])
        let weighted = try Evaluator.load(
            model(
                "categoricalScoringMethod=\"weightedMajorityVote\"", targets: ["c"], measure: measure,
                rows: rows))
        #expect(failure { try answer(weighted, ["x": "1", "y": "1"]) }?.kind == .type)
    }

    @Test(arguments: ["probability", "confidence", "reasonCode", "ruleValue"])
    func `Neighbours tell nothing else`(feature: String) throws {
        let output = "<Output><OutputField name=\"o\" feature=\"\(feature)\"/></Output>"
        let evaluator = try Evaluator.load(model(targets: ["c"], output: output))
        #expect(failure { try answer(evaluator, ["x": "0", "y": "0"]) }?.kind == .type)
    }

    @Test func `Inputs that the training rows lack are derived from them`() throws {
        let local = """
            <LocalTransformations><DerivedField name="far" optype="continuous" dataType="double">
            <Apply function="*"><FieldRef field="x"/><Constant dataType="double">2</Constant></Apply></DerivedField>
            </LocalTransformations>
            """
        let inputs = "<KNNInput field=\"far\"/><KNNInput field=\"y\"/>"
        let evaluator = try Evaluator.load(model(targets: ["r"], inputs: inputs, local: local))
        #expect(agree(try answer(evaluator, ["x": "0", "y": "0"])["r"], 8.0 / 3))
    }

    @Test func `Text is compared by equality`() throws {
        let inputs = "<KNNInput field=\"x\" compareFunction=\"delta\"/><KNNInput field=\"y\"/>"
        let output = "<Output><OutputField name=\"e\" feature=\"entityId\" rank=\"2\"/></Output>"
        let evaluator = try Evaluator.load(model(targets: ["c"], inputs: inputs, output: output))
        #expect(try answer(evaluator, ["x": "0", "y": "0"])["e"] == .text("n2"))
    }

    @Test func `Clusterings have no answer, as in the reference`() throws {
        let evaluator = try Evaluator.load(model(targets: [], function: "clustering"))
        #expect(failure { try answer(evaluator, ["x": "0", "y": "0"]) }?.kind == .undefinedResult)
    }

    @Test func `More neighbours than rows are all rows, with a warning`() throws {
        let evaluator = try Evaluator.load(model(targets: ["r"], neighbours: 100))
        #expect(evaluator.warnings.count == 1)
        #expect(agree(try answer(evaluator, ["x": "0", "y": "0"])["r"], 28.0 / 6))
    }

    @Test(arguments: [
        model(neighbours: 0), model(rows: []), model(rows: [("zero", "0", "A", "1", "n0")]),
        model(inputs: "<KNNInput field=\"nowhere\"/>"), model(inputs: ""), model(targets: []),
    ])
    func `Training rows that no row could be compared with are refused`(bytes: [UInt8]) {
        #expect(throws: PMMLError.self) { try Evaluator.load(bytes) }
    }
}
