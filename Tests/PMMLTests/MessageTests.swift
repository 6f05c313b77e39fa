import PMML
import Testing

private func message(_ evaluator: Evaluator, _ inputs: [String: String?]) -> EvaluationError? {
    do {
        _ = try answer(evaluator, inputs)
        return nil
    } catch {
        return error as? EvaluationError
    }
}

@Suite struct `Messages of evaluation errors` {
    private let evaluator: Evaluator

    init() throws {
        evaluator = try Evaluator.load(
            document(
                """
                <RegressionModel functionName="regression"><MiningSchema><MiningField name="x"/>
                <MiningField name="n"/><MiningField name="c"/>
                <MiningField name="i" invalidValueTreatment="asIs"/>
                <MiningField name="r" missingValueTreatment="returnInvalid"/></MiningSchema>
                <LocalTransformations><DerivedField name="f" optype="continuous" dataType="double">
                <Apply function="round"><FieldRef field="x"/></Apply></DerivedField></LocalTransformations>
                <RegressionTable intercept="1"><NumericPredictor name="f" coefficient="1"/></RegressionTable>
                </RegressionModel>
                """,
                fields: """
                    <DataField name="n" optype="continuous" dataType="integer">\
                    <Interval closure="closedOpen" leftMargin="0" rightMargin="10"/></DataField>\
                    <DataField name="c" optype="categorical" dataType="string">\
                    <Value value="red"/><Value value="blue"/></DataField>\
                    <DataField name="i" optype="continuous" dataType="double"/>\
                    <DataField name="r" optype="continuous" dataType="double"/>
                    """))
    }

    @Test(
        arguments: [
            ("x", "abc", "Field \"x\" cannot accept invalid value \"abc\"; a double was expected"),
            ("n", "10", "Field \"n\" cannot accept invalid value 10; an integer in [0, 10) was expected"),
            (
                "c", "green",
                "Field \"c\" cannot accept invalid value \"green\"; a string of \"red\", \"blue\" was expected"
            ),
            ("i", "abc", "For input string: \"abc\" (field \"i\"; a double was expected)"),
            ("r", nil, "Field \"r\" cannot accept missing value; a double was expected"),
        ] as [(String, String?, String)])
    func `name the field, the value and what was expected`(field: String, text: String?, expected: String) {
        var inputs: [String: String?] = ["x": "1", "n": "1", "c": "red", "i": "1", "r": "1"]
        inputs[field] = .some(text)
        let error = message(evaluator, inputs)
        #expect(error?.message == expected)
        #expect(error?.field == field)
    }

    @Test func `name the derived field that cannot be computed`() {
        let error = message(evaluator, ["n": "1", "c": "red", "i": "1", "r": "1"])
        #expect(error?.message.hasSuffix("(field \"f\")") == true, "\(String(describing: error))")
    }
}
