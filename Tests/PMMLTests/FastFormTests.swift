import Testing

@testable import PMML

/// Repeatable random trees over x, y (numbers), f (32-bit), n (whole numbers) and t (text), as XML.
private struct TreeWriter {
    var state: UInt64

    mutating func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }

    /// Thresholds fall on values that the rows have.
    private mutating func split() -> (String, String) {
        let number = ["-1", "0", "0.5", "1", "2.5", "0.1"][next(6)]
        func simple(_ field: String, _ comparison: String, _ value: String) -> String {
            "<SimplePredicate field=\"\(field)\" operator=\"\(comparison)\" value=\"\(value)\"/>"
        }
        func set(_ operation: String, _ values: String) -> String {
            "<SimpleSetPredicate field=\"t\" booleanOperator=\"\(operation)\"><Array type=\"string\">\(values)"
                + "</Array></SimpleSetPredicate>"
        }
        switch next(8) {
        case 0: return (simple("x", "lessThan", number), simple("x", "greaterOrEqual", number))
        case 1: return (simple("y", "lessOrEqual", number), simple("y", "greaterThan", number))
        case 2: return (simple("f", "lessThan", number), simple("f", "greaterOrEqual", number))
        case 3: return (simple("f", "greaterThan", number), "<True/>")
        case 4: return (simple("n", "equal", "1"), simple("n", "notEqual", "1"))
        case 5: return (set("isIn", "a b"), set("isNotIn", "a b"))
        case 6: return (simple("t", "equal", "c"), "<True/>")
        default: return (simple("x", "lessThan", "-1"), simple("y", "greaterThan", "1"))
        }
    }

    /// A node with its children below it, down to `depth`.
    mutating func node(_ predicate: String, depth: Int, id: String, isCategorical: Bool) -> String {
        let score = Double(next(2000) - 1000) / 8
        let distribution =
            isCategorical
            ? "<ScoreDistribution value=\"p\" recordCount=\"\(next(9) + 1)\"/>"
                + "<ScoreDistribution value=\"q\" recordCount=\"\(next(9))\"/>"
            : ""
        let text = isCategorical ? (next(2) == 0 ? "p" : "q") : "\(score)"
        let tag = "<Node id=\"\(id)\" score=\"\(text)\" defaultChild=\"\(id)\(next(2))\">"
        guard depth > 0 else { return tag + predicate + distribution + "</Node>" }
        let (yes, no) = split()
        return tag + predicate + distribution
            + node(yes, depth: depth - 1, id: id + "0", isCategorical: isCategorical)
            + node(no, depth: next(3) == 0 ? 0 : depth - 1, id: id + "1", isCategorical: isCategorical)
            + "</Node>"
    }
}

/// Besides x, y and t: inputs f and n, targets c and z.
let formFields = """
    <DataField name="f" optype="continuous" dataType="float"><Value value="NaN" property="missing"/></DataField>
    <DataField name="n" optype="continuous" dataType="integer"/>
    <DataField name="c" optype="categorical" dataType="string"/>
    <DataField name="z" optype="continuous" dataType="double"/>
    """
private let active = ["x", "y", "f", "n", "t"].map { "<MiningField name=\"\($0)\"/>" }.joined()

private func tree(_ writer: inout TreeWriter, depth: Int, attributes: String, isCategorical: Bool) -> String {
    let function = isCategorical ? "classification" : "regression"
    let root = writer.node("<True/>", depth: depth, id: "r", isCategorical: isCategorical)
    return
        "<TreeModel functionName=\"\(function)\" \(attributes)><MiningSchema>\(active)</MiningSchema>\(root)</TreeModel>"
}

/// What an ensemble of random trees is made of.
struct EnsembleShape: CustomTestStringConvertible, Sendable {
    var method = "sum"
    var trees = 9
    var depth = 3
    var strategy = "none"
    var noTrueChild = "returnLastPrediction"
    var math = "double"
    var isCategorical = false

    var testDescription: String {
        "\(method) of \(trees), depth \(depth), \(strategy), \(noTrueChild), \(math)"
    }

    var text: [UInt8] {
        var writer = TreeWriter(state: UInt64(trees * 31 + depth))
        let context = "x-mathContext=\"\(math)\""
        let attributes =
            "missingValueStrategy=\"\(strategy)\" noTrueChildStrategy=\"\(noTrueChild)\" \(context)"
        let segments = (0..<trees).map { index in
            "<Segment weight=\"\(Double(index % 5) / 4 + 0.3)\"><True/>"
                + tree(&writer, depth: depth, attributes: attributes, isCategorical: isCategorical)
                + "</Segment>"
        }
        let output =
            isCategorical
            ? "<Output><OutputField name=\"p(p)\" feature=\"probability\" value=\"p\" dataType=\"double\"/>"
                + "<OutputField name=\"best\" feature=\"probability\"/></Output>"
            : "<Targets><Target field=\"z\" rescaleFactor=\"0.3\" rescaleConstant=\"0.7\"/></Targets>"
        return document(
            """
            <MiningModel functionName="\(isCategorical ? "classification" : "regression")" \(context)>
            <MiningSchema>\(active)<MiningField name="\(isCategorical ? "c" : "z")" usageType="target"/></MiningSchema>
            \(output)<Segmentation multipleModelMethod="\(method)" missingPredictionTreatment="returnMissing">
            \(segments.joined())</Segmentation></MiningModel>
            """, fields: formFields)
    }
}

/// Rows of ordinary, missing, invalid, boundary, not finite and negative zero values.
func formRows(_ evaluator: Evaluator) -> [Row] {
    let numbers: [InputValue] = [
        .number(0.5), .missing, .number(.nan), .number(.infinity), .number(-.infinity), .number(-0.0),
        .number(0),
        .number(Double(0.5).nextDown), .number(Double(0.1)), .number(Double(Float(0.1))), .text("1"),
        .text("nonsense"), .integer(1), .number(2.5), .boolean(true), .number(-1), .number(1e300),
    ]
    let whole: [InputValue] = [.integer(1), .number(1), .missing, .integer(2), .number(1.5), .text("1.0")]
    let texts: [InputValue] = [.text("a"), .text("b"), .text("c"), .missing, .text("d"), .number(1)]
    var writer = TreeWriter(state: 5)
    return (0..<300).map { _ in
        var row = Row(count: evaluator.slotCount)
        func set(_ name: String, _ values: [InputValue]) {
            // Most values are ordinary, so that most rows have an answer.
            let value = values[writer.next(3) == 0 ? writer.next(values.count) : 0]
            if let slot = evaluator.slot(of: name) { row.values[slot] = value }
        }
        for name in ["x", "y", "f"] { set(name, Array(numbers[writer.next(8)...]) + numbers) }
        set("n", whole)
        set("t", Array(texts[writer.next(3)...]))
        return row
    }
}

/// The fast form's answers, row by row and in batches of 1, 2, 7 and 64, against the general form's.
func expectSame(_ evaluator: Evaluator, _ rows: [Row]) {
    let general = rows.map { row in "\(Result { try evaluator.evaluateGenerally(row) })" }
    #expect(rows.map { row in "\(Result { try evaluator.evaluate(row) })" } == general)
    for size in [1, 2, 7, 64, rows.count] {
        var answers: [String] = []
        for first in stride(from: 0, to: rows.count, by: size) {
            let batch = Array(rows[first..<min(rows.count, first + size)])
            answers += evaluator.evaluate(batch: batch).map { "\($0.mapError { $0 as any Error })" }
        }
        #expect(answers == general, "batches of \(size)")
    }
    #expect(general.contains { $0.hasPrefix("success") })
}

@Suite struct `Fast forms` {
    static let shapes: [EnsembleShape] = [
        EnsembleShape(), EnsembleShape(method: "average"), EnsembleShape(method: "weightedSum"),
        EnsembleShape(method: "weightedAverage"), EnsembleShape(math: "float"),
        EnsembleShape(method: "weightedAverage", math: "float"),
        EnsembleShape(depth: 5, strategy: "defaultChild"), EnsembleShape(strategy: "nullPrediction"),
        EnsembleShape(strategy: "lastPrediction"), EnsembleShape(noTrueChild: "returnNullPrediction"),
        EnsembleShape(trees: 300, depth: 4), EnsembleShape(trees: 20, depth: 6, math: "float"),
        EnsembleShape(trees: 5, depth: 8, strategy: "defaultChild"), EnsembleShape(trees: 3, depth: 8),
        EnsembleShape(method: "average", isCategorical: true),
        EnsembleShape(method: "weightedAverage", trees: 20, depth: 8, isCategorical: true),
        EnsembleShape(method: "weightedAverage", depth: 4, math: "float", isCategorical: true),
    ]

    @Test(arguments: shapes)
    func `An ensemble of trees answers as the general form, to the bit`(shape: EnsembleShape) throws {
        let evaluator = try Evaluator.load(shape.text)
        #expect(evaluator.describeForms().contains("\(shape.trees) trees"), "\(evaluator.describeForms())")
        expectSame(evaluator, formRows(evaluator))
    }

    @Test(
        arguments: ["none", "defaultChild", "nullPrediction", "lastPrediction"],
        ["returnNullPrediction", "returnLastPrediction"])
    func `A single tree answers as the general form`(strategy: String, noTrueChild: String) throws {
        var writer = TreeWriter(state: 77)
        let attributes = "missingValueStrategy=\"\(strategy)\" noTrueChildStrategy=\"\(noTrueChild)\""
        let text = tree(&writer, depth: 6, attributes: attributes, isCategorical: true)
        let evaluator = try Evaluator.load(document(text, fields: formFields))
        #expect(evaluator.describeForms().contains("results by leaf"), "\(evaluator.describeForms())")
        expectSame(evaluator, formRows(evaluator))
    }

    @Test(arguments: ["and", "or", "xor", "surrogate"], ["none", "defaultChild", "lastPrediction"])
    func `Compound predicates are asked part by part`(operation: String, strategy: String) throws {
        let parts = """
            <SimplePredicate field="x" operator="lessThan" value="0.5"/>\
            <SimplePredicate field="t" operator="equal" value="b"/>\
            <SimplePredicate field="n" operator="isMissing"/>\
            <SimplePredicate field="y" operator="greaterOrEqual" value="0"/>
            """
        let evaluator = try Evaluator.load(
            document(
                """
                <TreeModel functionName="regression" missingValueStrategy="\(strategy)">
                <MiningSchema>\(active)<MiningField name="z" usageType="target"/></MiningSchema>
                <Node id="0" score="0" defaultChild="2"><True/>
                <Node id="1" score="1"><CompoundPredicate booleanOperator="\(operation)">\(parts)</CompoundPredicate>
                </Node><Node id="2" score="2"><True/></Node></Node></TreeModel>
                """, fields: formFields))
        #expect(evaluator.describeForms().contains("compiled"), "\(evaluator.describeForms())")
        expectSame(evaluator, formRows(evaluator))
    }

    /// A chain of an ensemble and a regression over what it publishes; `extra` adds outputs to the ensemble.
    private func chain(extra: String = "", term: String = "v") -> [UInt8] {
        var writer = TreeWriter(state: 3)
        let segments = (0..<12).map { index in
            "<Segment id=\"s\(index)\"><True/>"
                + tree(
                    &writer, depth: 3, attributes: "noTrueChildStrategy=\"returnLastPrediction\"",
                    isCategorical: false)
                + "</Segment>"
        }
        return document(
            """
            <MiningModel functionName="classification"><MiningSchema>\(active)
            <MiningField name="c" usageType="target"/></MiningSchema>
            <Segmentation multipleModelMethod="modelChain" missingPredictionTreatment="returnMissing">
            <Segment><True/><MiningModel functionName="regression"><MiningSchema>\(active)</MiningSchema>
            <Output><OutputField name="v" optype="continuous" dataType="float" isFinalResult="false"/>\(extra)</Output>
            <Segmentation multipleModelMethod="sum" missingPredictionTreatment="returnMissing">
            \(segments.joined())</Segmentation></MiningModel></Segment>
            <Segment><True/><RegressionModel functionName="classification" normalizationMethod="softmax">
            <MiningSchema><MiningField name="c" usageType="target"/><MiningField name="\(term)"/></MiningSchema>
            <Output><OutputField name="p(p)" feature="probability" value="p" dataType="double"/></Output>
            <RegressionTable intercept="0.1" targetCategory="p"><NumericPredictor name="\(term)" coefficient="0.01"/>
            </RegressionTable><RegressionTable intercept="0.2" targetCategory="q"/></RegressionModel></Segment>
            </Segmentation></MiningModel>
            """, fields: formFields)
    }

    @Test func `A chain of an ensemble and a regression is compiled as a whole`() throws {
        let evaluator = try Evaluator.load(chain())
        #expect(evaluator.describeForms().contains("compiled\ninputs"), "\(evaluator.describeForms())")
        expectSame(evaluator, formRows(evaluator))
    }

    @Test func `An ensemble keeps its fast form in a document that has none as a whole`() throws {
        let output = """
            <OutputField name="w" optype="continuous" dataType="double" feature="transformedValue" \
            isFinalResult="false"><Apply function="*"><FieldRef field="v"/><Constant dataType="double">2</Constant>\
            </Apply></OutputField>
            """
        let evaluator = try Evaluator.load(chain(extra: output, term: "w"))
        #expect(evaluator.describeForms().contains("not compiled as a whole"))
        #expect(evaluator.describeForms().contains("12 trees"), "\(evaluator.describeForms())")
        expectSame(evaluator, formRows(evaluator))
    }

    @Test func `An ensemble whose segments are asked for by outputs keeps them`() throws {
        let output = """
            <OutputField name="node" optype="categorical" dataType="string" feature="entityId" segmentId="s3" \
            isFinalResult="false"/>
            """
        let evaluator = try Evaluator.load(chain(extra: output))
        #expect(evaluator.describeForms().contains("segments with outputs"), "\(evaluator.describeForms())")
        expectSame(evaluator, formRows(evaluator))
    }
}
