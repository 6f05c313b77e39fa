import Testing

@testable import PMML

private let schema = #"<MiningSchema><MiningField name="x"/></MiningSchema>"#

/// The faults that a document is refused for.
private func refusal(_ body: String, fields: String = "") -> [String] {
    do throws(PMMLError) {
        _ = try Evaluator.load(document(body, fields: fields))
        return []
    } catch {
        guard case .invalid(let faults) = error else { return ["\(error)"] }
        return faults.filter { $0.severity == .error }.map(\.message)
    }
}

/// A leaf each for `count` categories: every leaf has a place for every category.
private func leaves(_ count: Int) -> String {
    let nodes = (0..<count).map {
        """
        <Node score="c\($0)"><True/><ScoreDistribution value="c\($0)" recordCount="1" probability="1"/></Node>
        """
    }
    return """
        <TreeModel functionName="classification">\(schema)<Node score="c0"><True/>\(nodes.joined())</Node>
        </TreeModel>
        """
}

/// As many sparse vectors as fields, all of them empty.
private func vectors(_ count: Int) -> String {
    let fields = String(repeating: #"<FieldRef field="x"/>"#, count: count)
    let instances = (0..<count).map {
        #"<VectorInstance id="v\#($0)"><REAL-SparseArray n="\#(count)"/></VectorInstance>"#
    }
    return """
        <SupportVectorMachineModel functionName="regression">\(schema)<LinearKernelType/><VectorDictionary>
        <VectorFields>\(fields)</VectorFields>\(instances.joined())</VectorDictionary><SupportVectorMachine>
        <SupportVectors><SupportVector vectorId="v0"/></SupportVectors><Coefficients><Coefficient value="1"/>
        </Coefficients></SupportVectorMachine></SupportVectorMachineModel>
        """
}

/// As many training rows of one column as inputs that read it.
private func neighbours(_ count: Int) -> String {
    let inputs = String(repeating: #"<KNNInput field="x"/>"#, count: count)
    let rows = String(repeating: "<row><x>1</x><y>2</y></row>", count: count)
    return """
        <NearestNeighborModel functionName="regression" numberOfNeighbors="1"><MiningSchema>
        <MiningField name="x"/><MiningField name="y" usageType="target"/></MiningSchema><TrainingInstances>
        <InstanceFields><InstanceField field="x"/><InstanceField field="y"/></InstanceFields>
        <InlineTable>\(rows)</InlineTable></TrainingInstances><ComparisonMeasure kind="distance"><euclidean/>
        </ComparisonMeasure><KNNInputs>\(inputs)</KNNInputs></NearestNeighborModel>
        """
}

@Suite struct `Bounds of documents` {
    @Test func `An error is met however many warnings came before it`() {
        let outputs = (0..<1100).map {
            #"<OutputField name="o\#($0)" feature="entityId" rank="0"/>"#
        }
        let body = """
            <MiningModel functionName="regression">\(schema)<Segmentation multipleModelMethod="sum">
            <Segment><True/><RegressionModel functionName="regression">\(schema)
            <Output>\(outputs.joined())</Output><RegressionTable intercept="1"/></RegressionModel></Segment>
            <Segment><True/><RegressionModel functionName="regression">\(schema)
            <RegressionTable intercept="1">
            <NumericPredictor name="x" coefficient="one"/></RegressionTable></RegressionModel></Segment>
            </Segmentation></MiningModel>
            """
        #expect(refusal(body).contains { $0.hasPrefix("attribute coefficient is \"one\"") })
    }

    @Test(arguments: [leaves(4200), vectors(4200), neighbours(2100)])
    func `What a small document says sparsely fills no more than a bounded number of cells`(body: String) {
        #expect(refusal(body).contains("the tables of the document would have more than 16777216 cells"))
    }

    @Test(arguments: [leaves(40), vectors(40), neighbours(40)])
    func `What is a little sparse is laid out densely`(body: String) throws {
        let evaluator = try Evaluator.load(document(body))
        #expect(throws: Never.self) { try answer(evaluator, ["x": "1"]) }
    }

    @Test func `The check of the grammar ends after many faults, and says so`() throws {
        let body = "<Header>" + String(repeating: "<Nodd/>", count: 3000) + "</Header>"
        let read = try XMLReader.read(document(body), limits: PMMLLimits())
        let faults = GrammarCheck(read).faults
        #expect(faults.count == 1001)
        #expect(faults.last?.message == "more than 1000 faults; the check ends here")
    }

    @Test func `A node of a network has a bounded number of values`() {
        let values = (0...BayesianNetwork.cellsMax).map {
            #"<ValueProbability value="v\#($0)" probability="0"/>"#
        }
        let body = """
            <BayesianNetworkModel functionName="classification"><MiningSchema>
            <MiningField name="t" usageType="target"/></MiningSchema><BayesianNetworkNodes>
            <DiscreteNode name="t">\(values.joined())</DiscreteNode></BayesianNetworkNodes>
            </BayesianNetworkModel>
            """
        #expect(refusal(body) == ["the node has more than 65536 values"])
    }

    @Test func `A short pattern makes no long number`() throws {
        let long = String(repeating: "%1$1000d", count: 100)
        #expect(
            try given(document(output: apply("formatNumber", ["i", "'\(long)'"])), ["i": "7"])
                == .error(.type))
    }

    @Test func `Only whole units of UTF-16 are marks of XML`() {
        // Byte 0x22 of the first letter is no quote, byte 0x3E of the second no end of the tag.
        let text = "<a b=\"\u{122}\u{13E}X\" c=\"\" d=\"\">"
        for (width, isLittle) in [(XMLEncoding.Width.little, true), (.big, false)] {
            let bytes = text.utf16.flatMap { unit in
                isLittle ? [UInt8(unit & 0xFF), UInt8(unit >> 8)] : [UInt8(unit >> 8), UInt8(unit & 0xFF)]
            }
            for cut in bytes.indices {
                var few = TagGuard(attributesMax: 2, width: width)
                #expect(!(few.admits(bytes[..<cut]) && few.admits(bytes[cut...])), "\(width) \(cut)")
                var enough = TagGuard(attributesMax: 3, width: width)
                #expect(enough.admits(bytes[..<cut]) && enough.admits(bytes[cut...]), "\(width) \(cut)")
            }
        }
    }
}

@Suite struct `Bounds of rows` {
    /// One set of many items, or of one item many times, over a group of as many events.
    private func sequences(_ items: [String]) -> [UInt8] {
        document(
            """
            <SequenceModel functionName="sequences"><MiningSchema><MiningField name="g" usageType="group"/>
            <MiningField name="t"/></MiningSchema><Output>
            <OutputField name="o" feature="antecedent" algorithm="recommendation"/></Output>
            <SetPredicate id="s" field="t" operator="supersetOf"><Array type="string">
            \(items.joined(separator: " "))</Array></SetPredicate>
            <Sequence id="q"><SetReference setId="s"/></Sequence>
            <SequenceRule id="r" confidence="0.5" support="0.25"><AntecedentSequence>
            <SequenceReference seqId="q"/></AntecedentSequence>
            <Delimiter delimiter="acrossTimeWindows" gap="true"/><ConsequentSequence>
            <SequenceReference seqId="q"/></ConsequentSequence></SequenceRule></SequenceModel>
            """, fields: #"<DataField name="g" optype="categorical" dataType="string"/>"#)
    }

    private func group(_ evaluator: Evaluator, _ values: [String]) -> Result<[String: ResultValue], any Error>
    {
        let rows = values.map { value in
            var row = Row(count: evaluator.slotCount)
            for (name, text) in [("g", "one"), ("t", value)] {
                if let slot = evaluator.slot(of: name) { row.values[slot] = .text(text) }
            }
            return row
        }
        return Result {
            guard let row = evaluator.merge(groups: rows).first?.row else { return [:] }
            let fields = try evaluator.evaluate(row).fields
            return Dictionary(fields.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last })
        }
    }

    @Test func `An item that a set names twice is one`() throws {
        let evaluator = try Evaluator.load(sequences(["a", "a", "a"]))
        #expect(try group(evaluator, ["a"]).get()["o"] == .list([.text("a")]))
    }

    @Test func `A long group is not compared with a set of many items`() throws {
        let evaluator = try Evaluator.load(sequences((0..<30_000).map { "i\($0)" }))
        #expect(throws: EvaluationError.self) {
            try group(evaluator, (0..<3_000).map { "i\($0)" }).get()
        }
        #expect(throws: Never.self) { try group(evaluator, ["i0"]).get() }
    }

    /// Events over a table with a value for each of `values`.
    private func count(_ values: [String], _ events: [Value]) throws -> [Double] {
        let table = CountTable(
            fields: ["t"], values: [values.map(Operand.init)],
            cells: values.indices.map { CountTable.Cell(positions: [$0], count: 1) })
        return try table.counts(events.map { BaselineEvent(values: [$0], weight: 1) })
    }

    @Test func `Many events find their texts in a large table`() throws {
        let texts = (0..<5_000).map { "v\($0)" }
        #expect(try count(texts, texts.map(Value.text)) == texts.map { _ in 1 })
        #expect(throws: EvaluationError.self) { try count(texts, [.text("w")]) }
    }

    @Test func `Many numbers are not compared with a large table`() throws {
        let texts = (0..<5_000).map { "\($0)" }
        #expect(throws: EvaluationError.self) {
            try count(texts, Array(repeating: .integer(4_999), count: 2_000))
        }
        #expect(try count(texts, [.integer(7), .integer(7), .double(4_000)]).reduce(0, +) == 3)
    }

    /// A cause with two states and `effects` observed effects, each as likely in both.
    private func inference(effects: Int) -> BayesianInference {
        let states = ["a", "b"].map(Operand.init)
        var nodes = [
            BayesianNetwork.Node(
                name: "cause", slot: nil, parents: [],
                kind: .discrete(states: states, probabilities: [0.25, 0.75]))
        ]
        for index in 0..<effects {
            nodes.append(
                BayesianNetwork.Node(
                    name: "effect\(index)", slot: nil, parents: [0],
                    kind: .discrete(states: states, probabilities: [0.5, 0.5, 0.5, 0.5])))
        }
        return BayesianInference(
            network: BayesianNetwork(
                nodes: nodes, order: Array(nodes.indices),
                ancestors: nodes.indices.map { $0 == 0 ? [] : [0] }, queries: []),
            observations: nodes.indices.map { $0 == 0 ? .none : .state(0) },
            frame: Frame(program: Program(definitions: [], orders: [], outcomeCount: 0)))
    }

    @Test func `Inference counts each table that it multiplies, for all targets of a row together`() throws {
        var inference = inference(effects: 10)
        for query in 1...3 {
            guard case .discrete(let probabilities) = try inference.run(0) else {
                Issue.record("no probabilities")
                return
            }
            #expect(probabilities.map { ($0 * 1000).rounded() } == [250, 750])
            // Eleven tables of two cells, with a parent each but for the first; and their product.
            let each = 4 * 2 * (1 + 10 * 2) + 4 * 2 * 11
            #expect(BayesianInference.stepsMax - inference.stepsLeft == query * each)
        }
    }
}
