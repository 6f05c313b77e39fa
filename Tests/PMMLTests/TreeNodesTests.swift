import Testing

@testable import PMML

/// A packed node's predicate and answer.
private func packed(
    _ predicate: Predicate, _ answer: Result<Outcome, EvaluationError> = .success(.missing)
) -> TreeNodes.Node {
    var builder = TreeNodesBuilder()
    builder.append(predicate: predicate, hasScore: true, answer: answer)
    return builder.finish()[0]
}

private let operators: [Predicate.Operator] = [
    .equal, .notEqual, .lessThan, .lessOrEqual, .greaterThan, .greaterOrEqual,
]

/// Values on both sides of every constant, of every kind that a comparison treats in its own way.
private let values: [FieldValue] =
    [-1, -0.0, 0, 0.1, 0.5, 1, 5, 7, 1e-5, .nan, .infinity].flatMap { number -> [FieldValue] in
        [
            FieldValue(.double(number), .continuous), FieldValue(.float(Float(number)), .continuous),
            FieldValue(.double(number), .categorical),
        ]
    } + [
        FieldValue(.integer(5), .continuous), FieldValue(.integer(5), .categorical),
        FieldValue(.text("5"), .categorical), FieldValue(.text("0.1"), .categorical),
        FieldValue(.boolean(true), .categorical), .missing,
    ]

private func truth(_ predicate: (Frame) throws(EvaluationError) -> Truth, _ value: FieldValue) -> String {
    let frame = Frame(program: Program(definitions: [.given], orders: [], outcomeCount: 0))
    frame.set(0, value)
    do throws(EvaluationError) {
        return "\(try predicate(frame))"
    } catch {
        return "\(error)"
    }
}

@Suite struct `Packed trees` {
    @Test(arguments: [
        "5", "5.0", "0.1", "1e-05", "1.0E-5", "-0.0", "0.50", " 5", "abc", "true", "NaN", "1e400", "",
    ])
    func `Packed comparisons answer as the general ones, for every operator and value`(constant: String) {
        for comparison in operators {
            let predicate = Predicate.simple(slot: 0, comparison, Operand(constant))
            var predicates = TreePredicates()
            let code = predicates.add(predicate)
            for value in values {
                let expected = truth(
                    { (frame) throws(EvaluationError) in try predicate.evaluate(frame) }, value)
                let quick = truth(
                    { (frame) throws(EvaluationError) in try predicates.evaluate(code, frame) }, value)
                #expect(quick == expected, "\(value) \(comparison) \(constant)")
                let again = truth(
                    { (frame) throws(EvaluationError) in try predicates[code].evaluate(frame) }, value)
                #expect(again == expected, "\(value) \(comparison) \(constant)")
            }
        }
    }

    @Test func `Constants keep their spelling`() {
        for text in ["5", "5.0", "0.1", "1e-05", "1.0E-5", "0.50", "+5", "1E2", "12345678901234567890"] {
            guard
                case .simple(_, .lessThan, let operand) = packed(.simple(slot: 0, .lessThan, Operand(text)))
                    .predicate
            else {
                Issue.record("\(text) is no comparison any more")
                continue
            }
            #expect(operand.text == text)
        }
    }

    @Test(arguments: ["17", "0", "017", "a", "", "4294967295", "-1", nil] as [String?])
    func `Ids of nodes come back as they were`(id: String?) {
        var ids = EntityIds()
        let other = ids.add("other")
        let code = ids.add(id)
        #expect(ids.compacted()[code] == id)
        #expect(ids[other] == "other")
    }

    @Test func `Answers come back as they were`() throws {
        let categories = try Categories(texts: ["a", "b"], type: .string)
        func distribution(_ scores: [Double]) -> Distribution {
            Distribution(categories: categories, scores: scores)
        }
        func choice(_ value: String, _ confidence: [Double]) -> Prediction {
            Prediction(
                value: FieldValue(.text(value), .categorical), probability: distribution([0.25, 0.75]),
                confidence: distribution(confidence), entity: Prediction.Entity(id: "n"))
        }
        let entity = Prediction.Entity(id: "7")
        let answers: [Result<Outcome, EvaluationError>] = [
            .success(.full(Prediction(value: FieldValue(.double(1.5), .continuous), entity: entity))),
            .success(.full(Prediction(value: FieldValue(.float(0.1), .continuous), entity: entity))),
            .success(.full(Prediction(value: FieldValue(.double(-2), .continuous), entity: entity))),
            .success(.full(choice("a", [0, 0]))), .success(.full(choice("b", [0.5, 0.125]))),
            .success(.full(choice("a", [1, 0]))), .success(.missing),
            .success(.plain(FieldValue(.integer(3), .continuous))), .failure(.notANumber("x")),
            .success(.full(Prediction(value: FieldValue(.text("a"), .categorical), entity: entity))),
        ]
        var builder = TreeNodesBuilder()
        for answer in answers { builder.append(predicate: .always, hasScore: true, answer: answer) }
        for (node, expected) in zip(builder.finish(), answers) {
            #expect(text(node.answer) == text(expected))
        }
    }

    private func text(_ answer: Result<Outcome, EvaluationError>) -> String {
        switch answer {
        case .failure(let error): return "\(error)"
        case .success(let outcome):
            let prediction = outcome.prediction
            return "\(outcome.value) \(String(describing: prediction?.probability?.scores)) "
                + "\(String(describing: prediction?.confidence?.scores)) \(String(describing: prediction?.entity))"
        }
    }

    @Test func `Nodes keep their children, default child and implicit ids in document order`() throws {
        let evaluator = try Evaluator.load(
            document(
                """
                <TreeModel functionName="regression"><MiningSchema><MiningField name="x"/></MiningSchema>
                <Output><OutputField name="node" feature="entityId"/></Output>
                <Node score="1" defaultChild="b"><True/>
                <Node id="a" score="2"><SimplePredicate field="x" operator="lessThan" value="1"/>
                <Node score="3"><SimplePredicate field="x" operator="lessThan" value="0"/></Node>
                <Node score="4"><True/></Node></Node>
                <Node id="b" score="5"><True/><Node score="6"><True/></Node></Node>
                </Node></TreeModel>
                """))
        let tree = try #require(evaluator.unit.scoring as? Tree)
        #expect(tree.nodes.map(\.childCount) == [2, 2, 1, 0, 0, 0])
        #expect(tree.nodes.map(\.firstChild) == [1, 3, 5, 0, 0, 0])
        #expect(tree.nodes.map(\.defaultChild) == [2, nil, nil, nil, nil, nil])
        #expect(try answer(evaluator, ["x": "-1"])["node"] == .text("3"))
        #expect(try answer(evaluator, ["x": "0.5"])["node"] == .text("4"))
        #expect(try answer(evaluator, ["x": "1"])["node"] == .text("6"))
    }
}
