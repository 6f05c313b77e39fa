import PMML
import Testing

/// Vectors v0 to v3 over x and an indicator of t = "q".
private let dictionary = """
    <VectorDictionary><VectorFields><FieldRef field="x"/>\
    <CategoricalPredictor name="t" value="q" coefficient="1"/></VectorFields>
    \(vector("v0", "0 1"))\(vector("v1", "1 0"))\(vector("v2", "2 1"))\(vector("v3", "-1 0"))
    </VectorDictionary>
    """

private func vector(_ id: String, _ entries: String) -> String {
    """
    <VectorInstance id="\(id)"><REAL-SparseArray n="2"><Indices>1 2</Indices>\
    <REAL-Entries>\(entries)</REAL-Entries></REAL-SparseArray></VectorInstance>
    """
}

private func machine(
    _ attributes: String = "", _ vectors: [String] = ["v0", "v1"], _ coefficients: [String] = ["1", "-0.8"],
    bias: String = "0.1"
) -> String {
    let vectors = vectors.map { "<SupportVector vectorId=\"\($0)\"/>" }.joined()
    let coefficients = coefficients.map { "<Coefficient value=\"\($0)\"/>" }.joined()
    return """
        <SupportVectorMachine \(attributes)><SupportVectors>\(vectors)</SupportVectors>
        <Coefficients absoluteValue="\(bias)">\(coefficients)</Coefficients></SupportVectorMachine>
        """
}

private func model(
    _ machines: [String], _ attributes: String = "", isRegression: Bool = false,
    kernel: String = "<LinearKernelType/>", output: String = "", vectors: String = dictionary
) -> [UInt8] {
    document(
        """
        <SupportVectorMachineModel functionName="\(isRegression ? "regression" : "classification")" \(attributes)>
        <MiningSchema><MiningField name="x"/><MiningField name="t"/>
        <MiningField name="\(isRegression ? "y" : "c")" usageType="target"/></MiningSchema>\(output)
        \(kernel)\(vectors)\(machines.joined())
        </SupportVectorMachineModel>
        """, fields: "<DataField name=\"c\" optype=\"categorical\" dataType=\"string\"/>")
}

private let against: [String: [String]] = [
    "all": [
        machine("targetCategory=\"A\"", bias: "0"),
        machine("targetCategory=\"B\"", ["v1", "v2"], ["0.7", "-0.8"]),
        machine("targetCategory=\"C\"", ["v2", "v3"], ["0.4", "-0.8"], bias: "0.2"),
    ],
    "one": [
        machine("targetCategory=\"A\" alternateTargetCategory=\"B\"", bias: "0"),
        machine("targetCategory=\"A\" alternateTargetCategory=\"C\"", ["v1", "v2"], ["0.7", "-0.8"]),
        machine(
            "targetCategory=\"B\" alternateTargetCategory=\"C\"", ["v2", "v3"], ["0.4", "-0.8"], bias: "0.2"),
    ],
]

private func number(_ value: ResultValue?) -> Double? {
    if case .double(let number)? = value { return number }
    return nil
}

@Suite struct `Support vector machines` {
    // The numbers are JPMML-Evaluator's.
    @Test(arguments: [
        ("<LinearKernelType/>", [1.1, -0.7000000000000001, 2.7]),
        (
            "<PolynomialKernelType gamma=\"0.5\" coef0=\"1\" degree=\"3\"/>",
            [2.6750000000000003, -1.6, 3.475]
        ),
        ("<PolynomialKernelType/>", [1.3, -0.5000000000000001, 2.9]),
        (
            "<RadialBasisKernelType gamma=\"0.5\"/>",
            [0.8056964470628462, -0.33212055882855773, 0.22994492563734434]
        ),
        ("<RadialBasisKernelType/>", [0.9917317734107098, -0.5646647167633874, 0.11827931894492419]),
        (
            "<SigmoidKernelType gamma=\"0.5\" coef0=\"0.3\"/>",
            [0.5309866803065764, -0.13991680376268842, 1.2475309919615802]
        ),
        ("<SigmoidKernelType/>", [0.454752255311205, 0.09037209189511133, 1.6733029048404289]),
    ])
    func `Each kernel weighs the support vectors`(kernel: String, expected: [Double]) throws {
        let evaluator = try Evaluator.load(model([machine()], isRegression: true, kernel: kernel))
        for ((x, t), expected) in zip([("0", "q"), ("1", "w"), ("-2", "q")], expected) {
            let actual = try #require(number(try answer(evaluator, ["x": x, "t": t])["y"]))
            #expect(abs(actual - expected) <= 1e-12 * abs(expected))
        }
    }

    @Test(arguments: [
        ("all", "", ["B", "B", "C"]), ("all", "maxWins=\"true\"", ["A", "C", "A"]),
        ("one", "classificationMethod=\"OneAgainstOne\"", ["B", "A", "B"]),
        ("one", "classificationMethod=\"OneAgainstOne\" maxWins=\"true\"", ["A", "B", "A"]),
        ("one", "classificationMethod=\"OneAgainstOne\" threshold=\"9\"", ["A", "A", "A"]),
        ("one", "", ["A", "A", "B"]),
    ])
    func `Categories compete as the model says`(kind: String, method: String, expected: [String]) throws {
        let evaluator = try Evaluator.load(model(try #require(against[kind]), method))
        let rows = [("0", "q"), ("1", "w"), ("-2", "q")]
        let actual = try rows.map { try answer(evaluator, ["x": $0.0, "t": $0.1])["c"] }
        #expect(actual == expected.map { .text($0) })
    }

    @Test func `A machine's own threshold comes before the model's`() throws {
        let own = machine("targetCategory=\"A\" alternateTargetCategory=\"B\" threshold=\"-1\"")
        let evaluator = try Evaluator.load(
            model([own], "classificationMethod=\"OneAgainstOne\" threshold=\"5\""))
        #expect(try answer(evaluator, ["x": "0", "t": "q"])["c"] == .text("B"))
    }

    // One against one; `bias` is the number that the machine answers with.
    @Test(arguments: [("1", "A"), ("0.5", "A"), ("1.49", "A"), ("0", "Z"), ("0.49", "Z"), ("-0.5", "Z")])
    func `A binary alternate stands for zero`(bias: String, expected: String) throws {
        let only = machine("targetCategory=\"A\"", ["v0"], ["0"], bias: bias)
        let attributes = "classificationMethod=\"OneAgainstOne\" alternateBinaryTargetCategory=\"Z\""
        let evaluator = try Evaluator.load(model([only], attributes))
        #expect(try answer(evaluator, ["x": "0", "t": "q"])["c"] == .text(expected))
    }

    @Test func `Votes are probabilities`() throws {
        let output = """
            <Output><OutputField name="a" feature="probability" value="A"/>
            <OutputField name="b" feature="probability"/><OutputField name="z" feature="probability" value="Z"/>
            </Output>
            """
        let machines = try #require(against["one"])
        let evaluator = try Evaluator.load(
            model(machines, "classificationMethod=\"OneAgainstOne\"", output: output))
        let actual = try answer(evaluator, ["x": "-2", "t": "q"])
        #expect(actual == ["c": .text("B"), "a": .double(0), "b": .double(2.0 / 3), "z": .double(0)])
    }

    @Test func `One against all has no probability`() throws {
        let output = "<Output><OutputField name=\"p\" feature=\"probability\"/></Output>"
        let evaluator = try Evaluator.load(model(try #require(against["all"]), output: output))
        #expect(failure { try answer(evaluator, ["x": "0", "t": "q"]) }?.kind == .type)
    }

    @Test(arguments: [["x": "1"], ["t": "q"], [:]])
    func `Every field must have a value`(row: [String: String]) throws {
        let evaluator = try Evaluator.load(model([machine()], isRegression: true))
        #expect(failure { try answer(evaluator, row) }?.kind == .missingValue)
    }

    @Test func `Coefficients alone weigh the fields`() throws {
        let linear = """
            <SupportVectorMachine><Coefficients absoluteValue="0.5"><Coefficient value="2"/><Coefficient value="3"/>
            </Coefficients></SupportVectorMachine>
            """
        let evaluator = try Evaluator.load(
            model([linear], "svmRepresentation=\"Coefficients\"", isRegression: true))
        #expect(try answer(evaluator, ["x": "4", "t": "q"])["y"] == .double(11.5))
    }

    @Test(arguments: [
        model([machine("", ["v0", "v9"])], isRegression: true),
        model([machine("", ["v0"])], isRegression: true),
        model([machine()], isRegression: true, kernel: ""),
        model([machine(), machine()], isRegression: true),
        model([machine()]),
        model(
            [machine()], isRegression: true,
            vectors: dictionary.replacing("coefficient=\"1\"", with: "coefficient=\"2\"")),
    ])
    func `A fault of the machines is a warning, and fails the rows`(bytes: [UInt8]) throws {
        let evaluator = try Evaluator.load(bytes)
        #expect(failure { try answer(evaluator, ["x": "0", "t": "q"]) }?.kind == .modelFault)
    }

    @Test(arguments: [
        "<REAL-SparseArray n=\"3\"/>", "<Array n=\"1\" type=\"real\">1</Array>", "<Extension/>",
        "<REAL-SparseArray n=\"2\"><Indices>1 3</Indices><REAL-Entries>1 1</REAL-Entries></REAL-SparseArray>",
        "<REAL-SparseArray n=\"2\"><Indices>1 2</Indices><REAL-Entries>1</REAL-Entries></REAL-SparseArray>",
    ])
    func `A vector that does not fit the fields is refused`(content: String) {
        let vectors = """
            <VectorDictionary><VectorFields><FieldRef field="x"/><FieldRef field="t"/></VectorFields>
            <VectorInstance id="v0">\(content)</VectorInstance></VectorDictionary>
            """
        #expect(throws: PMMLError.self) {
            try Evaluator.load(
                model([machine("", ["v0"], ["1"])], isRegression: true, vectors: vectors))
        }
    }

    @Test func `Indices that are left out take the default`() throws {
        let vectors = """
            <VectorDictionary><VectorFields><FieldRef field="x"/><CategoricalPredictor name="t" value="q" \
            coefficient="1"/></VectorFields><VectorInstance id="v0"><REAL-SparseArray n="2" defaultValue="3">
            <Indices>2</Indices><REAL-Entries>1</REAL-Entries></REAL-SparseArray></VectorInstance>
            </VectorDictionary>
            """
        let evaluator = try Evaluator.load(
            model([machine("", ["v0"], ["1"], bias: "0")], isRegression: true, vectors: vectors))
        #expect(try answer(evaluator, ["x": "2", "t": "q"])["y"] == .double(7))
    }
}
