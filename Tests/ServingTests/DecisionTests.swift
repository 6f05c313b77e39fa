import Batching
import Testing

@testable import Serving

@Suite struct DecisionTests {
    struct PlanCase: Sendable {
        var microseconds: UInt64
        var isBatchable = true
        var run = ModelConfiguration.Run.auto
        var sizeMax: Int?
        let expected: (size: Int, placement: Placement)
    }

    static let plans: [PlanCase] = [
        PlanCase(microseconds: 10, expected: (32, .loop(rowsMax: 20))),
        PlanCase(microseconds: 199, expected: (32, .loop(rowsMax: 1))),
        PlanCase(microseconds: 201, expected: (32, .threads)),
        PlanCase(microseconds: 4000, expected: (8, .threads)),
        PlanCase(microseconds: 900_000, expected: (1, .threads)),
        PlanCase(microseconds: 4000, sizeMax: 64, expected: (64, .threads)),
        PlanCase(microseconds: 10, isBatchable: false, sizeMax: 64, expected: (1, .loop(rowsMax: 20))),
        PlanCase(microseconds: 10, run: .threads, expected: (32, .threads)),
        PlanCase(microseconds: 4000, run: .loop, expected: (8, .loop(rowsMax: 1))),
    ]

    @Test(arguments: plans)
    func `Cheap models run on the loop, dear ones on threads in batches that stay short`(_ example: PlanCase)
    {
        var configuration = ModelConfiguration()
        configuration.run = example.run
        configuration.sizeMax = example.sizeMax
        let facts = BatchPlan.Facts(
            cost: example.microseconds * 1000, isBatchable: example.isBatchable, loopCostMax: 200_000)
        let plan = BatchPlan(facts, configuration: configuration, defaults: BatchPolicy())
        #expect(plan.policy.sizeMax == example.expected.size)
        #expect(plan.placement == example.expected.placement)
    }

    @Test(arguments: [(nil, 7), (0, 0), (3, 3)] as [(UInt64?, UInt64)])
    func `A batch waits as long as its model.yaml says, or else as the service does`(
        _ own: UInt64?, _ expected: UInt64
    ) {
        let facts = BatchPlan.Facts(cost: 900_000, isBatchable: true, loopCostMax: 200_000)
        var configuration = ModelConfiguration()
        configuration.delayMax = own
        let plan = BatchPlan(facts, configuration: configuration, defaults: BatchPolicy(delayMax: 7))
        #expect(plan.policy.delayMax == expected)
    }

    @Test(arguments: [(true, 900_000, true), (true, 1_000, false), (false, 900_000, false)])
    func `Only dear networks prefer powers of two`(_ isNetwork: Bool, _ cost: UInt64, _ expected: Bool) {
        let facts = BatchPlan.Facts(
            cost: cost, isBatchable: true, loopCostMax: 200_000, isNetwork: isNetwork)
        let plan = BatchPlan(facts, configuration: ModelConfiguration(), defaults: BatchPolicy())
        #expect(plan.policy.prefersPowersOfTwo == expected)
    }

    @Test func `A cost of nothing is no fault`() {
        let facts = BatchPlan.Facts(cost: 0, isBatchable: true, loopCostMax: .max)
        let plan = BatchPlan(facts, configuration: ModelConfiguration(), defaults: BatchPolicy())
        #expect(plan.placement == .loop(rowsMax: .max))
    }

    static let sniffed: [(bytes: [UInt8], format: ArtifactFormat?)] = [
        (Array("<?xml".utf8), .pmml), (Array(" \r\n\t<PMML".utf8), .pmml), ([0xEF, 0xBB, 0xBF, 0x3C], .pmml),
        ([0xFF, 0xFE, 0x3C, 0], .pmml), ([0xFE, 0xFF, 0, 0x3C], .pmml), ([8, 8, 0x12], .onnx),
        ([0x3A, 1], .onnx),
        ([], nil), (Array("hello".utf8), nil), (Array("{}".utf8), nil), ([0x50, 0x4B, 3, 4], nil),
        ([0x89, 0x50], nil), ([0, 0], nil),
    ]

    @Test(arguments: sniffed)
    func `The first bytes say what a model file is`(_ bytes: [UInt8], _ format: ArtifactFormat?) {
        #expect(ArtifactFormat(sniffing: bytes) == format)
    }

    @Test func `Softmax takes logits that would overflow`() {
        #expect(softmax([1000, 0]) == [1, 0])
        #expect(softmax([0, 0]) == [0.5, 0.5])
        #expect(softmax([]) == [])
    }

    @Test func `The most probable classes come first, equal ones in label order`() {
        let classification = Classification(probabilities: [0.1, 0.4, 0.1, 0.4])
        #expect(classification.top(3) == [1, 3, 0])
        #expect(classification.top(9).count == 4 && classification.top(-1).isEmpty)
    }

    static let words: [(word: String, nearest: String?)] = [
        ("widht", "width"), ("Width", "width"), ("lables", "labels"), ("zzz", nil), ("", nil),
    ]

    @Test(arguments: words)
    func `A misspelt word has a nearest one, a strange word none`(_ word: String, _ expected: String?) {
        #expect(nearest(to: word, in: ["width", "height", "labels"]) == expected)
    }
}
