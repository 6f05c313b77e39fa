import PMML
import Testing

private let model = document(
    """
    <NaiveBayesModel functionName="classification" threshold="0.001">
    <MiningSchema><MiningField name="x"/><MiningField name="t"/><MiningField name="c" usageType="target"/>
    </MiningSchema><Output><OutputField name="a" feature="probability" value="A"/></Output>
    <BayesInputs>
    <BayesInput fieldName="t">
    <PairCounts value="q"><TargetValueCounts><TargetValueCount value="A" count="3"/>\
    <TargetValueCount value="B" count="0"/></TargetValueCounts></PairCounts>
    <PairCounts value="w"><TargetValueCounts><TargetValueCount value="A" count="1"/>\
    <TargetValueCount value="B" count="4"/></TargetValueCounts></PairCounts></BayesInput>
    <BayesInput fieldName="x"><TargetValueStats>
    <TargetValueStat value="A"><GaussianDistribution mean="0" variance="1"/></TargetValueStat>
    <TargetValueStat value="B"><GaussianDistribution mean="2" variance="4"/></TargetValueStat>
    </TargetValueStats></BayesInput>
    </BayesInputs>
    <BayesOutput fieldName="c"><TargetValueCounts><TargetValueCount value="A" count="4"/>\
    <TargetValueCount value="B" count="4"/></TargetValueCounts></BayesOutput>
    </NaiveBayesModel>
    """, fields: "<DataField name=\"c\" optype=\"categorical\" dataType=\"string\"/>")

@Suite struct `Naive Bayes` {
    // The numbers are JPMML-Evaluator's.
    @Test(
        arguments: [
            // A count of zero, and a density near it, become the threshold.
            (["t": "q"], "A", 0.9986684420772303), (["x": "100", "t": "q"], "A", 0.9986684420772303),
            (["t": "w"], "B", 0.2), (["x": "0"], "A", 0.7673034623811015),
            (["x": "1", "t": "w"], "B", 0.25575559885394544),
            // An unknown value tells nothing, as a missing one.
            (["t": "unheard"], "A", 0.5), ([:], "A", 0.5),
        ] as [([String: String], String, Double)])
    func `Shares and densities multiply`(row: [String: String], category: String, a: Double) throws {
        let actual = try answer(try Evaluator.load(model), row)
        #expect(actual["c"] == .text(category))
        guard case .double(let probability)? = actual["a"] else {
            Issue.record("no probability")
            return
        }
        #expect(abs(probability - a) <= 1e-12)
    }

    @Test func `A count that is not there fails the rows, and is a warning`() throws {
        let text = String(decoding: model, as: UTF8.self)
            .replacing(
                "<TargetValueCount value=\"B\" count=\"4\"/></TargetValueCounts></BayesOutput>",
                with: "<TargetValueCount value=\"B\"/></TargetValueCounts></BayesOutput>")
        let evaluator = try Evaluator.load(Array(text.utf8))
        #expect(evaluator.warnings.map(\.message) == ["attribute count is required"])
        #expect(failure { try answer(evaluator, [:]) }?.kind == .modelFault)
    }
}
