import PMML
import Testing

/// Predictor 0.5 - 0.25 x + 0.75 [t = q], unless the cells say otherwise.
private func model(
    _ attributes: String, isRegression: Bool = true, power: String = "1",
    cells: String = """
    <PCell parameterName="p0" beta="0.5"/><PCell parameterName="p1" beta="-0.25"/>
    <PCell parameterName="p2" beta="0.75"/>
    """, output: String = ""
) -> [UInt8] {
    document(
        """
        <GeneralRegressionModel functionName="\(isRegression ? "regression" : "classification")" \(attributes)>
        <MiningSchema><MiningField name="x"/><MiningField name="t"/>
        <MiningField name="\(isRegression ? "y" : "c")" usageType="target"/></MiningSchema>\(output)
        <ParameterList><Parameter name="p0"/><Parameter name="p1"/><Parameter name="p2"/></ParameterList>
        <FactorList><Predictor name="t"/></FactorList><CovariateList><Predictor name="x"/></CovariateList>
        <PPMatrix><PPCell value="\(power)" predictorName="x" parameterName="p1"/>
        <PPCell value="q" predictorName="t" parameterName="p2"/></PPMatrix>
        <ParamMatrix>\(cells)</ParamMatrix></GeneralRegressionModel>
        """,
        fields: """
            <DataField name="c" optype="categorical" dataType="string"><Value value="A"/><Value value="B"/>\
            <Value value="C"/></DataField>
            """)
}

private func agree(_ value: ResultValue?, _ expected: Double) -> Bool {
    guard case .double(let number)? = value else { return false }
    return abs(number - expected) <= 1e-9 * abs(expected)
}

@Suite struct `General regression` {
    // At predictor 1 and 0.375; the numbers are JPMML-Evaluator's.
    @Test(arguments: [
        ("linkFunction=\"identity\"", 1, 0.375),
        ("linkFunction=\"log\"", 2.718281828459045, 1.4549914146182013),
        ("linkFunction=\"logc\"", -1.718281828459045, -0.45499141461820125),
        ("linkFunction=\"logit\"", 0.7310585786300049, 0.5926665999540697),
        ("linkFunction=\"cloglog\"", 0.9340119641546875, 0.7665976322590108),
        ("linkFunction=\"loglog\"", 0.6922006275553464, 0.5029375464134954),
        ("linkFunction=\"probit\"", 0.841344746068543, 0.6461697666727237),
        ("linkFunction=\"negbin\" distParameter=\"2\"", -0.7909883534346632, -1.5989218344253089),
        ("linkFunction=\"oddspower\" linkParameter=\"2\"", 0.6339745962155614, 0.5694991259569395),
        ("linkFunction=\"power\" linkParameter=\"2\"", 1, 0.6123724356957945),
    ])
    func `Each link turns the predictor into a mean`(link: String, one: Double, other: Double) throws {
        let evaluator = try Evaluator.load(model("modelType=\"generalizedLinear\" \(link)"))
        #expect(agree(try answer(evaluator, ["x": "1", "t": "q"])["y"], one))
        #expect(agree(try answer(evaluator, ["x": "0.5", "t": "w"])["y"], other))
    }

    @Test(arguments: ["regression", "generalLinear"])
    func `Covariates have powers and factors have values`(type: String) throws {
        let evaluator = try Evaluator.load(model("modelType=\"\(type)\"", power: "2"))
        #expect(agree(try answer(evaluator, ["x": "-2", "t": "q"])["y"], 0.25))
        #expect(agree(try answer(evaluator, ["x": "0.5", "t": "w"])["y"], 0.4375))
    }

    @Test(arguments: [["t": "q"], ["x": "1"], [:]])
    func `A missing predictor leaves no answer`(row: [String: String]) throws {
        #expect(try answer(try Evaluator.load(model("modelType=\"regression\"")), row) == ["y": .missing])
    }

    private static let ordinalCells = """
        <PCell targetCategory="A" parameterName="p0" beta="0.5"/>
        <PCell targetCategory="B" parameterName="p0" beta="1.5"/>
        <PCell parameterName="p1" beta="-0.25"/><PCell parameterName="p2" beta="0.75"/>
        """
    private static let probabilities = """
        <Output><OutputField name="a" feature="probability" value="A"/>
        <OutputField name="b" feature="probability" value="B"/></Output>
        """

    @Test(arguments: [
        ("logit", 0.7310585786300049, 0.14973849934787742),
        ("probit", 0.841344746068543, 0.13590512198327775),
        ("cloglog", 0.9340119641546875, 0.0653700568559814),
        ("loglog", 0.6922006275553464, 0.18122239093777026),
        ("cauchit", 0.75, 0.10241638234956674),
    ])
    func `Ordinal categories share the cumulative link's steps`(link: String, a: Double, b: Double) throws {
        let evaluator = try Evaluator.load(
            model(
                "modelType=\"ordinalMultinomial\" cumulativeLink=\"\(link)\"", isRegression: false,
                cells: Self.ordinalCells, output: Self.probabilities))
        let actual = try answer(evaluator, ["x": "1", "t": "q"])
        #expect(actual["c"] == .text("A"))
        #expect(agree(actual["a"], a))
        #expect(agree(actual["b"], b))
    }

    @Test func `Ordinal regression without a cumulative link fails every row that has its fields`() throws {
        let evaluator = try Evaluator.load(
            model("modelType=\"ordinalMultinomial\"", isRegression: false, cells: Self.ordinalCells))
        #expect(failure { try answer(evaluator, ["x": "1", "t": "q"]) }?.kind == .modelFault)
        #expect(try answer(evaluator, [:]) == ["c": .missing])
    }
}
