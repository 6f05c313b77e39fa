import Testing

@testable import PMML

private let regressionTree = """
    <TreeModel functionName="regression" missingValueStrategy="defaultChild"><MiningSchema>
    <MiningField name="t"/><MiningField name="x"/></MiningSchema><Node id="0" defaultChild="2"><True/>
    <Node id="1" score="1"><SimplePredicate field="x" operator="lessThan" value="1"/></Node>
    <Node id="2" score="3" defaultChild="4"><True/>
    <Node id="3" score="2"><SimplePredicate field="t" operator="equal" value="a"/></Node>
    <Node id="4" score="4"><True/></Node></Node></Node></TreeModel>
    """

/// An ensemble over t and x, in this order.
private func ensemble(
    _ trees: [String], method: String = "sum", function: String = "regression", weights: [String] = [],
    target: String = "<MiningField name=\"y\" usageType=\"target\"/>", output: String = ""
) -> String {
    let segments = trees.enumerated().map { index, tree in
        "<Segment weight=\"\(index < weights.count ? weights[index] : "1")\"><True/>\(tree)</Segment>"
    }
    return """
        <MiningModel functionName="\(function)"><MiningSchema><MiningField name="t"/><MiningField name="x"/>
        \(target)</MiningSchema>\(output)<Segmentation multipleModelMethod="\(method)"
        missingPredictionTreatment="returnMissing">\(segments.joined())</Segmentation></MiningModel>
        """
}

/// Two models in a chain.
private func chain(_ first: String, _ last: String) -> [UInt8] {
    document(
        """
        <MiningModel functionName="regression"><MiningSchema><MiningField name="t"/><MiningField name="x"/>
        <MiningField name="y" usageType="target"/></MiningSchema>
        <Segmentation multipleModelMethod="modelChain" missingPredictionTreatment="returnMissing">
        <Segment><True/>\(first)</Segment><Segment><True/>\(last)</Segment></Segmentation></MiningModel>
        """)
}

private func row(_ evaluator: Evaluator, t: InputValue, x: InputValue) -> Row {
    var row = Row(count: evaluator.slotCount)
    if let slot = evaluator.slot(of: "t") { row.values[slot] = t }
    if let slot = evaluator.slot(of: "x") { row.values[slot] = x }
    return row
}

@Suite struct `Fast forms of rare documents` {
    @Test func `A row that is given up is not scored by what stood in its place`() throws {
        // Asked first, t has the first place of the plane, and x the next: where t of the second row stands
        // among many rows.
        let first = """
            <TreeModel functionName="regression"><MiningSchema><MiningField name="t"/></MiningSchema>
            <Node id="0"><True/><Node id="2" score="1">
            <SimplePredicate field="t" operator="notEqual" value="a"/></Node>
            <Node id="1" score="2"><SimplePredicate field="t" operator="equal" value="a"/></Node></Node></TreeModel>
            """
        let evaluator = try Evaluator.load(document(ensemble([first, regressionTree])))
        #expect(evaluator.describeForms().contains("MiningModel: compiled"), "\(evaluator.describeForms())")
        let rows = (0..<70).map { index in
            row(evaluator, t: index % 3 == 1 ? .object("{}") : .text("a"), x: .number(1e15))
        }
        expectSame(evaluator, rows)
    }

    @Test func `A set of published numbers is asked as the general form asks it`() throws {
        let output = "<Output><OutputField name=\"v\" optype=\"continuous\" dataType=\"double\"/></Output>"
        let last = """
            <TreeModel functionName="regression"><MiningSchema><MiningField name="v"/></MiningSchema>
            <Node id="0"><True/><Node id="1" score="10"><SimpleSetPredicate field="v" booleanOperator="isIn">
            <Array type="real" n="2">1 4</Array></SimpleSetPredicate></Node>
            <Node id="2" score="20"><True/></Node></Node></TreeModel>
            """
        let evaluator = try Evaluator.load(
            chain(
                ensemble([regressionTree], output: output),
                ensemble([last]).replacing("<MiningField name=\"t\"/>", with: "<MiningField name=\"v\"/>")))
        #expect(evaluator.describeForms().contains("compiled\ninputs"), "\(evaluator.describeForms())")
        let rows = (0..<70).map { index in
            row(
                evaluator, t: [.text("a"), .text("b"), .object("{}")][index % 3],
                x: [.number(0), .number(2)][index % 2])
        }
        expectSame(evaluator, rows)
        #expect(try answer(evaluator, ["x": "2", "t": "a"])["y"] == .double(20))
        #expect(try answer(evaluator, ["x": "0", "t": "a"])["y"] == .double(10))
    }

    @Test(arguments: [("mixed", "regression"), ("clustering", "clustering")])
    func `Trees that the ensemble cannot combine are not summed`(ensembles: String, trees: String) throws {
        let tree = regressionTree.replacing("\"regression\"", with: "\"\(trees)\"")
        let whole = try Evaluator.load(document(ensemble([tree, tree], function: ensembles)))
        #expect(failure { try answer(whole, ["x": "0", "t": "a"]) }?.kind == .modelFault)
        let output = """
            <Output><OutputField name="w" dataType="double" optype="continuous" feature="transformedValue">\
            <FieldRef field="x"/></OutputField></Output>
            """
        let part = try Evaluator.load(document(ensemble([tree, tree], function: ensembles, output: output)))
        #expect(failure { try answer(part, ["x": "0", "t": "a"]) }?.kind == .modelFault)
    }

    @Test func `A stage of two targets publishes neither`() throws {
        let target =
            "<MiningField name=\"y\" usageType=\"target\"/><MiningField name=\"z\" usageType=\"target\"/>"
        let output = "<Output><OutputField name=\"v\" optype=\"continuous\" dataType=\"double\"/></Output>"
        let bytes = chain(
            ensemble([regressionTree], target: target, output: output), ensemble([regressionTree]))
        let text = String(decoding: bytes, as: UTF8.self).replacing(
            "</DataDictionary>",
            with: "<DataField name=\"z\" optype=\"continuous\" dataType=\"double\"/></DataDictionary>")
        let evaluator = try Evaluator.load(Array(text.utf8))
        let input = row(evaluator, t: .text("a"), x: .number(0))
        let general = "\(Result { try evaluator.evaluateGenerally(input) })"
        #expect(general.hasPrefix("failure"))
        #expect("\(Result { try evaluator.evaluate(input) })" == general)
    }

    @Test(
        arguments: [
            ("average", ["0", "0"], false), ("weightedAverage", ["0", "0"], true),
            ("weightedAverage", ["1", "-1"], true), ("weightedAverage", ["INF", "1"], false),
            ("weightedAverage", ["1", "3"], false),
        ])
    func `Weights without a sum divide nothing`(method: String, weights: [String], isError: Bool) throws {
        let evaluator = try Evaluator.load(
            document(ensemble([regressionTree, regressionTree], method: method, weights: weights)))
        let input = row(evaluator, t: .text("a"), x: .number(0))
        let general = "\(Result { try evaluator.evaluateGenerally(input) })"
        #expect("\(Result { try evaluator.evaluate(input) })" == general)
        #expect(general.hasPrefix("failure") == isError)
    }

    // As JPMML-Evaluator 1.7.7 answers.
    @Test(arguments: ["weightedAverage", "weightedMajorityVote"])
    func `Probabilities without weight are undefined`(method: String) throws {
        let tree = """
            <TreeModel functionName="classification"><MiningSchema><MiningField name="x"/></MiningSchema>
            <Node id="0" score="p"><True/><ScoreDistribution value="p" recordCount="3"/>
            <ScoreDistribution value="q" recordCount="1"/></Node></TreeModel>
            """
        let target = "<MiningField name=\"c\" usageType=\"target\"/>"
        func evaluator(_ weights: [String]) throws -> Evaluator {
            try Evaluator.load(
                document(
                    ensemble(
                        [tree, tree], method: method, function: "classification", weights: weights,
                        target: target),
                    fields: "<DataField name=\"c\" optype=\"categorical\" dataType=\"string\"/>"))
        }
        let weightless = try evaluator(["0", "0"])
        #expect(failure { try answer(weightless, ["x": "0"]) }?.kind == .undefinedResult)
        let input = row(weightless, t: .missing, x: .number(0))
        #expect(throws: EvaluationError.self) { try weightless.evaluateGenerally(input) }
        #expect(try answer(try evaluator(["0", "1"]), ["x": "0"])["c"] == .text("p"))
    }

    @Test func `Whole numbers are copied as the general form takes them`() throws {
        let tree = """
            <TreeModel functionName="regression"><MiningSchema><MiningField name="x"/><MiningField name="f"/>
            </MiningSchema><Node id="0"><True/>
            <Node id="1" score="1"><SimplePredicate field="x" operator="equal" value="9007199254740992"/></Node>
            <Node id="2" score="2"><SimplePredicate field="f" operator="equal" value="16777216"/></Node>
            <Node id="3" score="3"><SimplePredicate field="f" operator="lessThan" value="3"/></Node>
            <Node id="4" score="4"><True/></Node></Node></TreeModel>
            """
        let evaluator = try Evaluator.load(
            document(
                ensemble([tree]).replacing("<MiningField name=\"t\"/>", with: "<MiningField name=\"f\"/>"),
                fields: "<DataField name=\"f\" optype=\"continuous\" dataType=\"float\"/>"))
        let integers: [Int64] = [
            0, 3, -3, 1 << 24, 1 << 24 + 1, 1 << 53, 1 << 53 + 1, .max, .min, Int64(Int32.max) + 1,
        ]
        let rows = integers.flatMap { x in
            integers.map { f in
                var row = row(evaluator, t: .missing, x: .integer(x))
                if let slot = evaluator.slot(of: "f") { row.values[slot] = .integer(f) }
                return row
            }
        }
        expectSame(evaluator, rows)
    }
}

@Suite struct `Sizes of fast forms` {
    @Test func `Answers about categories are counted before they are found`() throws {
        var tests = CategoryTests()
        let text = SlotType(dataType: .string, opType: .categorical)
        let float = SlotType(dataType: .float, opType: .categorical)
        for value in ["a", "b", "c"] {
            let predicate = Predicate.simple(slot: 0, .equal, Operand(value))
            _ = try tests.test(predicate, slot: 0, type: text)
        }
        // Of a float every member is compared.
        let set = Predicate.set(SetPredicate(slot: 1, isIn: true, members: ["1", "1", "2"]))
        _ = try tests.test(set, slot: 1, type: float)
        let program = Program(definitions: [.given, .given], orders: [], outcomeCount: 0)
        for (slot, steps, codes) in [(0, 15, 4), (1, 12, 3)] {
            let tests = try #require(tests.slots[slot])
            #expect(throws: Unfit.self) { try tests.answers(program, stepsMax: steps - 1) }
            #expect(try tests.answers(program, stepsMax: steps).categories == codes)
        }
    }

    @Test func `A layer that is not full makes no matrix`() throws {
        // As a matrix it would take 7 GB.
        let neurons = (0..<30_000).map { "<Neuron id=\"a\($0)\"><Con from=\"0\" weight=\"1\"/></Neuron>" }
        let more = (0..<30_000).map { "<Neuron id=\"b\($0)\"><Con from=\"a1\" weight=\"1\"/></Neuron>" }
        let evaluator = try Evaluator.load(
            document(
                """
                <NeuralNetwork functionName="regression" activationFunction="identity"><MiningSchema>
                <MiningField name="x"/><MiningField name="y" usageType="target"/></MiningSchema>
                <NeuralInputs><NeuralInput id="0"><DerivedField optype="continuous" dataType="double">
                <FieldRef field="x"/></DerivedField></NeuralInput></NeuralInputs>
                <NeuralLayer>\(neurons.joined())</NeuralLayer><NeuralLayer>\(more.joined())</NeuralLayer>
                <NeuralOutputs><NeuralOutput outputNeuron="b0"><DerivedField optype="continuous" dataType="double">
                <FieldRef field="y"/></DerivedField></NeuralOutput></NeuralOutputs></NeuralNetwork>
                """))
        #expect(evaluator.describeForms().contains("layers that are not full"))
    }

    private static let outputs = (0..<1000).map { number in
        "<OutputField name=\"o\(number)\" dataType=\"string\" optype=\"categorical\" feature=\"predictedValue\"/>"
    }

    private static let field = "<DataField name=\"c\" optype=\"categorical\" dataType=\"string\"/>"

    @Test func `Results are not kept for a million leaves and outputs`() throws {
        func node(_ predicate: String, from: Int, to: Int) -> String {
            let (middle, tag) = ((from + to) / 2, "<Node id=\"\(from)-\(to)\" score=\"p\">\(predicate)")
            guard to - from > 1 else { return tag + "</Node>" }
            func test(_ name: String) -> String {
                "<SimplePredicate field=\"x\" operator=\"\(name)\" value=\"\(middle)\"/>"
            }
            return tag + node(test("lessThan"), from: from, to: middle)
                + node(test("greaterOrEqual"), from: middle, to: to) + "</Node>"
        }
        let evaluator = try Evaluator.load(
            document(
                """
                <TreeModel functionName="classification" splitCharacteristic="multiSplit"><MiningSchema>
                <MiningField name="x"/><MiningField name="c" usageType="target"/></MiningSchema>
                <Output>\(Self.outputs.joined())</Output>\(node("<True/>", from: 0, to: 1100))</TreeModel>
                """, fields: Self.field))
        #expect(evaluator.describeForms().contains("too many results"), "\(evaluator.describeForms())")
    }

    @Test func `Results are not kept for a million categories and outputs`() throws {
        let tables = (0..<1100).map { "<RegressionTable intercept=\"\($0)\" targetCategory=\"k\($0)\"/>" }
        let evaluator = try Evaluator.load(
            document(
                """
                <RegressionModel functionName="classification" normalizationMethod="softmax"><MiningSchema>
                <MiningField name="x"/><MiningField name="c" usageType="target"/></MiningSchema>
                <Output>\(Self.outputs.joined())</Output>\(tables.joined())</RegressionModel>
                """, fields: Self.field))
        #expect(evaluator.describeForms().contains("too many results"), "\(evaluator.describeForms())")
    }

    /// Notes how it is asked to score.
    private final class Recorder: FastFinish, @unchecked Sendable {
        // One thread runs the test.
        var asked: [[Int]] = []
        let groups = RowGroups(lanes: 16, rowsMin: 3)
        let description = "a recorder"

        func score(_ plane: Plane, rows: Int, stride: Int) { asked.append([rows, stride]) }
        func result(_ plane: Plane, row: Int, stride: Int) -> Results? { nil }
    }

    @Test(
        arguments: [
            (1, [[1, 1]]), (2, [[1, 1], [1, 1]]), (3, [[3, 64]]), (17, [[16, 64], [1, 1]]),
            (19, [[19, 64]]), (64, [[64, 64]]),
            (66, [[64, 64], [1, 1], [1, 1]]), (67, [[64, 64], [3, 64]]), (0, []),
        ] as [(Int, [[Int]])])
    func `Few rows are scored one by one`(count: Int, expected: [[Int]]) {
        let recorder = Recorder()
        let plan = FastPlan(
            inputs: PlaneInputs([], PlaneLayout()), stages: [], finish: recorder, size: PlaneSize())
        var found: [Int] = []
        plan.evaluate([Row](repeating: Row(count: 0), count: count)) { index, _ in found.append(index) }
        #expect(recorder.asked == expected)
        #expect(found == Array(0..<count))
    }
}

@Suite struct `Networks with mixed outputs` {
    @Test(
        arguments: [
            ("<NormDiscrete field=\"t\" value=\"r\"/>", false), ("<FieldRef field=\"t\"/>", true),
            (
                "<NormContinuous field=\"t\"><LinearNorm orig=\"0\" norm=\"0\"/><LinearNorm orig=\"1\" norm=\"2\"/>"
                    + "</NormContinuous>", true
            ),
        ])
    func `Every output of a target decodes a category, or none does`(third: String, isRefused: Bool) throws {
        let decodings = [
            "<NormDiscrete field=\"t\" value=\"p\"/>", "<NormDiscrete field=\"t\" value=\"q\"/>", third,
        ]
        let outputs = decodings.enumerated().map { number, decoding in
            """
            <NeuralOutput outputNeuron="\(number + 1)"><DerivedField optype="categorical" dataType="string">\
            \(decoding)</DerivedField></NeuralOutput>
            """
        }
        let text = document(
            """
            <NeuralNetwork functionName="classification" activationFunction="identity"><MiningSchema>
            <MiningField name="x"/><MiningField name="t" usageType="target"/></MiningSchema>
            <NeuralInputs><NeuralInput id="0"><DerivedField optype="continuous" dataType="double">
            <FieldRef field="x"/></DerivedField></NeuralInput></NeuralInputs><NeuralLayer>
            <Neuron id="1" bias="0"><Con from="0" weight="1"/></Neuron>
            <Neuron id="2" bias="0"><Con from="0" weight="-1"/></Neuron>
            <Neuron id="3" bias="9"><Con from="0" weight="0"/></Neuron></NeuralLayer>
            <NeuralOutputs>\(outputs.joined())</NeuralOutputs></NeuralNetwork>
            """)
        guard !isRefused else {
            #expect(throws: PMMLError.self) { try Evaluator.load(text) }
            return
        }
        #expect(try answer(Evaluator.load(text), ["x": "1"])["t"] == .text("r"))
    }
}
