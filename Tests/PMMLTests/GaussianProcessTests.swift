import PMML
import Testing

/// A process over two fields with the kernel and rows given.
private func process(
    _ kernel: String, rows: String = "<row><x1>1</x1><x2>3</x2><y1>1</y1></row>"
) -> [UInt8] {
    document(
        """
        <GaussianProcessModel functionName="regression"><MiningSchema><MiningField name="x1"/>
        <MiningField name="x2"/><MiningField name="y1" usageType="predicted"/></MiningSchema>
        <Output><OutputField name="MeanValue" feature="predictedValue" optype="continuous" dataType="double"/>
        <OutputField name="StandardDeviation" feature="predictedValue" dataType="double"/>
        <OutputField name="low" feature="confidenceIntervalLower" value="95" dataType="double"/></Output>
        \(kernel)
        <TrainingInstances isTransformed="false"><InstanceFields><InstanceField field="x1" column="x1"/>
        <InstanceField field="x2" column="x2"/><InstanceField field="y1" column="y1"/></InstanceFields>
        <InlineTable>\(rows)</InlineTable></TrainingInstances></GaussianProcessModel>
        """,
        fields: ["x1", "x2", "y1"].map {
            #"<DataField name="\#($0)" optype="continuous" dataType="double"/>"#
        }
        .joined())
}

private let exampleKernel = """
    <ARDSquaredExponentialKernel gamma="2.4890" noiseVariance="0.0110">
    <Lambda><Array n="2" type="real">1.5164 59.3113</Array></Lambda></ARDSquaredExponentialKernel>
    """
private let exampleRows = """
    <row><x1>1</x1><x2>3</x2><y1>1</y1></row><row><x1>2</x1><x2>6</x2><y1>2</y1></row>
    """

private func number(_ value: ResultValue?) -> Double {
    if case .double(let number) = value { return number }
    return .nan
}

@Suite struct `Gaussian processes` {
    @Test func `The standard's worked example has mean 1_0095 at (1, 4)`() throws {
        let evaluator = try Evaluator.load(process(exampleKernel, rows: exampleRows))
        #expect(evaluator.summary == "Gaussian process")
        let found = try answer(evaluator, ["x1": "1", "x2": "4"])
        #expect(abs(number(found["y1"]) - 1.00946566) < 1e-8)
        #expect(found["MeanValue"] == found["y1"])
        // With the noise of a new observation: without it the deviation would be 0.1074.
        let deviation = number(found["StandardDeviation"])
        #expect(abs(deviation - 0.15011097) < 1e-8)
        let low = number(found["low"])
        #expect(abs(number(found["y1"]) - 1.959963984540054 * deviation - low) < 1e-12)
    }

    @Test func `A missing input gives no prediction`() throws {
        let evaluator = try Evaluator.load(process(exampleKernel, rows: exampleRows))
        #expect(try answer(evaluator, ["x1": "1"]) == ["y1": .missing])
    }

    @Test func `Far from every training row the prior is left`() throws {
        let evaluator = try Evaluator.load(process(exampleKernel, rows: exampleRows))
        let found = try answer(evaluator, ["x1": "Infinity", "x2": "1e308"])
        #expect(found["y1"] == .double(0))
        #expect(abs(number(found["StandardDeviation"]) - 2.5.squareRoot()) < 1e-12)
    }

    private static let twice = exampleRows + exampleRows

    @Test(arguments: [
        (#"<RadialBasisKernel gamma="1" noiseVariance="0" lambda="1"/>"#, twice),
        (#"<RadialBasisKernel gamma="1" noiseVariance="-1" lambda="1"/>"#, exampleRows),
        (#"<RadialBasisKernel gamma="0"/>"#, exampleRows),
        (#"<RadialBasisKernel gamma="NaN"/>"#, exampleRows),
        (#"<RadialBasisKernel lambda="0"/>"#, exampleRows),
        (#"<RadialBasisKernel lambda="-2"/>"#, exampleRows),
        (#"<RadialBasisKernel noiseVariance="INF"/>"#, exampleRows),
        (#"<GeneralizedExponentialKernel degree="-1"/>"#, exampleRows),
        (
            #"<AbsoluteExponentialKernel><Lambda><Array>1 2 3</Array></Lambda></AbsoluteExponentialKernel>"#,
            exampleRows
        ),
        (
            #"<AbsoluteExponentialKernel><Lambda><Array>1 NaN</Array></Lambda></AbsoluteExponentialKernel>"#,
            exampleRows
        ),
        ("<LinearKernel/>", exampleRows), ("<RadialBasisKernel/>", ""),
        ("<RadialBasisKernel/>", "<row><x1>1</x1><y1>2</y1></row>"),
        ("<RadialBasisKernel/>", "<row><x1>1</x1><x2>INF</x2><y1>2</y1></row>"),
        ("<RadialBasisKernel/>", "<row><x1>1</x1><x2>one</x2><y1>2</y1></row>"),
        ("<RadialBasisKernel/>", String(repeating: "<row><x1>1</x1><x2>1</x2><y1>2</y1></row>", count: 2001)),
    ])
    func `A document without a finite solution is refused`(kernel: String, rows: String) {
        #expect(throws: PMMLError.self) { try Evaluator.load(process(kernel, rows: rows)) }
    }
}
