import PMML
import Testing

private func model(_ criterion: String) -> [UInt8] {
    document(
        """
        <RuleSetModel functionName="classification">
        <MiningSchema><MiningField name="x"/><MiningField name="c" usageType="target"/></MiningSchema>
        <Output><OutputField name="rule" feature="entityId"/><OutputField name="sure" feature="confidence"/></Output>
        <RuleSet defaultScore="D" defaultConfidence="0.1"><RuleSelectionMethod criterion="\(criterion)"/>
        <SimpleRule id="r1" score="A" weight="0.4" confidence="0.6">
        <SimplePredicate field="x" operator="greaterThan" value="0"/></SimpleRule>
        <CompoundRule><SimplePredicate field="x" operator="lessThan" value="10"/>
        <SimpleRule id="r2" score="B" weight="0.7" confidence="0.9">
        <SimplePredicate field="x" operator="greaterThan" value="1"/></SimpleRule>
        <SimpleRule id="r3" score="A" weight="0.5" confidence="0.5">
        <SimplePredicate field="x" operator="greaterThan" value="2"/></SimpleRule></CompoundRule>
        </RuleSet></RuleSetModel>
        """, fields: "<DataField name=\"c\" optype=\"categorical\" dataType=\"string\"/>")
}

@Suite struct `Rule sets` {
    @Test(arguments: [
        ("firstHit", "3", "A", "r1", 0.6), ("firstHit", "20", "A", "r1", 0.6),
        ("weightedMax", "2", "B", "r2", 0.9), ("weightedMax", "1", "A", "r1", 0.6),
        // Two of three rules say A: 0.4 and 0.5 over three.
        ("weightedSum", "3", "A", "r3", 0.3), ("weightedSum", "2", "B", "r2", 0.35),
    ])
    func `The criterion chooses among the rules that fire`(
        criterion: String, x: String, category: String, rule: String, confidence: Double
    ) throws {
        let actual = try answer(try Evaluator.load(model(criterion)), ["x": x])
        #expect(actual["c"] == .text(category))
        #expect(actual["rule"] == .text(rule))
        guard case .double(let sure)? = actual["sure"] else {
            Issue.record("no confidence")
            return
        }
        #expect(abs(sure - confidence) < 1e-12)
    }

    @Test(arguments: ["firstHit", "weightedMax", "weightedSum"], ["-1", nil])
    func `Where no rule fires the default answers, and no entity`(criterion: String, x: String?) throws {
        let actual = try answer(try Evaluator.load(model(criterion)), ["x": x])
        #expect(actual == ["c": .text("D"), "rule": .missing, "sure": .double(0.1)])
    }
}
