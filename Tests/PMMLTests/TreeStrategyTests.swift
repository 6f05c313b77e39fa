import PMML
import Testing

/// A root of 10 with two children split on x at 5; the default child is the second.
private func tree(strategy: String, noTrueChild: String = "returnNullPrediction") -> [UInt8] {
    document(
        """
        <TreeModel functionName="classification" missingValueStrategy="\(strategy)" \
        noTrueChildStrategy="\(noTrueChild)">
        <MiningSchema><MiningField name="x"/><MiningField name="t" usageType="target"/></MiningSchema>
        <Node id="r" score="root" recordCount="10" defaultChild="b"><True/>
        <Node id="a" score="low" recordCount="4"><SimplePredicate field="x" operator="lessThan" value="5"/>
        <ScoreDistribution value="low" recordCount="3"/><ScoreDistribution value="high" recordCount="1"/></Node>
        <Node id="b" score="high" recordCount="6"><SimplePredicate field="x" operator="greaterThan" value="7"/>
        <ScoreDistribution value="low" recordCount="2"/><ScoreDistribution value="high" recordCount="4"/></Node>
        <ScoreDistribution value="low" recordCount="5"/><ScoreDistribution value="high" recordCount="5"/>
        </Node>
        </TreeModel>
        """)
}

@Suite struct `Tree strategies` {
    @Test(arguments: [
        ("none", ResultValue.missing), ("lastPrediction", .text("root")), ("nullPrediction", .missing),
        ("defaultChild", .text("high")),

    ])
    func `A missing value is met as the strategy says`(strategy: String, expected: ResultValue) throws {
        let evaluator = try Evaluator.load(tree(strategy: strategy))
        #expect(try answer(evaluator, ["x": "1"])["t"] == .text("low"))
        #expect(try answer(evaluator, ["x": "9"])["t"] == .text("high"))
        #expect(try answer(evaluator, [:])["t"] == expected)
    }

    @Test(arguments: ["aggregateNodes", "weightedConfidence"])
    func `A strategy that the reference does not have fails the rows that need it`(strategy: String) throws {
        let evaluator = try Evaluator.load(tree(strategy: strategy))
        #expect(throws: EvaluationError.self) { try answer(evaluator, [:]) }
    }

    @Test(arguments: [("returnNullPrediction", ResultValue.missing), ("returnLastPrediction", .text("root"))])
    func `Where no child is true the strategy decides`(strategy: String, expected: ResultValue) throws {
        let evaluator = try Evaluator.load(tree(strategy: "none", noTrueChild: strategy))
        #expect(try answer(evaluator, ["x": "6"])["t"] == expected)
    }

    // 1 and 9 have a true child; 6 has none; nothing is a missing value.
    @Test(
        arguments: ["none", "lastPrediction", "nullPrediction", "defaultChild"],
        ["returnNullPrediction", "returnLastPrediction"])
    func `Every pair of strategies answers every kind of row`(strategy: String, noTrueChild: String) throws {
        let evaluator = try Evaluator.load(tree(strategy: strategy, noTrueChild: noTrueChild))
        let fallback: ResultValue = noTrueChild == "returnLastPrediction" ? .text("root") : .missing
        let unknown: ResultValue =
            switch strategy {
            case "none": fallback
            case "lastPrediction": .text("root")
            case "nullPrediction": .missing
            default: .text("high")
            }
        let rows: [(x: String?, expected: ResultValue)] = [
            ("1", .text("low")), ("9", .text("high")), ("6", fallback), (nil, unknown),
        ]
        for row in rows { #expect(try answer(evaluator, ["x": row.x])["t"] == row.expected, "\(row)") }
    }
}
