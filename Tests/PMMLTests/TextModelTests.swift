import PMML
import Testing

private let matrix = """
    <Matrix nbRows="3" nbCols="3"><Array type="real">1 2 0</Array><Array type="real">0 1 1</Array>
    <Array type="real">3 0 1</Array></Matrix>
    """

/// Three documents over the terms `apple`, `red wine` and `pear`; `t` holds the text.
private func corpus(
    normalisation: String = "", similarity: String = "cosine", matrix: String = matrix,
    fields: String = #"<MiningField name="t"/>"#, terms: String = #"3" numberOfDocuments="3"#
) -> [UInt8] {
    document(
        """
        <TextModel functionName="clustering" numberOfTerms="\(terms)"><MiningSchema>\(fields)</MiningSchema>
        <Output><OutputField name="best" feature="entityId"/>
        <OutputField name="first" feature="affinity" value="d1"/>
        <OutputField name="second" feature="affinity" value="d2"/>
        <OutputField name="third" feature="affinity" value="d3"/>
        <OutputField name="next" feature="entityId" rank="2"/></Output>
        <TextDictionary><Array type="string">apple "red wine" pear</Array></TextDictionary>
        <TextCorpus><TextDocument id="d1"/><TextDocument id="d2"/><TextDocument id="d3"/></TextCorpus>
        <DocumentTermMatrix>\(matrix)</DocumentTermMatrix>
        <TextModelNormalization \(normalisation)/>
        <TextModelSimiliarity similarityType="\(similarity)"/></TextModel>
        """,
        fields: ["apple", "pear"].map { #"<DataField name="\#($0)" optype="continuous" dataType="double"/>"# }
            .joined())
}

private func number(_ value: ResultValue?) -> Double {
    if case .double(let number) = value { return number }
    return .nan
}

/// Numbers by numpy, from the formulas of the type's documentation, for the counts 2, 1 and 1.
private let weightings: [(local: String, global: String, document: String, similarity: String, [Double])] = [
    ("termFrequency", "none", "none", "euclidean", [1.7320508075688772, 2.0, 1.4142135623730951]),
    (
        "binary", "inverseDocumentFrequency", "none", "euclidean",
        [
            0.17609125905568124, 0.17609125905568124, 0.17609125905568124,
        ]
    ),
    (
        "logarithmic", "GFIDF", "none", "cosine",
        [0.8743491333019514, 0.49435802013862284, 0.9098127455064033]
    ),
    (
        "augmentedNormalizedTermFrequency", "normal", "cosine", "euclidean",
        [
            0.8572594055538837, 0.46257791412608373, 0.4950171136157957,
        ]
    ),
    (
        "termFrequency", "probabilisticInverse", "cosine", "cosine",
        [
            0.7302967433402215, 0.577350269189626, 0.9036961141150642,
        ]
    ),
    (
        "logarithmic", "inverseDocumentFrequency", "cosine", "euclidean",
        [
            0.638282374554712, 0.817591925463192, 0.4941310296005099,
        ]
    ),
]

@Suite struct `Text models` {
    @Test(arguments: weightings.indices)
    func `A text is weighted and compared like the documents`(index: Int) throws {
        let (local, global, documents, similarity, expected) = weightings[index]
        let evaluator = try Evaluator.load(
            corpus(
                normalisation: #"localTermWeights="\#(local)" globalTermWeights="\#(global)" "#
                    + #"documentNormalization="\#(documents)""#, similarity: similarity))
        #expect(evaluator.summary == "Text model")
        let found = try answer(evaluator, ["t": "Apple, red wine: a pear with an apple."])
        for (name, value) in zip(["first", "second", "third"], expected) {
            #expect(abs(number(found[name]) - value) < 1e-12)
        }
        let best = similarity == "cosine" ? expected.max() : expected.min()
        let position = expected.firstIndex { $0 == best }.map { "d\($0 + 1)" }
        #expect(found["best"] == position.map { .text($0) })
        #expect(found["_target"] == found["best"])
    }

    @Test func `Fields named like terms hold their counts`() throws {
        let evaluator = try Evaluator.load(
            corpus(
                normalisation: #"globalTermWeights="none""#,
                fields: #"<MiningField name="apple"/><MiningField name="pear"/>"#))
        #expect(try answer(evaluator, ["apple": "3", "pear": "1"])["best"] == .text("d3"))
        #expect(throws: EvaluationError.self) { try answer(evaluator, ["apple": "-1"]) }
    }

    @Test func `A text without any term is like no document, a missing one has no answer`() throws {
        let evaluator = try Evaluator.load(corpus())
        #expect(try answer(evaluator, ["t": "water"])["first"] == .double(0))
        #expect(try answer(evaluator, [:]) == ["_target": .missing])
    }

    @Test func `Matrix cells not listed have the default`() throws {
        let cells = """
            <Matrix nbRows="3" nbCols="3" offDiagDefault="0" diagDefault="1">
            <MatCell row="1" col="2">2</MatCell></Matrix>
            """
        let evaluator = try Evaluator.load(
            corpus(normalisation: #"globalTermWeights="none""#, similarity: "euclidean", matrix: cells))
        let found = try answer(evaluator, ["t": "apple"])
        #expect(found["first"] == .double(2))
        #expect(found["second"] == .double(2.0.squareRoot()))
    }

    @Test(arguments: [
        corpus(terms: #"4" numberOfDocuments="3"#), corpus(terms: #"3" numberOfDocuments="-1"#),
        corpus(normalisation: #"localTermWeights="other""#), corpus(similarity: "jaccard"),
        corpus(matrix: #"<Matrix nbRows="2000000000" nbCols="2000000000"/>"#), corpus(matrix: ""),
        corpus(matrix: #"<Matrix><Array>1 2 3</Array></Matrix>"#),
        corpus(matrix: #"<Matrix><MatCell row="0" col="1">1</MatCell></Matrix>"#),
        corpus(matrix: #"<Matrix><MatCell row="1" col="4">1</MatCell></Matrix>"#),
        corpus(matrix: #"<Matrix><MatCell row="1" col="1">-1</MatCell></Matrix>"#),
        corpus(matrix: #"<Matrix><MatCell row="1" col="1">NaN</MatCell></Matrix>"#),
        corpus(
            normalisation: #"globalTermWeights="probabilisticInverse""#,
            matrix: #"<Matrix offDiagDefault="1"/>"#), corpus(fields: #"<MiningField name="x"/>"#),
    ])
    func `A document that makes no corpus is refused`(bytes: [UInt8]) {
        #expect(throws: PMMLError.self) { try Evaluator.load(bytes) }
    }
}
