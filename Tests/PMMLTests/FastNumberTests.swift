import CScoring
import Testing

@testable import PMML

/// Repeatable weights between -2 and 2.
private struct Weights {
    var state: UInt64 = 11

    mutating func next() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(Int(state >> 40) - (1 << 23)) / Double(1 << 22)
    }
}

private let active = ["x", "y", "f", "n"].map { "<MiningField name=\"\($0)\"/>" }.joined()
private let probabilities = """
    <Output><OutputField name="p(p)" feature="probability" value="p" dataType="double"/>\
    <OutputField name="p(q)" feature="probability" value="q" dataType="float"/>\
    <OutputField name="best" feature="probability"/></Output>
    """

/// A regression model over x, y, d (derived, or x again), a 32-bit f and a whole n.
struct RegressionShape: CustomTestStringConvertible, Sendable {
    var normalisation: String
    /// 0 for regression.
    var categories = 0
    var math = "double"
    var target = "c"

    var testDescription: String { "\(normalisation) of \(categories) categories (\(target)), \(math)" }

    private static let derived = """
        <LocalTransformations><DerivedField name="d" optype="continuous" dataType="double">\
        <Apply function="/"><Apply function="-"><FieldRef field="x"/>\
        <Constant dataType="double">0.3</Constant></Apply><Constant dataType="double">1.7</Constant></Apply>\
        </DerivedField></LocalTransformations>
        """

    private var tables: String {
        var weights = Weights()
        return (0..<max(1, categories)).map { table in
            let category = categories > 0 ? "targetCategory=\"\(["p", "q", "r"][table])\"" : ""
            let terms = ["x", "y", math == "double" ? "d" : "x", "f", "n"].map {
                "<NumericPredictor name=\"\($0)\" coefficient=\"\(weights.next())\"/>"
            }
            return "<RegressionTable intercept=\"\(weights.next())\" \(category)>\(terms.joined())"
                + "</RegressionTable>"
        }.joined()
    }

    var text: [UInt8] {
        document(
            """
            <RegressionModel functionName="\(categories > 0 ? "classification" : "regression")"
            normalizationMethod="\(normalisation)" x-mathContext="\(math)"><MiningSchema>\(active)
            <MiningField name="\(categories > 0 ? target : "z")" usageType="target"/></MiningSchema>
            \(categories > 0 ? probabilities : "")\(math == "double" ? Self.derived : "")\(tables)
            </RegressionModel>
            """,
            fields: formFields + """
                <DataField name="o" optype="ordinal" dataType="string">\
                <Value value="p"/><Value value="q"/><Value value="r"/></DataField>
                """)
    }
}

/// A neural network over x, y, f and n.
struct NetworkShape: CustomTestStringConvertible, Sendable {
    var activation: String
    var normalisation = "none"
    var widths = [5]
    var isClassification = false

    var testDescription: String {
        "\(activation), \(normalisation), \(widths), \(isClassification ? "categories" : "a number")"
    }

    private var layers: String {
        var weights = Weights()
        var before = (0..<4).map { "in\($0)" }
        var text = ""
        for (index, width) in (widths + [isClassification ? 3 : 1]).enumerated() {
            let isLast = index == widths.count
            let names = (0..<width).map { "n\(index)-\($0)" }
            text += "<NeuralLayer \(isLast ? "activationFunction=\"identity\"" : "") "
            text += "normalizationMethod=\"\(isLast == isClassification ? normalisation : "none")\">"
            for name in names {
                let links = before.map { "<Con from=\"\($0)\" weight=\"\(weights.next())\"/>" }
                text += "<Neuron id=\"\(name)\" bias=\"\(weights.next())\">\(links.joined())</Neuron>"
            }
            text += "</NeuralLayer>"
            before = names
        }
        return text
    }

    private var outputs: String {
        let last = widths.count
        guard isClassification else {
            return """
                <NeuralOutput outputNeuron="n\(last)-0"><DerivedField optype="continuous" dataType="double">\
                <NormContinuous field="z"><LinearNorm orig="-3" norm="-1"/><LinearNorm orig="5" norm="1"/>\
                </NormContinuous></DerivedField></NeuralOutput>
                """
        }
        return ["p", "q", "r"].enumerated().map { place, category in
            """
            <NeuralOutput outputNeuron="n\(last)-\(place)">\
            <DerivedField optype="categorical" dataType="string"><NormDiscrete field="c" value="\(category)"/>\
            </DerivedField></NeuralOutput>
            """
        }.joined()
    }

    var text: [UInt8] {
        let inputs = ["x", "y", "f", "n"].enumerated().map { index, field in
            """
            <NeuralInput id="in\(index)"><DerivedField optype="continuous" dataType="double">\
            <FieldRef field="\(field)"/></DerivedField></NeuralInput>
            """
        }
        return document(
            """
            <NeuralNetwork functionName="\(isClassification ? "classification" : "regression")"
            activationFunction="\(activation)" threshold="0.2"><MiningSchema>\(active)
            <MiningField name="\(isClassification ? "c" : "z")" usageType="target"/></MiningSchema>
            \(isClassification ? probabilities : "")<NeuralInputs>\(inputs.joined())</NeuralInputs>
            \(layers)<NeuralOutputs>\(outputs)</NeuralOutputs></NeuralNetwork>
            """, fields: formFields)
    }
}

@Suite struct `Fast forms of regressions and networks` {
    private static let links = ["none", "softmax", "logit", "probit", "cloglog", "exp", "loglog", "cauchit"]

    static let regressions: [RegressionShape] =
        ["double", "float"].flatMap { math in
            links.map { RegressionShape(normalisation: $0, math: math) }
                + ["none", "softmax", "simplemax", "logit"].flatMap { method in
                    [2, 3].map { RegressionShape(normalisation: method, categories: $0, math: math) }
                }
                + ["probit", "cloglog", "loglog", "cauchit"].map {
                    RegressionShape(normalisation: $0, categories: 2, math: math)
                }
                + ["logit", "none", "cloglog"].map {
                    RegressionShape(normalisation: $0, categories: 3, math: math, target: "o")
                }
        }

    @Test(arguments: regressions)
    func `A regression answers as the general form, to the bit`(shape: RegressionShape) throws {
        let evaluator = try Evaluator.load(shape.text)
        #expect(evaluator.describeForms().contains("tables, dense"), "\(evaluator.describeForms())")
        expectSame(evaluator, formRows(evaluator))
    }

    static let activations = [
        "threshold", "logistic", "tanh", "identity", "exponential", "reciprocal", "square", "sine", "cosine",
        "arctan", "rectifier", "Gauss", "Elliott",
    ]

    static let networks: [NetworkShape] =
        activations.map { NetworkShape(activation: $0) }
        + ["none", "softmax", "simplemax"].flatMap { normalisation in
            [[1], [8], [9, 3], [40, 33]].flatMap { widths in
                [true, false].map {
                    NetworkShape(
                        activation: "logistic", normalisation: normalisation, widths: widths,
                        isClassification: $0)
                }
            }
        }

    @Test(arguments: networks)
    func `A network answers as the general form, to the bit`(shape: NetworkShape) throws {
        let evaluator = try Evaluator.load(shape.text)
        #expect(evaluator.describeForms().contains("matrix products"), "\(evaluator.describeForms())")
        expectSame(evaluator, formRows(evaluator))
    }

    /// Sums of floats, doubles and rows of either; masks of 16, 32 and 64 leaves, and walks; tables; layers.
    static let documents: [[UInt8]] =
        [
            EnsembleShape(trees: 40),
            EnsembleShape(trees: 20, depth: 5, strategy: "defaultChild", math: "float"),
            EnsembleShape(depth: 6, math: "float"),
            EnsembleShape(trees: 5, depth: 8, strategy: "defaultChild"),
            EnsembleShape(method: "weightedAverage", trees: 20, depth: 8, isCategorical: true),
            EnsembleShape(method: "weightedAverage", depth: 4, math: "float", isCategorical: true),
        ].map(\.text) + [
            RegressionShape(normalisation: "softmax", categories: 3).text,
            NetworkShape(activation: "tanh", widths: [40, 9], isClassification: true).text,
        ]

    @Test func `Every instruction set gives the bits of the general form`() throws {
        let best = cs_take_level(-1)
        defer { cs_take_level(-1) }
        for text in Self.documents {
            let evaluator = try Evaluator.load(text)
            let rows = formRows(evaluator)
            for level in 0...best {
                #expect(cs_take_level(level) == level)
                expectSame(evaluator, rows)
            }
        }
    }
}
