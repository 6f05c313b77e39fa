import PMML
import Testing

private func discretize(_ attributes: String, _ first: String = "low") -> [UInt8] {
    document(
        output: """
            <Discretize field="x" \(attributes)>
            <DiscretizeBin binValue="\(first)"><Interval closure="openClosed" leftMargin="0" rightMargin="1"/>
            </DiscretizeBin><DiscretizeBin binValue="2"><Interval closure="closedOpen" leftMargin="2"/></DiscretizeBin>
            </Discretize>
            """)
}

private func mapped(_ attributes: String) -> [UInt8] {
    document(
        output: """
            <MapValues outputColumn="out" \(attributes)><FieldColumnPair field="t" column="key"/><InlineTable>
            <row><key>a</key><out>1</out></row><row><key>b</key><out>two</out></row><row><key>c</key></row>
            </InlineTable></MapValues>
            """)
}

@Suite struct `Expressions` {
    @Test(
        arguments: [
            ("1", "", .text("low")), ("0", "", .missing), ("2", "", .text("2")), ("1.5", "", .missing),
            ("1.5", "defaultValue=\"none\"", .text("none")), (nil, "mapMissingTo=\"gone\"", .text("gone")),
            (nil, "defaultValue=\"none\"", .missing), ("5", "dataType=\"integer\"", .integer(2)),
            // Text that the type cannot take fails the rows that come to it.
            ("1", "dataType=\"integer\"", .error(.invalidValue)),
            ("1.5", "dataType=\"integer\" defaultValue=\"none\"", .error(.invalidValue)),
        ] as [(String?, String, Given)])
    func `Discretize answers with the bin's value, as text where it has no type`(
        x: String?, attributes: String, expected: Given
    ) throws {
        #expect(try given(discretize(attributes), x.map { ["x": $0] } ?? [:]) == expected)
    }

    @Test(
        arguments: [
            ("a", "", .text("1")), ("z", "", .missing), ("z", "defaultValue=\"d\"", .text("d")),
            ("c", "defaultValue=\"d\"", .text("d")),
            (nil, "mapMissingTo=\"m\" defaultValue=\"d\"", .text("m")),
            ("a", "dataType=\"integer\"", .integer(1)), ("b", "dataType=\"integer\"", .error(.invalidValue)),
        ] as [(String?, String, Given)])
    func `MapValues answers with the row's output`(t: String?, attributes: String, expected: Given) throws {
        #expect(try given(mapped(attributes), t.map { ["t": $0] } ?? [:]) == expected)
    }

    @Test(
        arguments: [
            ("", "-1", .error(.undefinedResult)), ("invalidValueTreatment=\"asMissing\"", "-1", .missing),
            ("invalidValueTreatment=\"asMissing\" defaultValue=\"9\"", "-1", .text("9")),
            ("mapMissingTo=\"7\"", nil, .text("7")), ("defaultValue=\"9\"", nil, .error(.missingValue)),
            ("mapMissingTo=\"7\" defaultValue=\"9\"", "1", .double(0)),
        ] as [(String, String?, Given)])
    func `Apply treats missing arguments and invalid results`(
        attributes: String, x: String?, expected: Given
    ) throws {
        let bytes = document(output: apply("ln", ["x"], attributes))
        #expect(try given(bytes, x.map { ["x": $0] } ?? [:]) == expected)
    }

    @Test func `An invalid result can be kept`() throws {
        let bytes = document(output: apply("ln", ["x"], "invalidValueTreatment=\"asIs\""))
        guard case .value(.double(let number)) = try given(bytes, ["x": "-1"]) else {
            Issue.record("no number")
            return
        }
        #expect(number.isNaN)
    }

    @Test(
        arguments: [
            ("", .error(.type)), ("invalidValueTreatment=\"asIs\"", .error(.undefinedResult)),
            ("invalidValueTreatment=\"asMissing\"", .missing),
            ("invalidValueTreatment=\"asMissing\" defaultValue=\"9\"", .text("9")),
        ] as [(String, Given)])
    func `Integers divided by zero have nothing to keep`(attributes: String, expected: Given) throws {
        #expect(try given(document(output: apply("/", ["i", "i"], attributes)), ["i": "0"]) == expected)
    }

    @Test(
        arguments: [
            ("3", .integer(3)), ("3.5", .double(3.5)), ("-3", .integer(-3)), ("1e3", .text("1e3")),
            ("true", .text("true")), (" 5 ", .text(" 5 ")), ("99999999999", .error(.type)),
        ] as [(String, Given)])
    func `Constants without a type have the one they look like`(text: String, expected: Given) throws {
        #expect(try given(document(output: "<Constant>\(text)</Constant>"), ["x": "1"]) == expected)
    }

    @Test func `A replacement for a missing field is text`() throws {
        let bytes = document(output: "<FieldRef field=\"x\" mapMissingTo=\"7\"/>")
        #expect(try given(bytes, [:]) == .text("7"))
        let typed = document(
            output: "<FieldRef field=\"x\" mapMissingTo=\"7\"/>", type: "dataType=\"integer\"")
        #expect(try given(typed, [:]) == .integer(7))
    }

    @Test func `One point is no line`() throws {
        let bytes = document(
            output: "<NormContinuous field=\"x\"><LinearNorm orig=\"0\" norm=\"0\"/></NormContinuous>")
        #expect(try given(bytes, ["x": "1"]) == .error(.modelFault))
        #expect(try given(bytes, [:]) == .missing)
    }

    @Test func `Text is normalised, terms are not`() throws {
        func index(_ term: String) -> [UInt8] {
            document(
                output: """
                    <TextIndex textField="t"><TextIndexNormalization><InlineTable>
                    <row><string>c[ao]t</string><stem>dog</stem><regex>true</regex></row></InlineTable>
                    </TextIndexNormalization><Constant dataType="string">\(term)</Constant></TextIndex>
                    """)
        }
        #expect(try given(index("dog"), ["t": "cat, cot; dog"]) == .integer(3))
        #expect(try given(index("cat"), ["t": "cat, cot; dog"]) == .integer(0))
    }

    @Test func `A function that is given too many values fails the rows, with a warning`() throws {
        let definition = """
            <TransformationDictionary><DefineFunction name="f" optype="continuous" dataType="double">
            <ParameterField name="p"/><FieldRef field="p"/></DefineFunction></TransformationDictionary>
            """
        let bytes = document(output: apply("f", ["x", "y"]), before: definition)
        #expect(try Evaluator.load(bytes).warnings.count == 1)
        #expect(try given(bytes, ["x": "1", "y": "2"]) == .error(.modelFault))
    }
}
