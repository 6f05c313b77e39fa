import Glibc
import PMML
import Testing

/// A network over the nodes given, with a data field for each name; `targets` are asked for, others observed.
private func network(_ nodes: String, discrete: [String], continuous: [String], target: String) -> [UInt8] {
    let names = discrete + continuous
    let fields = names.map { name in
        discrete.contains(name)
            ? #"<DataField name="\#(name)" optype="categorical" dataType="string"/>"#
            : #"<DataField name="\#(name)" optype="continuous" dataType="double"/>"#
    }
    let mining = names.map {
        #"<MiningField name="\#($0)" usageType="\#($0 == target ? "target" : "active")"/>"#
    }
    let output =
        discrete.contains(target)
        ? #"<OutputField name="p" feature="probability" value="T"/>"#
        : #"<OutputField name="sd" feature="standardDeviation" dataType="double"/>"#
    return document(
        """
        <BayesianNetworkModel functionName="classification"><MiningSchema>\(mining.joined())</MiningSchema>
        <Output>\(output)</Output>
        <BayesianNetworkNodes>\(nodes)</BayesianNetworkNodes></BayesianNetworkModel>
        """, fields: fields.joined())
}

private func states(_ p: Double) -> String {
    #"<ValueProbability value="T" probability="\#(p)"/><ValueProbability value="F" probability="\#(1 - p)"/>"#
}

/// A node with values T and F; `table` holds the chance of T, the last parent's F next to its T.
private func node(_ name: String, _ parents: [String] = [], _ table: [Double]) -> String {
    guard !parents.isEmpty else {
        return #"<DiscreteNode name="\#(name)">\#(states(table[0]))</DiscreteNode>"#
    }
    let rows = table.enumerated().map { index, p in
        let values = parents.enumerated().map { position, parent in
            let isFalse = index >> (parents.count - 1 - position) & 1 == 1
            return #"<ParentValue parent="\#(parent)" value="\#(isFalse ? "F" : "T")"/>"#
        }
        return
            "<DiscreteConditionalProbability>\(values.joined())\(states(p))</DiscreteConditionalProbability>"
    }
    return #"<DiscreteNode name="\#(name)">\#(rows.joined())</DiscreteNode>"#
}

private func constant(_ x: Double) -> String { #"<Constant dataType="double">\#(x)</Constant>"# }

private func normal(_ mean: String, _ variance: String) -> String {
    """
    <ContinuousDistribution><NormalDistributionForBN><Mean>\(mean)</Mean><Variance>\(variance)</Variance>
    </NormalDistributionForBN></ContinuousDistribution>
    """
}

private func continuous(_ name: String, _ distribution: String) -> String {
    #"<ContinuousNode name="\#(name)">\#(distribution)</ContinuousNode>"#
}

/// factor * field + shift.
private func line(_ factor: Double, _ field: String, _ shift: Double) -> String {
    """
    <Apply function="+"><Apply function="*">\(constant(factor))<FieldRef field="\(field)"/></Apply>
    \(constant(shift))</Apply>
    """
}

private func number(_ value: ResultValue?) -> Double {
    if case .double(let number) = value { return number }
    return .nan
}

/// Whether it rains, the sprinkler runs, and the grass is wet.
private let garden =
    node("rain", [], [0.2]) + node("sprinkler", ["rain"], [0.01, 0.4])
    + node("wet", ["sprinkler", "rain"], [0.99, 0.9, 0.8, 0])

/// What is seen, and the chance of rain.
private let gardens: [([String: String], Double)] = [
    (["wet": "T"], 891.0 / 2491.0), ([:], 0.2), (["sprinkler": "T"], 0.002 / 0.322),
    (["wet": "T", "sprinkler": "T"], 0.00198 / 0.28998),
]

@Suite struct `Bayesian networks of discrete nodes` {
    @Test(arguments: gardens)
    func `Wet grass tells of rain as the textbook says`(seen: [String: String], expected: Double) throws {
        let evaluator = try Evaluator.load(
            network(garden, discrete: ["rain", "sprinkler", "wet"], continuous: [], target: "rain"))
        #expect(evaluator.summary == "Bayesian network")
        let found = try answer(evaluator, seen)
        #expect(abs(number(found["p"]) - expected) < 1e-12)
        #expect(found["rain"] == .text(expected > 0.5 ? "T" : "F"))
    }

    @Test func `What cannot happen has no posterior`() throws {
        let nodes = node("a", [], [1]) + node("b", ["a"], [1, 0.5])
        let evaluator = try Evaluator.load(
            network(nodes, discrete: ["a", "b"], continuous: [], target: "a"))
        #expect(throws: EvaluationError.self) { try answer(evaluator, ["b": "F"]) }
        #expect(throws: EvaluationError.self) { try answer(evaluator, ["b": "other"]) }
    }

    /// Elimination against a sum over every combination, on networks drawn from a seed.
    @Test(arguments: 1...12)
    func `Elimination agrees with enumeration`(seed: Int) throws {
        var generator = Linear(state: UInt64(seed))
        let count = 9
        let names = (0..<count).map { "n\($0)" }
        var parents: [[Int]] = []
        var tables: [[Double]] = []
        for index in 0..<count {
            let own = (0..<index).filter { _ in generator.next() < 0.35 }.suffix(3)
            parents.append(Array(own))
            tables.append((0..<(1 << own.count)).map { _ in generator.next() })
        }
        let nodes = (0..<count).map { index in
            node(names[index], parents[index].map { names[$0] }, tables[index])
        }
        let target = Int(generator.next() * Double(count))
        let evaluator = try Evaluator.load(
            network(nodes.joined(), discrete: names, continuous: [], target: names[target]))
        for _ in 0..<8 {
            var seen: [Int: Bool] = [:]
            for index in 0..<count where index != target && generator.next() < 0.4 {
                seen[index] = generator.next() < 0.5
            }
            var sums = [0.0, 0.0]
            for world in 0..<(1 << count) {
                let isTrue = (0..<count).map { world >> $0 & 1 == 1 }
                guard seen.allSatisfy({ isTrue[$0.key] == $0.value }) else { continue }
                var p = 1.0
                for index in 0..<count {
                    let row = parents[index].reduce(0) { $0 * 2 + (isTrue[$1] ? 0 : 1) }
                    p *= isTrue[index] ? tables[index][row] : 1 - tables[index][row]
                }
                sums[isTrue[target] ? 1 : 0] += p
            }
            let inputs = Dictionary(
                uniqueKeysWithValues: seen.map { (names[$0.key], Optional($0.value ? "T" : "F")) })
            let found = number(try answer(evaluator, inputs)["p"])
            #expect(abs(found - sums[1] / (sums[0] + sums[1])) < 1e-9)
        }
    }

    private struct Linear {
        var state: UInt64

        mutating func next() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) / Double(UInt64(1) << 53)
        }
    }
}

/// Distributions with their parameters, mean and variance.
private let distributions: [(String, String, Double, Double)] = [
    ("Uniform", "<Lower>\(constant(1))</Lower><Upper>\(constant(4))</Upper>", 2.5, 0.75),
    (
        "Triangular",
        "<Mean>\(constant(2))</Mean><Lower>\(constant(0))</Lower><Upper>\(constant(4))</Upper>", 2, 2.0 / 3
    ),
    (
        "Lognormal", "<Mean>\(constant(0))</Mean><Variance>\(constant(1))</Variance>",
        1.648_721_270_700_128_2,
        4.670_774_270_471_605
    ),
]

@Suite struct `Bayesian networks of continuous nodes` {
    @Test func `A normal mean is learnt from one observation`() throws {
        let nodes =
            continuous("m", normal(constant(0), constant(1)))
            + continuous("z", normal(line(1, "m", 0), constant(4)))
        let evaluator = try Evaluator.load(
            network(nodes, discrete: [], continuous: ["m", "z"], target: "m"))
        let found = try answer(evaluator, ["z": "2"])
        #expect(abs(number(found["m"]) - 0.4) < 1e-12)
        #expect(abs(number(found["sd"]) - 0.8.squareRoot()) < 1e-12)
        #expect(try answer(evaluator, [:])["m"] == .double(0))
    }

    /// A fair coin picks the level of `h`, of which `z` is a noisy reading.
    @Test func `A reading tells of the switch behind a hidden level`() throws {
        let level = [3.0, -1.0].enumerated().map { index, mean in
            """
            <ContinuousConditionalProbability><ParentValue parent="s" value="\(index == 0 ? "T" : "F")"/>
            \(normal(constant(mean), constant(0.5)))</ContinuousConditionalProbability>
            """
        }
        let nodes =
            node("s", [], [0.5]) + continuous("h", level.joined())
            + continuous("z", normal(line(2, "h", 1), constant(1)))
        // z is normal around 2 * 3 + 1 or 2 * -1 + 1, with variance 4 * 0.5 + 1.
        func density(_ mean: Double) -> Double { Glibc.exp(-(2 - mean) * (2 - mean) / 6) }
        let p = density(7) / (density(7) + density(-1))
        let switched = try Evaluator.load(
            network(nodes, discrete: ["s"], continuous: ["h", "z"], target: "s"))
        #expect(abs(number(try answer(switched, ["z": "2"])["p"]) - p) < 1e-12)
        let hidden = try Evaluator.load(
            network(nodes, discrete: ["s"], continuous: ["h", "z"], target: "h"))
        // Gain 2 * 0.5 / 3 on the gap between reading and expectation.
        let mean = p * (3 + (2 - 7.0) / 3) + (1 - p) * (-1 + (2 + 1.0) / 3)
        #expect(abs(number(try answer(hidden, ["z": "2"])["h"]) - mean) < 1e-12)
    }

    @Test(arguments: distributions)
    func `Without evidence below, every distribution passes its moments on`(
        kind: String, parameters: String, mean: Double, variance: Double
    ) throws {
        let element = "\(kind)DistributionForBN"
        let nodes =
            continuous(
                "u", "<ContinuousDistribution><\(element)>\(parameters)</\(element)></ContinuousDistribution>"
            )
            + continuous("z", normal(line(3, "u", 1), constant(2)))
        let evaluator = try Evaluator.load(
            network(nodes, discrete: [], continuous: ["u", "z"], target: "z"))
        let found = try answer(evaluator, [:])
        #expect(abs(number(found["z"]) - (3 * mean + 1)) < 1e-12)
        #expect(abs(number(found["sd"]) - (9 * variance + 2).squareRoot()) < 1e-12)
        #expect(abs(number(try answer(evaluator, ["u": "1.5"])["z"]) - 5.5) < 1e-12)
        let above = try Evaluator.load(
            network(nodes, discrete: [], continuous: ["u", "z"], target: "u"))
        #expect(throws: EvaluationError.self) { try answer(above, ["z": "2"]) }
    }

    @Test func `Numbers observed under hidden switches weigh by their density`() throws {
        let rows = [("T", 1.0), ("F", 5.0)].map { value, upper in
            """
            <ContinuousConditionalProbability><ParentValue parent="s" value="\(value)"/><ContinuousDistribution>
            <UniformDistributionForBN><Lower>\(constant(0))</Lower><Upper>\(constant(upper))</Upper>
            </UniformDistributionForBN></ContinuousDistribution></ContinuousConditionalProbability>
            """
        }
        let nodes = node("s", [], [0.5]) + continuous("z", rows.joined())
        let evaluator = try Evaluator.load(
            network(nodes, discrete: ["s"], continuous: ["z"], target: "s"))
        #expect(abs(number(try answer(evaluator, ["z": "0.5"])["p"]) - 5.0 / 6) < 1e-12)
        #expect(try answer(evaluator, ["z": "3"])["p"] == .double(0))
        #expect(throws: EvaluationError.self) { try answer(evaluator, ["z": "9"]) }
    }
}

@Suite struct `Hostile networks` {
    @Test(arguments: [
        "", node("a", ["a"], [0.5, 0.5]), node("a", ["b"], [0.5, 0.5]) + node("b", ["a"], [0.5, 0.5]),
        node("a", ["c"], [0.5, 0.5]), node("a", [], [0.5]) + node("a", [], [0.5]), node("b", [], [0.5]),
        node("a", [], [1.5]), node("a", [], [.nan]), node("b", [], [0.5]) + node("a", ["b"], [0.5]),
        #"<DiscreteNode name="a"><ValueProbability value="T" probability="0.2"/></DiscreteNode>"#,
        #"<DiscreteNode name="a"/>"#, #"<ContinuousNode name="a"/>"#,
        continuous("a", normal(line(1, "a", 0), constant(1))),
        continuous("a", normal(line(1, "b", 0), constant(1)))
            + continuous("b", normal(line(1, "a", 0), constant(1))),
        node("b", [], [0.5]) + continuous("a", normal(line(1, "b", 0), constant(1))),
        continuous("a", normal("", constant(1))),
        continuous("a", normal(constant(0), constant(1)) + normal(constant(0), constant(1))),
        (0..<300).map { node("n\($0)", [], [0.5]) }.joined() + node("a", [], [0.5]),
        (0..<20).map { node("n\($0)", [], [0.5]) }.joined()
            + node("a", (0..<20).map { "n\($0)" }, [0.5]),
    ])
    func `A network that is none is refused`(nodes: String) {
        #expect(throws: PMMLError.self) {
            try Evaluator.load(network(nodes, discrete: ["a", "b"], continuous: [], target: "a"))
        }
    }

    /// Each two of 22 causes have an effect that is seen: their joint table would have 2^22 cells.
    @Test func `A network too entangled for exact inference is an error of the row`() throws {
        let causes = (0..<22).map { "c\($0)" }
        var nodes = causes.map { node($0, [], [0.5]) }.joined()
        var seen: [String: String?] = [:]
        for (first, a) in causes.enumerated() {
            for b in causes.dropFirst(first + 1) {
                nodes += node("\(a)\(b)", [a, b], [0.9, 0.5, 0.4, 0.1])
                seen["\(a)\(b)"] = "T"
            }
        }
        let names = causes + seen.keys.sorted()
        let evaluator = try Evaluator.load(
            network(nodes, discrete: names, continuous: [], target: causes[0]))
        #expect(throws: EvaluationError.self) { try answer(evaluator, seen) }
        // One effect alone is easy: 0.5 * 0.9 + 0.5 * 0.5 of 0.5 * (0.9 + 0.5 + 0.4 + 0.1).
        let found = try answer(evaluator, ["\(causes[0])\(causes[1])": "T"])
        #expect(abs(number(found["p"]) - 1.4 / 1.9) < 1e-12)
    }

    @Test(arguments: ["-1", "NaN"])
    func `A variance that is none is an error of the row`(variance: String) throws {
        let nodes = continuous(
            "a", normal(constant(0), #"<Constant dataType="double">\#(variance)</Constant>"#))
        let evaluator = try Evaluator.load(network(nodes, discrete: [], continuous: ["a"], target: "a"))
        #expect(throws: EvaluationError.self) { try answer(evaluator, [:]) }
    }
}
