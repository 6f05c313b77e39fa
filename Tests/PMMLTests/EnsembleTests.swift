import PMML
import Testing

/// Two regressions, x + 1 and x + 2, each with a predicate.
private func model(
    _ method: String, weights: [String] = ["1", "1"], predicate: String = "<True/>", treatment: String = ""
) -> [UInt8] {
    let segments = weights.enumerated().map { number, weight in
        """
        <Segment weight="\(weight)">\(predicate)<RegressionModel functionName="regression"><MiningSchema>
        <MiningField name="x"/><MiningField name="y" usageType="target"/></MiningSchema>
        <RegressionTable intercept="\(number + 1)"><NumericPredictor name="x" coefficient="1"/></RegressionTable>
        </RegressionModel></Segment>
        """
    }
    return document(
        """
        <MiningModel functionName="regression"><MiningSchema><MiningField name="x"/>
        <MiningField name="y" usageType="target"/></MiningSchema>
        <Segmentation multipleModelMethod="\(method)" \(treatment)>\(segments.joined())</Segmentation></MiningModel>
        """)
}

private func given(_ bytes: [UInt8], _ x: String?) throws -> Given {
    let evaluator = try Evaluator.load(bytes)
    do {
        return .value(try answer(evaluator, ["x": x])["y"] ?? .missing)
    } catch let error as EvaluationError {
        return .error(error.kind)
    }
}

@Suite struct `Ensembles` {
    // As JPMML-Evaluator 1.7.7 answers.
    @Test(
        arguments: [
            ("average", ["1", "1"], .double(1.5)), ("weightedAverage", ["1", "3"], .double(1.75)),
            ("weightedAverage", ["0", "0"], .error(.undefinedResult)), ("median", ["1", "1"], .double(1.5)),
            ("weightedMedian", ["1", "3"], .double(2)), ("weightedMedian", ["0", "0"], .double(1)),
            ("sum", ["1", "1"], .double(3)), ("weightedSum", ["1", "3"], .double(7)),
            ("x-weightedSum", ["1", "3"], .double(7)), ("majorityVote", ["1", "1"], .error(.modelFault)),
            ("max", ["1", "1"], .error(.modelFault)), ("selectFirst", ["1", "1"], .double(1)),
            ("modelChain", ["1", "1"], .double(2)),
        ] as [(String, [String], Given)])
    func `Numbers are combined as the method says`(
        method: String, weights: [String], expected: Given
    ) throws {
        #expect(try given(model(method, weights: weights), "0") == expected)
    }

    private static let skipping = "missingPredictionTreatment=\"skipSegment\""

    @Test(
        arguments: [
            ("average", "", .missing), ("average", skipping, .error(.undefinedResult)),
            ("sum", skipping, .double(0)), ("weightedSum", skipping, .double(0)),
            ("sum", "missingPredictionTreatment=\"returnMissing\"", .missing),
            ("sum", "x-missingPredictionTreatment=\"skipSegment\"", .double(0)),
            ("sum", skipping + " missingThreshold=\"0.5\"", .missing),
        ] as [(String, String, Given)])
    func `Missing predictions are treated as the segmentation says`(
        method: String, treatment: String, expected: Given
    ) throws {
        #expect(try given(model(method, treatment: treatment), nil) == expected)
        // Zero weights count nothing, but the segments have run.
        if method == "weightedSum" {
            #expect(try given(model(method, weights: ["0", "0"], treatment: treatment), nil) == .double(0))
        }
    }

    @Test(arguments: ["modelChain", "selectAll"])
    func `A chain cannot skip, once a segment runs`(method: String) throws {
        let positive = "<SimplePredicate field=\"x\" operator=\"greaterThan\" value=\"0\"/>"
        let bytes = model(method, predicate: positive, treatment: Self.skipping)
        #expect(try given(bytes, "1") == .error(.modelFault))
        #expect(try given(bytes, "-1") == .missing)
    }

    @Test func `Segments that are combined do what the ensemble does`() throws {
        let text = String(decoding: model("average"), as: UTF8.self)
            .replacing(
                "<MiningModel functionName=\"regression\"", with: "<MiningModel functionName=\"mixed\"")
        let evaluator = try Evaluator.load(Array(text.utf8))
        #expect(evaluator.warnings.count == 2)
        #expect(failure { try answer(evaluator, ["x": "0"]) }?.kind == .modelFault)
    }

    @Test func `A text target keeps the fraction of a rounded number`() throws {
        let evaluator = try Evaluator.load(
            document(
                """
                <RegressionModel functionName="regression"><MiningSchema><MiningField name="x"/>
                <MiningField name="t" usageType="target"/></MiningSchema>
                <Targets><Target field="t" castInteger="round"/></Targets>
                <RegressionTable intercept="3.6"/></RegressionModel>
                """))
        #expect(try answer(evaluator, [:]) == ["t": .text("4.0")])
    }
}
