import PMML
import Testing

/// A test over `x`, or over the fields of its count table; `g` groups where `isGrouped`.
private func baseline(_ attributes: String, _ content: String, isGrouped: Bool = false) -> [UInt8] {
    document(
        """
        <BaselineModel functionName="regression"><MiningSchema><MiningField name="x"/><MiningField name="t"/>
        <MiningField name="u"/>\(isGrouped ? #"<MiningField name="g" usageType="group"/>"# : "")
        <MiningField name="y" usageType="target"/></MiningSchema>
        <TestDistributions \(attributes)>\(content)</TestDistributions></BaselineModel>
        """,
        fields: ["u", "g"].map { #"<DataField name="\#($0)" optype="categorical" dataType="string"/>"# }
            .joined())
}

private func gaussian(_ element: String, _ mean: String, _ variance: String) -> String {
    #"<\#(element)><GaussianDistribution mean="\#(mean)" variance="\#(variance)"/></\#(element)>"#
}

private let counts = """
    <Baseline><CountTable><FieldValueCount field="t" value="a" count="10"/>
    <FieldValueCount field="t" value="b" count="20"/><FieldValueCount field="t" value="c" count="30"/>
    </CountTable></Baseline>
    """

/// The score of one group whose records hold these values of `field`.
private func score(_ bytes: [UInt8], _ field: String, _ values: [String]) throws -> Double {
    let evaluator = try Evaluator.load(bytes)
    let rows = values.map { value in
        var row = Row(count: evaluator.slotCount)
        if let slot = evaluator.slot(of: field) { row.values[slot] = .text(value) }
        if let slot = evaluator.slot(of: "g") { row.values[slot] = .text("one") }
        return row
    }
    let merged = evaluator.merge(groups: rows)
    guard let row = merged.first?.row, case .double(let score) = try evaluator.evaluate(row)["y"] else {
        return .nan
    }
    return score
}

/// Attributes, and the scalar product of 10, 20, 30 and the counts 2, 0, 1.
private let products: [(String, Double)] = [
    ("", 50), (#"normalizationScheme="Independent""#, 50 / (5.0 * 1400.0).squareRoot()),
    (#"windowSize="1""#, 10),
]

@Suite struct `Baseline models` {
    @Test(arguments: [
        (gaussian("Baseline", "2.5", "0.25"), "3", 1.0), (gaussian("Baseline", "2.5", "0.25"), "1", -3),
        (#"<Baseline><PoissonDistribution mean="4"/></Baseline>"#, "10", 3),
        (#"<Baseline><AnyDistribution mean="1" variance="4"/></Baseline>"#, "2", 0.5),
        (#"<Baseline><UniformDistribution lower="0" upper="12"/></Baseline>"#, "6", 0),
    ])
    func `A z-value counts in standard deviations`(content: String, x: String, expected: Double) throws {
        let bytes = baseline(#"field="x" testStatistic="zValue""#, content)
        let evaluator = try Evaluator.load(bytes)
        #expect(evaluator.summary == "Baseline model")
        #expect(try answer(evaluator, ["x": x]) == ["y": .double(expected)])
        #expect(try answer(evaluator, [:]) == ["y": .missing])
    }

    /// The distributions of the standard's first example; numbers by numpy.
    @Test func `CUSUM adds log ratios up within a group and starts anew with the next`() throws {
        let bytes = baseline(
            #"field="x" testStatistic="CUSUM" resetValue="0.0""#,
            gaussian("Baseline", "550.2", "48.2") + gaussian("Alternate", "460.4", "39.2"), isGrouped: true)
        #expect(abs(try score(bytes, "x", ["540", "510", "500"]) - 6.242794096737171) < 1e-9)
        #expect(try score(bytes, "x", ["540", "510", "500", "520"]) == 0)
        #expect(try score(bytes, "x", ["540"]) == 0)
    }

    @Test func `An event that neither distribution has is an error, not a score of nothing`() throws {
        func uniform(_ element: String) -> String {
            #"<\#(element)><UniformDistribution lower="0" upper="9"/></\#(element)>"#
        }
        let evaluator = try Evaluator.load(
            baseline(
                #"field="x" testStatistic="CUSUM" resetValue="0""#, uniform("Baseline") + uniform("Alternate")
            ))
        #expect(try answer(evaluator, ["x": "4"]) == ["y": .double(0)])
        #expect(failure { try answer(evaluator, ["x": "10"]) }?.kind == .undefinedResult)
    }

    /// Numbers by scipy's `chisquare` and `chi2_contingency`.
    @Test func `Chi square tests answer with p-values`() throws {
        let shares = baseline(#"field="t" testStatistic="chiSquareDistribution""#, counts, isGrouped: true)
        #expect(abs(try score(shares, "t", ["a", "c", "a", "b", "a", "c"]) - 0.08921851740926015) < 1e-12)
        let table = """
            <Baseline><CountTable><FieldValue field="t" value="a">
            <FieldValueCount field="u" value="p" count="10"/><FieldValueCount field="u" value="q" count="20"/>
            </FieldValue><FieldValue field="t" value="b"><FieldValueCount field="u" value="p" count="30"/>
            <FieldValueCount field="u" value="q" count="40"/></FieldValue></CountTable></Baseline>
            """
        let fields = try Evaluator.load(baseline(#"field="t" testStatistic="chiSquareIndependence""#, table))
        guard case .double(let p) = try answer(fields, ["t": "a", "u": "q"])["y"] else {
            Issue.record("no number")
            return
        }
        #expect(abs(p - 0.31512229205130665) < 1e-12)
    }

    @Test(arguments: products)
    func `A scalar product multiplies counts`(attributes: String, expected: Double) throws {
        let bytes = baseline(
            #"field="t" testStatistic="scalarProduct" \#(attributes)"#, counts, isGrouped: true)
        #expect(abs(try score(bytes, "t", ["a", "c", "a"]) - expected) < 1e-12)
    }

    @Test func `A value that the baseline does not count is an error of the row`() throws {
        let evaluator = try Evaluator.load(
            baseline(#"field="t" testStatistic="chiSquareDistribution""#, counts))
        #expect(throws: EvaluationError.self) { try answer(evaluator, ["t": "d"]) }
    }

    @Test(arguments: [
        (#"testStatistic="zValue""#, gaussian("Baseline", "0", "1")),
        (#"field="x" testStatistic="GLR""#, gaussian("Baseline", "0", "1")),
        (#"field="x" testStatistic="zValue""#, gaussian("Baseline", "0", "0")),
        (#"field="x" testStatistic="zValue""#, gaussian("Baseline", "0", "-1")),
        (#"field="x" testStatistic="zValue""#, gaussian("Baseline", "NaN", "1")),
        (#"field="x" testStatistic="zValue" windowSize="-1""#, gaussian("Baseline", "0", "1")),
        (#"field="x" testStatistic="CUSUM""#, gaussian("Baseline", "0", "1")),
        (#"field="t" testStatistic="chiSquareDistribution""#, "<Baseline><CountTable/></Baseline>"),
        (#"field="t" testStatistic="chiSquareIndependence""#, counts),
        (
            #"field="t" testStatistic="chiSquareDistribution""#,
            #"<Baseline><CountTable><FieldValueCount field="t" value="a" count="-1"/></CountTable></Baseline>"#
        ),
        (
            #"field="t" testStatistic="chiSquareDistribution""#,
            "<Baseline><CountTable>" + String(repeating: #"<FieldValue field="t" value="a">"#, count: 500)
                + String(repeating: "</FieldValue>", count: 500) + "</CountTable></Baseline>"
        ),
    ])
    func `A document that cannot be tested against is refused`(attributes: String, content: String) {
        #expect(throws: PMMLError.self) { try Evaluator.load(baseline(attributes, content)) }
    }
}
