import Fuzzing
import PMML

private let dictionary = """
    <DataDictionary><DataField name="x" optype="continuous" dataType="double"><Interval closure="closedOpen" \
    leftMargin="0" rightMargin="9"/></DataField><DataField name="s" optype="categorical" dataType="string">\
    <Value value="a"/><Value value="?" property="missing"/></DataField><DataField name="d" optype="continuous" \
    dataType="dateDaysSince[1960]"/><DataField name="t" optype="categorical" dataType="integer"/><DataField \
    name="n" optype="continuous" dataType="integer"/><DataField name="y" optype="continuous" dataType="double"/>\
    </DataDictionary>
    """
private let schema = """
    <MiningSchema><MiningField name="x" missingValueReplacement="1" outliers="asExtremeValues" lowValue="1" \
    highValue="7"/><MiningField name="s" invalidValueTreatment="asIs"/><MiningField name="d"/>\
    <MiningField name="t" usageType="target"/></MiningSchema>
    """
private let output = """
    <Output><OutputField name="p" feature="probability" value="1"/><OutputField name="q" feature="transformedValue" \
    dataType="double"><Apply function="+"><FieldRef field="p"/><FieldRef field="f"/></Apply></OutputField></Output>
    """
private let local = """
    <LocalTransformations><DerivedField name="f" optype="continuous" dataType="double"><Apply function="if">\
    <Apply function="isMissing"><FieldRef field="s"/></Apply><NormContinuous field="x"><LinearNorm orig="0" norm="1"/>\
    <LinearNorm orig="5" norm="2"/></NormContinuous><Apply function="length"><Apply function="replace">\
    <FieldRef field="s"/><Constant>a+</Constant><Constant>$0b</Constant></Apply></Apply></Apply></DerivedField>\
    <DerivedField name="g" optype="continuous" dataType="double"><TextIndex textField="s" maxLevenshteinDistance="1">\
    <Constant>a b</Constant></TextIndex></DerivedField><DerivedField name="h" optype="categorical" dataType="string">\
    <Discretize field="x" defaultValue="o"><DiscretizeBin binValue="b"><Interval closure="openClosed" leftMargin="1"/>\
    </DiscretizeBin></Discretize></DerivedField></LocalTransformations>
    """
private let tree = """
    <TreeModel functionName="classification" missingValueStrategy="weightedConfidence" \
    missingValuePenalty="0.5">\(schema)\(output)\(local)<Node id="0" score="1"><True/><Node id="1" score="0" \
    recordCount="3"><CompoundPredicate booleanOperator="surrogate"><SimplePredicate field="x" operator="lessThan" \
    value="2"/><SimpleSetPredicate field="s" booleanOperator="isIn"><Array n="2" type="string">a "b c"</Array>\
    </SimpleSetPredicate></CompoundPredicate><ScoreDistribution value="0" recordCount="2"/><ScoreDistribution \
    value="1" recordCount="1"/></Node><Node id="2" score="1" recordCount="2"><SimplePredicate field="x" \
    operator="greaterOrEqual" value="2"/><ScoreDistribution value="1" recordCount="2"/></Node></Node></TreeModel>
    """
private let regression = """
    <RegressionModel functionName="classification" normalizationMethod="softmax" x-mathContext="float">\(schema)\
    \(output)\(local)<RegressionTable intercept="1" targetCategory="1"><NumericPredictor name="x" coefficient="2" \
    exponent="2"/><CategoricalPredictor name="s" value="a" coefficient="1"/></RegressionTable><RegressionTable \
    intercept="0" targetCategory="0"><PredictorTerm coefficient="3"><FieldRef field="x"/><FieldRef field="g"/>\
    </PredictorTerm></RegressionTable></RegressionModel>
    """
private let network = """
    <NeuralNetwork functionName="regression" activationFunction="tanh"><MiningSchema><MiningField name="x"/>\
    </MiningSchema><NeuralInputs><NeuralInput id="0"><DerivedField optype="continuous" dataType="double"><FieldRef \
    field="x"/></DerivedField></NeuralInput></NeuralInputs><NeuralLayer><Neuron id="1" bias="1"><Con from="0" \
    weight="2"/></Neuron></NeuralLayer><NeuralOutputs><NeuralOutput outputNeuron="1"><DerivedField \
    optype="continuous" dataType="double"><FieldRef field="x"/></DerivedField></NeuralOutput></NeuralOutputs>\
    </NeuralNetwork>
    """
private let rules = """
    <AssociationModel functionName="associationRules" numberOfTransactions="4" numberOfItems="2" minimumSupport="0" \
    minimumConfidence="0" numberOfItemsets="2" numberOfRules="1"><MiningSchema><MiningField name="x" \
    usageType="group"/><MiningField name="s"/></MiningSchema><Item id="1" value="a"/><Item id="2" value="b"/>\
    <Itemset id="1"><ItemRef itemRef="1"/></Itemset><Itemset id="2"><ItemRef itemRef="2"/></Itemset>\
    <AssociationRule antecedent="1" consequent="2" support="0.5" confidence="0.7"/></AssociationModel>
    """
private let verification = """
    <ModelVerification recordCount="1"><VerificationFields><VerificationField field="x" column="x"/>\
    <VerificationField field="t" column="t"/></VerificationFields><InlineTable><row><x>1</x><t>1</t></row>\
    </InlineTable></ModelVerification></TreeModel>
    """

private func ensemble(_ method: String) -> String {
    """
    <MiningModel functionName="classification">\(schema)<Segmentation multipleModelMethod="\(method)" \
    missingPredictionTreatment="skipSegment" missingThreshold="0.3"><Segment id="1" weight="2"><True/>\(tree)\
    </Segment><Segment id="2"><SimplePredicate field="x" operator="isNotMissing"/>\(regression)</Segment>\
    </Segmentation></MiningModel>
    """
}

private func document(_ body: String) -> [UInt8] {
    Array(
        "<PMML xmlns=\"http://www.dmg.org/PMML-4_4\" version=\"4.4\"><Header/>\(dictionary)\(body)</PMML>"
            .utf8)
}

private let bodies =
    [tree, regression, network, rules, String(tree.dropLast("</TreeModel>".count)) + verification]
    + ["average", "majorityVote", "median", "max", "modelChain", "selectAll", "sum", "x-multiModelChain"].map(
        ensemble)

private let inputs: [InputValue] = [
    .missing, .text("a a b"), .number(3), .text("2020-02-29"), .integer(7), .boolean(true), .text("a"),
    .number(1e15), .text("b"), .number(.nan), .integer(1), .number(-.infinity), .text("1e300"), .number(2.5),
]

fuzz(seeds: (bodies + kinds + forests).map(document), check)

/// Whatever loads answers every row, or says why not, and answers the same alone, in a batch, and without its
/// fast form.
@Sendable private func check(_ bytes: [UInt8]) {
    var limits = PMMLLimits()
    limits.elementsMax = 5_000
    guard let evaluator = try? Evaluator.load(bytes, limits: limits) else { return }
    // Some batches are more than a fast form takes at once.
    let rows = rows(evaluator.slotCount, count: bytes.count % 8 == 0 ? 66 : 9)
    let general = rows.map { row in Result { try evaluator.evaluateGenerally(row) } }
    for case .success(let results) in general {
        guard results.values.count <= results.layout.names.count else { fatalError("answers without names") }
    }
    let expected = general.map { "\($0)" }
    // One row between batches: what a form keeps of one must not show in the other.
    for range in [0..<1, 0..<rows.count, 1..<2, 2..<4, 3..<4, 0..<rows.count] {
        let answers =
            range.count == 1
            ? rows[range].map { row in "\(Result { try evaluator.evaluate(row) })" }
            : evaluator.evaluate(batch: Array(rows[range])).map { "\($0.mapError { $0 as any Error })" }
        guard answers.elementsEqual(expected[range]) else {
            fatalError("the fast form answers \(answers), the general one \(expected[range])")
        }
    }
    for group in evaluator.merge(groups: rows).prefix(3) { _ = try? evaluator.evaluate(group.row) }
    _ = evaluator.describeForms()
    try? evaluator.verify()
}

/// Rows in which each slot meets each input, in changing company.
private func rows(_ slots: Int, count: Int) -> [Row] {
    (0..<count).map { number in
        var row = Row(count: slots)
        for slot in row.values.indices {
            row.values[slot] = inputs[(number * 5 + slot * (number / inputs.count + 3)) % inputs.count]
        }
        return row
    }
}
