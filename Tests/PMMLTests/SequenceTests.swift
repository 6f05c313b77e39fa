import PMML
import Testing

/// Purchases of `t` by customer `g` on day `n`: bread, then beer and nuts together, then one rule.
private func purchases(
    link: String = #"<Delimiter delimiter="acrossTimeWindows" gap="unknown"/>"#, attributes: String = "",
    sets: String = "", order: Bool = true, rule: String = #"antecedent"#
) -> [UInt8] {
    let orderField = order ? #"<MiningField name="n" usageType="order"/>"# : ""
    return document(
        """
        <SequenceModel functionName="sequences" \(attributes)><MiningSchema>
        <MiningField name="g" usageType="group"/>\(orderField)<MiningField name="t"/></MiningSchema>
        <Output><OutputField name="bought" feature="ruleValue" algorithm="recommendation" ruleFeature="rule"/>
        <OutputField name="offer" feature="consequent" algorithm="exclusiveRecommendation"/>
        <OutputField name="seen" feature="ruleId" algorithm="ruleAssociation"/></Output>
        <Item id="1" value="bread"/><Item id="2" value="beer"/><Item id="3" value="nuts"/>
        <Item id="4" value="wine"/>
        <Itemset id="s1"><ItemRef itemRef="1"/></Itemset>
        <Itemset id="s2"><ItemRef itemRef="2"/><ItemRef itemRef="3"/></Itemset>
        <Itemset id="s3"><ItemRef itemRef="4"/></Itemset>\(sets)
        <Sequence id="q1"><SetReference setId="s1"/>\(link)<SetReference setId="s2"/></Sequence>
        <Sequence id="q2"><SetReference setId="s3"/></Sequence>
        <SequenceRule id="r" confidence="0.8" support="0.1"><AntecedentSequence>
        <SequenceReference seqId="\(rule == "antecedent" ? "q1" : rule)"/></AntecedentSequence>
        <Delimiter delimiter="acrossTimeWindows" gap="unknown"/>
        <ConsequentSequence><SequenceReference seqId="q2"/></ConsequentSequence></SequenceRule>
        </SequenceModel>
        """,
        fields: """
            <DataField name="g" optype="categorical" dataType="string"/>\
            <DataField name="n" optype="continuous" dataType="integer"/>
            """)
}

/// What the rule says of one customer's purchases, as day and item.
private func outputs(_ bytes: [UInt8], _ items: [(Int, String)]) throws -> [String: ResultValue] {
    let evaluator = try Evaluator.load(bytes)
    let rows = items.map { day, item in
        var row = Row(count: evaluator.slotCount)
        for (name, text) in [("g", "one"), ("n", String(day)), ("t", item)] {
            if let slot = evaluator.slot(of: name) { row.values[slot] = .text(text) }
        }
        return row
    }
    guard let row = evaluator.merge(groups: rows).first?.row else { return [:] }
    let fields = try evaluator.evaluate(row).fields
    return Dictionary(fields.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last })
}

private let pair = [(1, "bread"), (3, "beer"), (3, "nuts")]
private let tight = #"<Delimiter delimiter="acrossTimeWindows" gap="false"/>"#
private let together = #"<Delimiter delimiter="sameTimeWindow" gap="unknown"/>"#
private func timed(_ bounds: String) -> String {
    #"<Delimiter delimiter="acrossTimeWindows" gap="unknown"/><Time \#(bounds)/>"#
}

/// How the second set follows the first, what was bought when, and whether that is the sequence.
private let followings: [(String, String, Bool)] = [
    (tight, "1 bread,2 wine,3 beer,3 nuts", false),
    (tight, "1 bread,2 wine,3 bread,4 beer,4 nuts", true),
    (together, "1 bread,1 beer,1 nuts", true),
    (together, "1 bread,3 beer,3 nuts", false),
    (timed(#"max="2""#), "1 bread,5 bread,6 beer,6 nuts", true),
    (timed(#"max="2""#), "1 bread,6 beer,6 nuts", false),
    (timed(#"min="3""#), "1 bread,3 bread,4 beer,4 nuts", true),
    (timed(#"min="4""#), "1 bread,3 bread,4 beer,4 nuts", false),
    (tight, "1 bread,3 beer,4 nuts", false),
    (tight, "5 nuts,1 bread,5 beer", true),
]

@Suite struct `Sequence rules` {
    @Test func `A rule is recommended after its antecedent, until its consequent follows`() throws {
        let before = try outputs(purchases(), pair)
        #expect(before["bought"] == .text("{bread,{beer,nuts}}->{wine}"))
        #expect(before["offer"] == .list([.text("wine")]))
        #expect(before["seen"] == .missing)
        let after = try outputs(purchases(), pair + [(4, "wine")])
        #expect(after["offer"] == .missing)
        #expect(after["seen"] == .text("r"))
        #expect(try Evaluator.load(purchases()).summary == "Sequence rules")
    }

    @Test func `What comes before or at the same time does not follow`() throws {
        #expect(try outputs(purchases(), [(1, "wine")] + pair)["seen"] == .missing)
        #expect(try outputs(purchases(), pair + [(3, "wine")])["seen"] == .missing)
    }

    @Test(arguments: followings)
    func `Delimiters and times bound how sets follow each other`(
        link: String, items: String, isFound: Bool
    ) throws {
        let bought = items.split(separator: ",").map { item in
            let parts = item.split(separator: " ")
            return (Int(parts[0]) ?? 0, String(parts[1]))
        }
        let found = try outputs(purchases(link: link), bought)
        #expect((found["bought"] != .missing) == isFound)
    }

    @Test func `A wide time window joins what lies within it`() throws {
        let bytes = purchases(link: together, attributes: #"timeWindowWidth="2""#)
        #expect(try outputs(bytes, pair)["bought"] != .missing)
        #expect(try outputs(bytes, [(1, "bread"), (4, "beer"), (4, "nuts")])["bought"] == .missing)
    }

    @Test func `Without an order each item comes one step after the last`() throws {
        let items = ["bread", "beer", "nuts", "wine"].map { (0, $0) }
        #expect(try outputs(purchases(order: false), items)["bought"] == .missing)
    }

    @Test func `An item without its time is an error of the row`() throws {
        let evaluator = try Evaluator.load(purchases())
        #expect(throws: EvaluationError.self) { try answer(evaluator, ["t": "bread"]) }
    }

    @Test func `A group past the bound is an error of the row`() throws {
        let evaluator = try Evaluator.load(purchases())
        var row = Row(count: evaluator.slotCount)
        for (name, value) in [("t", InputValue.text("bread")), ("n", .text("1"))] {
            if let slot = evaluator.slot(of: name) {
                row.values[slot] = .list(Array(repeating: value, count: 10_001))
            }
        }
        #expect(throws: EvaluationError.self) { try evaluator.evaluate(row) }
    }

    @Test(arguments: [
        purchases(link: #"<Delimiter delimiter="later"/>"#), purchases(rule: "nowhere"),
        purchases(link: timed(#"min="3" max="2""#)), purchases(link: timed(#"max="INF""#)),
        purchases(attributes: #"timeWindowWidth="-1""#), purchases(sets: #"<Itemset id="s1"/>"#),
        purchases(sets: #"<Itemset id="s9"><ItemRef itemRef="9"/></Itemset>"#),
        purchases(sets: #"<Itemset id="s1"><ItemRef itemRef="1"/></Itemset>"#),
        purchases(
            sets: #"<SetPredicate id="s9" field="n" operator="supersetOf"><Array>1</Array></SetPredicate>"#),
    ])
    func `A document that makes no rules is refused`(bytes: [UInt8]) {
        #expect(throws: PMMLError.self) { try Evaluator.load(bytes) }
    }
}
