import Foundation
import ONNX
import PMML
import Registry
import Testing

@testable import Serving

@Suite struct DeployTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    @Test func `A deployed network answers, with the version's facts beside it`() throws {
        let service = try place.service()
        let deployed = try service.deploy("tiny", TinyNetwork.file())
        #expect(deployed.created && deployed.version.number == 1)
        let version = try #require(service.pin("tiny"))
        #expect(version === deployed.version)
        #expect(version.numbers([1, 2]) == [6, 3, 3])
        #expect(
            version.fileBytes == TinyNetwork.file().count && version.sha256 == Checksum.of(TinyNetwork.file())
        )
        #expect(version.accessed == nil)
        version.touch()
        #expect((version.accessed ?? 0) >= version.created)
        #expect(version.state == .serving && version.format == .onnx)
        #expect(place.contents("data/.staging").isEmpty)
    }

    @Test func `A redeployment is served at once, the one before is kept warm, the third goes`() throws {
        let service = try place.service()
        var versions: [ModelVersion] = []
        for weight: Float in [1, 10, 100] {
            versions.append(try service.deploy("tiny", TinyNetwork.file(weight: weight)).version)
        }
        #expect(service.pin("tiny")?.numbers([1, 0]) == [200, 100, 100])
        #expect(service.pin("tiny", version: 2)?.numbers([1, 0]) == [20, 10, 10])
        #expect(service.pin("tiny", version: 1) == nil)
        #expect(service.versions(of: "tiny").map(\.number) == [2, 3])
        #expect(versions.map(\.state) == [.draining, .kept, .serving])
        // Whoever still holds the first one can finish with it.
        #expect(versions[0].numbers([1, 0]) == [2, 1, 1])
    }

    @Test func `Labels and logits make probabilities`() throws {
        let service = try place.service()
        let yaml = "labels: [a, b, c]\noutput: logits"
        let version = try service.deploy("tiny", TinyNetwork.file(), yaml: yaml).version
        let probabilities = try #require(version.numbers([1, 0]))
        #expect(abs(probabilities.reduce(0, +) - 1) < 1e-6)
        #expect(Classification(probabilities: probabilities).top(2) == [0, 1])
    }

    @Test func `A version without a configuration inherits the one served, and keeps it over a rollback`()
        throws
    {
        let service = try place.service()
        try service.deploy("tiny", TinyNetwork.file(), yaml: "labels: [a, b, c]")
        try service.deploy("tiny", TinyNetwork.file(weight: 2))
        let second = try #require(service.pin("tiny"))
        guard case .network(let network) = second.kind else { throw ServingError.unsupportedFormat("") }
        #expect(network.labels == ["a", "b", "c"])
        try service.deploy("tiny", TinyNetwork.file(weight: 3), yaml: "labels: [d, e, f]")
        guard case .network(let back) = try service.rollback("tiny").kind else { return }
        #expect(back.labels == ["a", "b", "c"])
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var name = "tiny"
        var bytes = TinyNetwork.file(weight: 5)
        var yaml: String?
        var format: ArtifactFormat?
    }

    static let refusals: [Refusal] = [
        Refusal(testDescription: "no name", name: "../etc"),
        Refusal(testDescription: "no format", bytes: Array("hello".utf8)),
        Refusal(testDescription: "nothing", bytes: []),
        Refusal(testDescription: "another format than said", format: .pmml),
        Refusal(testDescription: "half a network", bytes: Array(TinyNetwork.file().prefix(60))),
        Refusal(testDescription: "bad XML", bytes: Array("<PMML><".utf8)),
        Refusal(testDescription: "unknown key", yaml: "lables: [a, b, c]"),
        Refusal(testDescription: "too few labels", yaml: "labels: [a, b]"),
        Refusal(testDescription: "an image recipe that does not fit", yaml: "image: {width: 4, height: 4}"),
        Refusal(
            testDescription: "a golden row that fails", yaml: "golden: {input: [1, 0], output: [9, 9, 9]}"),
        Refusal(testDescription: "a golden row too short", yaml: "golden: {input: [1], output: [9, 9, 9]}"),
        Refusal(testDescription: "too large", bytes: [8, 8] + [UInt8](repeating: 0, count: 4096)),
    ]

    @Test(arguments: refusals)
    func `A deployment that is refused changes nothing and leaves nothing behind`(_ refusal: Refusal) throws {
        let service = try place.service { $0.artifactBytesMax = 2048 }
        try service.deploy("tiny", TinyNetwork.file(), yaml: "labels: [x, y, z]")
        let files = place.contents("data")
        var deployment = Deployment(model: refusal.name, artifact: .bytes(refusal.bytes))
        deployment.configuration = refusal.yaml.map { Array($0.utf8) }
        deployment.format = refusal.format
        #expect(throws: ServingError.self) { try service.deploy(deployment) }
        #expect(place.contents("data") == files)
        #expect(service.pin("tiny")?.numbers([1, 0]) == [2, 1, 1])
        #expect(try service.deploy("tiny", TinyNetwork.file(weight: 2)).version.number == 2)
    }

    @Test func `A golden row that holds lets the network in`() throws {
        let service = try place.service()
        let yaml = "golden: {input: [1, 0], output: [2, 1.0005, 1]}"
        #expect(try service.deploy("tiny", TinyNetwork.file(), yaml: yaml).version.number == 1)
    }

    @Test func `An uploaded file is taken away, also when it is refused`() throws {
        let service = try place.service()
        for (name, bytes) in [("good", TinyNetwork.file()), ("bad", Array("hello".utf8))] {
            try place.write(bytes, to: "data/.uploads/\(name)")
            let path = "\(service.uploadDirectory)/\(name)"
            _ = try? service.deploy(Deployment(model: name, artifact: .file(path: path)))
        }
        #expect(place.contents("data/.uploads").isEmpty && place.contents("data/.staging").isEmpty)
        #expect(service.list().map(\.name) == ["good"])
    }

    @Test func `An uploaded file that cannot be moved is removed`() throws {
        // Another file system, so that no rename leads from there.
        let path = "/dev/shm/augur-\(UInt64.random(in: .min ... .max))"
        try Data(TinyNetwork.file()).write(to: URL(fileURLWithPath: path))
        let service = try place.service()
        #expect(throws: ServingError.self) {
            try service.deploy(Deployment(model: "tiny", artifact: .file(path: path)))
        }
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(place.contents("data/.staging").isEmpty)
    }

    @Test func `A dry run says what would be deployed, and deploys nothing`() throws {
        let service = try place.service()
        var deployment = Deployment(model: "tiny", artifact: .bytes(TinyNetwork.file()))
        deployment.dryRun = true
        let deployed = try service.deploy(deployment)
        #expect(deployed.created && deployed.version.number == 0)
        #expect(deployed.version.numbers([1, 0]) == [2, 1, 1])
        #expect(service.list().isEmpty)
        #expect(place.contents("data") == [".lock", ".reserve", ".staging", ".uploads"])
    }

    @Test func `Deployments of one model at the same time all succeed, and the highest number is served`()
        throws
    {
        let service = try place.service()
        let numbers = inParallel(8) { index in
            try? service.deploy("tiny", TinyNetwork.file(weight: Float(index + 1))).version.number
        }
        #expect(numbers.compactMap { $0 }.sorted() == Array(1...8))
        let version = try #require(service.pin("tiny"))
        #expect(version.number == 8)
        let winner = try #require(numbers.firstIndex(of: 8))
        #expect(version.numbers([1, 0])?.last == Float(winner + 1))
    }

    @Test func `An undeployed model is gone, with its metrics, and its numbers stay used`() throws {
        let service = try place.service()
        try service.deploy("tiny", TinyNetwork.file())
        #expect(place.metricsText.contains("augur_in_flight{model=\"tiny\",version=\"1\"} 0"))
        try service.undeploy("tiny")
        #expect(service.pin("tiny") == nil && service.list().isEmpty && service.versions(of: "tiny").isEmpty)
        #expect(!place.metricsText.contains("tiny"))
        #expect(throws: ServingError.self) { try service.undeploy("tiny") }
        #expect(try service.deploy("tiny", TinyNetwork.file()).version.number == 2)
    }

    @Test func `Models are listed by name, ignoring case`() throws {
        let service = try place.service()
        for name in ["b", "C", "a", "B"] { try service.deploy(name, TinyNetwork.file()) }
        #expect(service.list().map(\.name) == ["a", "B", "b", "C"])
    }
}
