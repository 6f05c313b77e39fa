import PMML
import Testing

private func faults(_ bytes: [UInt8]) -> [Fault] {
    do throws(PMMLError) {
        _ = try Evaluator.load(bytes)
        return []
    } catch {
        guard case .invalid(let faults) = error else { return [] }
        return faults
    }
}

@Suite struct `Deployment` {
    @Test func `Every fault is listed at once with its line and element`() {
        let found = faults(
            document(
                """
                <RegressionModel functionName="regression">
                <MiningSchema>
                <MiningField name="x" usageType="activ"/>
                <MiningField name="y" invalidValueTreatment="drop"/>
                </MiningSchema>
                <LocalTransformations>
                <DerivedField name="f" optype="continuous" dataType="doubl"><FieldRef field="y"/></DerivedField>
                </LocalTransformations>
                <RegressionTable intercept="one"/>
                </RegressionModel>
                """, fields: "\n<DataField name=\"x\" optype=\"continuous\" dataType=\"double\"/>"))
        #expect(found.map(\.line) == [7, 11, 12, 15, 17])
        #expect(
            found.map(\.element) == [
                "DataField", "MiningField", "MiningField", "DerivedField", "RegressionTable",
            ])
        #expect(found.last?.message == "attribute intercept is \"one\"; a number was expected")
    }

    @Test func `A derivation that depends on itself is refused`() {
        let found = faults(
            document(
                """
                <RegressionModel functionName="regression"><MiningSchema><MiningField name="x"/></MiningSchema>
                <LocalTransformations>
                <DerivedField name="f" optype="continuous" dataType="double"><FieldRef field="g"/></DerivedField>
                <DerivedField name="g" optype="continuous" dataType="double"><FieldRef field="f"/></DerivedField>
                </LocalTransformations><RegressionTable intercept="1"/></RegressionModel>
                """))
        #expect(found.contains { $0.message.contains("depends on itself") })
    }

    @Test(arguments: [
        "", "<PMML", "<html/>", "<!DOCTYPE PMML [<!ENTITY a \"b\">]><PMML/>",
        "<PMML xmlns=\"http://www.dmg.org/PMML-9_9\"/>", String(repeating: "<a>", count: 5000),
    ])
    func `What is no PMML is refused`(text: String) {
        #expect(!faults(Array(text.utf8)).isEmpty)
    }

    @Test func `A field that nothing defines is a warning, and an error of the rows that ask for it`() throws
    {
        let evaluator = try Evaluator.load(
            document(
                """
                <RegressionModel functionName="regression"><MiningSchema><MiningField name="x"/></MiningSchema>
                <RegressionTable intercept="1"><NumericPredictor name="nowhere" coefficient="1"/></RegressionTable>
                </RegressionModel>
                """))
        #expect(evaluator.warnings.map(\.line) == [9])
        #expect(throws: EvaluationError.self) { try answer(evaluator, ["x": "1"]) }
    }

    @Test(arguments: [("3", true), ("4", false)])
    func `Verification records decide at deployment`(expected: String, agrees: Bool) throws {
        let evaluator = try Evaluator.load(
            document(
                """
                <RegressionModel functionName="regression"><MiningSchema><MiningField name="x"/>
                <MiningField name="y" usageType="target"/></MiningSchema>
                <RegressionTable intercept="1"><NumericPredictor name="x" coefficient="2"/></RegressionTable>
                <ModelVerification recordCount="1"><VerificationFields><VerificationField field="x" column="x"/>
                <VerificationField field="y" column="y"/></VerificationFields>
                <InlineTable><row><x>1</x><y>\(expected)</y></row></InlineTable></ModelVerification>
                </RegressionModel>
                """))
        if agrees {
            try evaluator.verify()
        } else {
            #expect(throws: PMMLError.self) { try evaluator.verify() }
        }
    }

    @Test func `The schema shows inputs, targets and outputs with their domains`() throws {
        let evaluator = try Evaluator.load(
            document(
                """
                <RegressionModel functionName="regression"><MiningSchema><MiningField name="x"/>
                <MiningField name="c"/><MiningField name="y" usageType="target"/></MiningSchema>
                <Output><OutputField name="p" optype="continuous" dataType="double" isFinalResult="false"/></Output>
                <RegressionTable intercept="1"/></RegressionModel>
                """,
                fields: """
                    <DataField name="c" displayName="Colour" optype="categorical" dataType="string">\
                    <Value value="red"/><Value value="blue"/></DataField>
                    """))
        #expect(evaluator.inputFields.map(\.id) == ["x", "c"])
        #expect(evaluator.inputFields.last?.displayName == "Colour")
        #expect(evaluator.inputFields.last?.values == ["red", "blue"])
        #expect(evaluator.targetFields.map(\.id) == ["y"])
        #expect(evaluator.outputFields.map(\.id) == ["p"])
        #expect(try answer(evaluator, [:]) == ["y": .double(1)])
    }
}
