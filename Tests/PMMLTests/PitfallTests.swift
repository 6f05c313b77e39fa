import PMML
import Testing

/// A regression on x with the target's own element and outputs.
private func regression(
    _ attributes: String = "", target: String = "y", type: String = "double", targets: String = "",
    output: String = ""
) -> [UInt8] {
    document(
        """
        <RegressionModel functionName="regression" \(attributes)><MiningSchema><MiningField name="x"/>
        <MiningField name="\(target)" usageType="target"/></MiningSchema>\(output)\(targets)
        <RegressionTable intercept="0.1"><NumericPredictor name="x" coefficient="1"/></RegressionTable>
        </RegressionModel>
        """, fields: "<DataField name=\"z\" optype=\"continuous\" dataType=\"\(type)\"/>")
}

/// A field of the given type as input, read by an output; `schema` holds attributes of its mining field.
private func reading(_ type: String, domain: String = "", schema: String = "") -> [UInt8] {
    document(
        """
        <RegressionModel functionName="regression"><MiningSchema><MiningField name="v" \(schema)/></MiningSchema>
        <Output><OutputField name="o" feature="transformedValue" optype="continuous"><FieldRef field="v"/>
        </OutputField></Output><RegressionTable intercept="1"/></RegressionModel>
        """, fields: "<DataField name=\"v\" optype=\"continuous\" dataType=\"\(type)\">\(domain)</DataField>")
}

@Suite struct `Where implementers go wrong` {
    @Test func `A missing target drops every output about it`() throws {
        let output = """
            <Output><OutputField name="p" feature="predictedValue"/>
            <OutputField name="d" feature="predictedDisplayValue"/>
            <OutputField name="k" feature="transformedValue"><Constant dataType="integer">1</Constant></OutputField>
            </Output>
            """
        let evaluator = try Evaluator.load(regression(output: output))
        #expect(try answer(evaluator, [:]) == ["y": .missing, "k": .integer(1)])
    }

    @Test func `A target without a name is called _target`() throws {
        let evaluator = try Evaluator.load(
            document(
                """
                <RegressionModel functionName="regression"><MiningSchema><MiningField name="x"/></MiningSchema>
                <RegressionTable intercept="1"/></RegressionModel>
                """))
        #expect(try answer(evaluator, [:]) == ["_target": .double(1)])
    }

    @Test func `A float context computes in 32 bits`() throws {
        let evaluator = try Evaluator.load(
            document(
                """
                <RegressionModel functionName="regression" x-mathContext="float"><MiningSchema>
                <MiningField name="x"/></MiningSchema><RegressionTable intercept="0.1">
                <NumericPredictor name="x" coefficient="1"/></RegressionTable></RegressionModel>
                """))
        #expect(try answer(evaluator, ["x": "0.2"]) == ["_target": .float(0.1 + 0.2 as Float)])
        // A target of its own type widens the result.
        let double = try Evaluator.load(regression("x-mathContext=\"float\""))
        #expect(try answer(double, ["x": "0.2"])["y"] == .double(Double(0.1 + 0.2 as Float)))
    }

    @Test func `Extended chains answer every target once`() throws {
        func chain(_ names: [String]) -> [UInt8] {
            let fields = Set(names).sorted().map { "<MiningField name=\"\($0)\" usageType=\"target\"/>" }
            let segments = names.enumerated().map { number, name in
                """
                <Segment><True/><RegressionModel functionName="regression"><MiningSchema><MiningField name="x"/>
                <MiningField name="\(name)" usageType="target"/></MiningSchema>
                <RegressionTable intercept="\(number)"/></RegressionModel></Segment>
                """
            }
            return document(
                """
                <MiningModel functionName="regression"><MiningSchema><MiningField name="x"/>\(fields.joined())
                </MiningSchema><Segmentation multipleModelMethod="x-multiModelChain">\(segments.joined())
                </Segmentation></MiningModel>
                """, fields: "<DataField name=\"z\" optype=\"continuous\" dataType=\"double\"/>")
        }
        #expect(
            try answer(try Evaluator.load(chain(["y", "z"])), [:]) == ["y": .double(0), "z": .double(1)])
        let twice = try Evaluator.load(chain(["y", "y"]))
        #expect(failure { try answer(twice, [:]) }?.kind == .invalidValue)
    }

    @Test func `Words may be given by their own pattern`() throws {
        let index = "<TextIndex textField=\"t\" x-wordRE=\"[a-z]+\"><Constant>ab</Constant></TextIndex>"
        #expect(try given(document(output: index), ["t": "ab1ab-ab"]) == .integer(3))
    }

    @Test(
        arguments: [
            ("+", .missing), ("-", .missing), ("*", .missing), ("/", .missing), ("min", .double(2)),
            ("max", .double(2)), ("sum", .double(2)), ("avg", .double(2)), ("concat", .text("2.0")),
            ("lessThan", .error(.missingValue)), ("equal", .error(.missingValue)),
            ("and", .error(.missingValue)),
            ("or", .error(.missingValue)), ("pow", .error(.missingValue)),
        ] as [(String, Given)])
    func `A missing argument is missing, ignored or an error`(name: String, expected: Given) throws {
        let arguments = name == "and" || name == "or" ? ["b", "y"] : ["x", "y"]
        let row = ["x": "2", "b": "true"]
        #expect(try given(document(output: apply(name, arguments)), row) == expected)
    }

    @Test(arguments: ["round", "not", "uppercase", "dateSecondsSinceMidnight"])
    func `A function of one value needs it`(name: String) throws {
        #expect(try given(document(output: apply(name, ["x"])), [:]) == .error(.missingValue))
    }

    @Test func `Text has no order`() throws {
        let row = ["t": "a"]
        #expect(try given(document(output: apply("lessThan", ["t", "t"])), row) == .error(.undefinedResult))
        #expect(try given(document(output: apply("equal", ["t", "t"])), row) == .boolean(true))
    }

    @Test(
        arguments: [
            ("", "11", .error(.invalidValue)), ("invalidValueTreatment=\"asIs\"", "11", .double(11)),
            ("invalidValueTreatment=\"asIs\"", "eleven", .error(.invalidValue)),
            ("invalidValueTreatment=\"asMissing\"", "11", .missing), ("", "NaN", .error(.invalidValue)),
            ("", "Infinity", .error(.invalidValue)), ("", "10", .double(10)), ("", nil, .missing),
            ("invalidValueTreatment=\"asValue\" invalidValueReplacement=\"7\"", "11", .double(7)),
            ("missingValueReplacement=\"5\"", nil, .double(5)),
        ] as [(String, String?, Given)])
    func `Invalid values fail unless the schema says otherwise`(
        schema: String, value: String?, expected: Given
    ) throws {
        let domain = "<Interval closure=\"closedClosed\" leftMargin=\"0\" rightMargin=\"10\"/>"
        let row = value.map { ["v": $0] } ?? [:]
        #expect(try given(reading("double", domain: domain, schema: schema), row) == expected)
    }

    @Test(
        arguments: [
            ("double", " 5 ", .double(5)), ("double", "+3", .double(3)), ("double", "5d", .double(5)),
            ("double", "1e1", .double(10)), ("double", "5x", .error(.invalidValue)),
            ("double", "0x10", .error(.invalidValue)), ("integer", "5.0", .integer(5)),
            ("integer", "1e3", .integer(1000)), ("integer", "true", .integer(1)),
            ("integer", "3.7", .error(.invalidValue)), ("integer", "2147483647", .integer(2_147_483_647)),
            ("integer", "2147483648", .error(.invalidValue)),
        ] as [(String, String, Given)])
    func `Numbers are read as Java reads them`(type: String, text: String, expected: Given) throws {
        #expect(try given(reading(type), ["v": text]) == expected)
    }

    @Test func `A double becomes an integer only where it is one`() throws {
        let whole = document(output: "<FieldRef field=\"x\"/>", type: "dataType=\"integer\"")
        #expect(try given(whole, ["x": "2"]) == .integer(2))
        #expect(try given(whole, ["x": "2.5"]) == .error(.type))
        let target = try Evaluator.load(regression(target: "z", type: "integer"))
        #expect(failure { try answer(target, ["x": "1"]) }?.kind == .type)
        #expect(try answer(target, ["x": "1.9"])["z"] == .integer(2))
    }

    @Test(
        arguments: [
            ("round", ["x"], ["x": "-1.5"], .integer(-1)), ("round", ["x"], ["x": "2.5"], .integer(3)),
            ("rint", ["x"], ["x": "2.5"], .double(2)), ("rint", ["x"], ["x": "-1.5"], .double(-2)),
            ("/", ["i", "j"], ["i": "-7", "j": "2"], .integer(-3)),
            ("/", ["i", "j"], ["i": "0", "j": "0"], .error(.type)),
            ("/", ["x", "y"], ["x": "0", "y": "0"], .error(.undefinedResult)),
            ("/", ["x", "y"], ["x": "1", "y": "0"], .double(.infinity)),
        ] as [(String, [String], [String: String], Given)])
    func `Halves round up, or to even; integers divide as integers`(
        name: String, arguments: [String], row: [String: String], expected: Given
    ) throws {
        // j is an integer constant's stand-in: the same field type twice.
        let bytes = document(output: apply(name, arguments))
        let text = String(decoding: bytes, as: UTF8.self)
            .replacing(
                "<DataField name=\"i\"",
                with:
                    "<DataField name=\"j\" optype=\"continuous\" dataType=\"integer\"/><DataField name=\"i\""
            )
            .replacing(
                "<MiningField name=\"i\"/>", with: "<MiningField name=\"i\"/><MiningField name=\"j\"/>")
        #expect(try given(Array(text.utf8), row) == expected)
    }

    @Test func `A target's default is rescaled and cast too`() throws {
        let targets = """
            <Targets><Target field="y" rescaleFactor="2" rescaleConstant="0.6" castInteger="round">
            <TargetValue defaultValue="3"/></Target></Targets>
            """
        let evaluator = try Evaluator.load(regression(targets: targets))
        #expect(try answer(evaluator, [:])["y"] == .double(7))
        #expect(try answer(evaluator, ["x": "1"])["y"] == .double(3))
    }

    @Test func `An output that refers to the target sees nothing`() throws {
        let output = """
            <Output><OutputField name="o" feature="transformedValue"><FieldRef field="y"/></OutputField></Output>
            """
        let evaluator = try Evaluator.load(regression(output: output))
        #expect(try answer(evaluator, ["x": "1"]) == ["y": .double(1.1), "o": .missing])
    }

    @Test func `Confidence is 0 where there is none, and penalties leave probabilities alone`() throws {
        let evaluator = try Evaluator.load(
            document(
                """
                <TreeModel functionName="classification" missingValueStrategy="defaultChild" \
                missingValuePenalty="0.8"><MiningSchema><MiningField name="x"/>
                <MiningField name="t" usageType="target"/></MiningSchema><Output>
                <OutputField name="p" feature="probability" value="A"/>
                <OutputField name="sure" feature="confidence" value="A"/>
                <OutputField name="unsure" feature="confidence" value="B"/></Output>
                <Node id="r" defaultChild="a"><True/><Node id="a" score="A">
                <SimplePredicate field="x" operator="lessThan" value="5"/>
                <ScoreDistribution value="A" recordCount="3" confidence="0.5"/>
                <ScoreDistribution value="B" recordCount="1"/></Node></Node></TreeModel>
                """))
        let known = try answer(evaluator, ["x": "1"])
        #expect(known == ["t": .text("A"), "p": .double(0.75), "sure": .double(0.5), "unsure": .double(0)])
        let missing = try answer(evaluator, [:])
        #expect(missing["p"] == .double(0.75))
        #expect(missing["sure"] == .double(0.4))
    }

    @Test(arguments: ["scipy.interpolate.B(0, 1)", "a.b", "f()"])
    func `Functions may have any name`(name: String) throws {
        let definition = """
            <TransformationDictionary><DefineFunction name="\(name)" optype="continuous" dataType="double">
            <ParameterField name="p"/><Apply function="*"><FieldRef field="p"/><FieldRef field="p"/></Apply>
            </DefineFunction></TransformationDictionary>
            """
        #expect(try given(document(output: apply(name, ["x"]), before: definition), ["x": "3"]) == .double(9))
    }
}
