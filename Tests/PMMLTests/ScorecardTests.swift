import PMML
import Testing

private func model(_ algorithm: String) -> [UInt8] {
    document(
        """
        <Scorecard functionName="regression" initialScore="10" useReasonCodes="true" \
        reasonCodeAlgorithm="\(algorithm)" baselineMethod="other">
        <MiningSchema><MiningField name="x"/><MiningField name="t"/><MiningField name="y" usageType="target"/>
        </MiningSchema><Output><OutputField name="r1" feature="reasonCode"/>
        <OutputField name="r2" feature="reasonCode" rank="2"/><OutputField name="r3" feature="reasonCode" rank="3"/>
        </Output><Characteristics>
        <Characteristic name="a" reasonCode="RA" baselineScore="5">
        <Attribute partialScore="1"><SimplePredicate field="x" operator="isMissing"/></Attribute>
        <Attribute partialScore="8" reasonCode="RX"><SimplePredicate field="x" operator="greaterThan" value="0"/>
        </Attribute><Attribute partialScore="3"><True/></Attribute></Characteristic>
        <Characteristic name="b" reasonCode="RB" baselineScore="4">
        <Attribute partialScore="2"><SimplePredicate field="t" operator="equal" value="q"/></Attribute>
        <Attribute><SimplePredicate field="t" operator="equal" value="w"/><ComplexPartialScore>
        <Apply function="*"><FieldRef field="x"/><Constant dataType="double">2</Constant></Apply>
        </ComplexPartialScore></Attribute></Characteristic>
        </Characteristics></Scorecard>
        """)
}

@Suite struct `Scorecards` {
    @Test(
        arguments: [
            ("pointsAbove", ["x": "1", "t": "q"], 20, ["RX", nil, nil]),
            ("pointsAbove", ["x": "2", "t": "w"], 22, ["RX", "RB", nil]),
            ("pointsAbove", ["t": "q"], 13, [nil, nil, nil]),
            ("pointsBelow", ["x": "1", "t": "q"], 20, ["RB", nil, nil]),
            ("pointsBelow", ["x": "-1", "t": "q"], 15, ["RA", "RB", nil]),
            ("pointsBelow", ["t": "q"], 13, ["RA", "RB", nil]),
        ] as [(String, [String: String], Double, [String?])])
    func `Partial scores add up, and reasons rank by their distance from the baseline`(
        algorithm: String, row: [String: String], score: Double, reasons: [String?]
    ) throws {
        let actual = try answer(try Evaluator.load(model(algorithm)), row)
        #expect(actual["y"] == .double(score))
        let codes = ["r1", "r2", "r3"].map { actual[$0] }
        #expect(codes == reasons.map { $0.map { .text($0) } ?? .missing })
    }

    @Test func `A characteristic without a true attribute leaves no score`() throws {
        let evaluator = try Evaluator.load(model("pointsAbove"))
        #expect(failure { try answer(evaluator, ["x": "1", "t": "z"]) }?.kind == .undefinedResult)
    }
}
