import Testing

@testable import PMML

/// The faults of a document with these model lines, which begin at line 8.
private func found(_ body: String, fields: String = "") -> [String] {
    do throws(PMMLError) {
        return try Evaluator.load(document(body, fields: fields)).warnings.map(\.description)
    } catch {
        guard case .invalid(let faults) = error else { return ["\(error)"] }
        return faults.map(\.description)
    }
}

/// A regression with these attributes on its elements.
private func regression(
    model: String = "functionName=\"regression\"", schema: String = "<MiningField name=\"x\"/>",
    extra: String = "", table: String = "<RegressionTable intercept=\"1\"/>"
) -> String {
    """
    <RegressionModel \(model)>
    <MiningSchema>\(schema)</MiningSchema>
    \(extra)
    \(table)
    </RegressionModel>
    """
}

@Suite struct `Grammar` {
    @Test func `A document without faults has no warnings`() {
        #expect(found(regression()) == [])
    }

    @Test(arguments: [
        (
            regression(model: "functionName=\"regression\" normalisationMethod=\"exp\""),
            "line 8, <RegressionModel>: attribute normalisationMethod is not known here; "
                + "did you mean normalizationMethod?"
        ),
        (
            regression(schema: "<MiningFeild name=\"x\"/>"),
            "line 9, <MiningFeild>: the element is not known; did you mean MiningField?"
        ),
        (
            regression(schema: "<MiningField name=\"x\" importance=\"high\"/>"),
            "line 9, <MiningField>: attribute importance is \"high\"; a number was expected"
        ),
        (
            regression(model: "functionName=\"regression\" isScorable=\"yes\""),
            "line 8, <RegressionModel>: attribute isScorable is \"yes\"; true or false was expected"
        ),
        (
            regression(model: "functionName=\"regressing\""),
            "line 8, <RegressionModel>: attribute functionName is \"regressing\"; associationRules, "
                + "sequences, classification, regression, clustering, timeSeries or mixed was expected"
        ),
        (
            regression(
                extra: "<ModelStats><Whatever a=\"b\"/></ModelStats><Output><OutputField name=\"o\" "
                    + "rank=\"1.5\" feature=\"predictedValue\"/></Output>"),
            "line 10, <OutputField>: attribute rank is \"1.5\"; an integer was expected"
        ),
        (
            regression(
                extra:
                    "<Output><OutputField name=\"o\" dataType=\"real\" feature=\"predictedValue\"/></Output>"),
            "line 10, <OutputField>: attribute dataType is \"real\"; a PMML data type was expected"
        ),
        (
            regression(schema: "<MiningField name=\"x\" optype=\"nominal\"/>"),
            "line 9, <MiningField>: attribute optype is \"nominal\"; continuous, categorical or ordinal was expected"
        ),
        (
            regression(
                table: "<RegressionTable intercept=\"1\"><NumericPredictor name=\"x\"/></RegressionTable>"),
            "line 11, <NumericPredictor>: attribute coefficient is required"
        ),
        (
            regression(schema: "<MiningField name=\"x\"/><MiningField name=\"x\"/>"),
            "line 9, <MiningField>: mining field \"x\" is declared twice"
        ),
        (
            regression(
                table:
                    "<RegressionTable intercept=\"1\"><NumericPredictor name=\"z\" coefficient=\"1\"/></RegressionTable>"
            ),
            "line 11, <NumericPredictor>: field \"z\" is not defined here"
        ),
    ])
    func `Each kind of fault is told with its line, its element and what was expected`(
        body: String, expected: String
    ) {
        let faults = found(body)
        #expect(faults.count == 1)
        #expect(faults.first?.hasPrefix(expected) == true, "\(faults)")
    }

    @Test func `Names with a prefix or beginning with x- are extensions`() {
        #expect(
            found(
                regression(
                    model: "functionName=\"regression\" x-mathContext=\"float\" xmlns:v=\"urn:v\" v:a=\"b\"",
                    schema: "<MiningField name=\"x\" missingValueTreatment=\"x-returnInvalid\"/>",
                    extra: "<X-Vendor a=\"b\"/><v:thing/>")) == [])
    }

    @Test func `Where the document is refused every fault of it is listed, by line`() {
        let faults = found(
            regression(
                schema: "<MiningField name=\"x\" usageType=\"activ\" outlier=\"asIs\"/>",
                extra: "<Output>\n<OutputField feature=\"predictedValue\"/>\n</Output>",
                table: "<RegressionTable intercept=\"one\" targetCategorie=\"a\"/>"))
        #expect(
            faults == [
                "line 9, <MiningField>: attribute usageType has the unknown value \"activ\"",
                "line 9, <MiningField>: attribute outlier is not known here; did you mean outliers?",
                "line 11, <OutputField>: attribute name is required",
                "line 13, <RegressionTable>: attribute intercept is \"one\"; a number was expected",
                "line 13, <RegressionTable>: attribute targetCategorie is not known here; "
                    + "did you mean targetCategory?",
            ])
    }

    @Test func `Faults of several nodes and of the outputs are listed together`() {
        let faults = found(
            """
            <TreeModel functionName="regression"><MiningSchema><MiningField name="x"/></MiningSchema>
            <Output><OutputField name="o" isFinalResult="maybe"/></Output>
            <Node score="1"><True/>
            <Node score="one"><True/></Node>
            <Node score="two"/>
            </Node></TreeModel>
            """)
        #expect(
            faults == [
                "line 9, <OutputField>: attribute isFinalResult is \"maybe\"; true or false was expected",
                "line 11, <Node>: attribute score is \"one\"; a number was expected",
                "line 12, <Node>: a predicate is required",
            ])
    }

    @Test func `The model's own misspelt name is among the faults`() {
        let faults = found("<TreeModle/>")
        #expect(faults.contains { $0.hasSuffix("the element is not known; did you mean TreeModel?") })
        #expect(faults.contains { $0.contains("<Model>@isScorable=true is not defined") })
    }

    @Test func `A hundred faults are printed and the others counted`() {
        let fields = (0..<150).map { "\n<DataField name=\"f\($0)\" optype=\"continuous\" dataType=\"no\"/>" }
            .joined()
        do throws(PMMLError) {
            _ = try Evaluator.load(document(regression(), fields: fields))
            Issue.record("the document was not refused")
        } catch {
            let lines = error.description.split(separator: "\n")
            #expect(lines.count == 101)
            #expect(lines.last == "and 50 more")
            #expect(lines[99].hasPrefix("line 106, <DataField>: attribute dataType is \"no\""))
        }
    }

    @Test func `Faults do not repeat megabytes of a document`() {
        let long = String(repeating: "a", count: 1 << 20)
        let faults = found(regression(schema: "<MiningField name=\"x\" usageType=\"\(long)\"/><\(long)/>"))
        #expect(faults.count == 2)
        #expect(faults.allSatisfy { $0.utf8.count < 1000 })
    }

    @Test(arguments: [("usageType", "usagetype", 0), ("abc", "abd", 1), ("ab", "abcd", 2), ("", "ab", 2)])
    func `Distances count letters`(a: String, b: String, distance: Int) {
        #expect(GrammarCheck.distance(a, b) == distance)
    }

    @Test func `Every line of the vocabulary is an element of its own`() {
        #expect(ElementRule.all.count == Vocabulary.lines.split(separator: "\n").count)
        #expect(
            ElementRule.all["Node"]?.attributes.map(\.name) == ["id", "score", "recordCount", "defaultChild"])
        #expect(
            ElementRule.all["TreeModel"]?.attributes.contains { $0.name == "functionName" && $0.isRequired }
                == true)
    }
}
