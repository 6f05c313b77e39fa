import Batching
import Registry
import Synchronization
import Testing

@testable import Serving

@Suite struct RestoreTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    private func restored() throws -> (service: ModelService, failures: [String]) {
        let service = try place.service()
        #expect(!service.isReady)
        let failures = Mutex<[String]>([])
        service.restore { step in
            if step.failure != nil { failures.withLock { $0.append("\(step.name) \(step.number)") } }
        }
        #expect(service.isReady)
        return (service, failures.withLock { $0 })
    }

    @Test func `What was acknowledged is served after a restart`() throws {
        do {
            let service = try place.service()
            try service.deploy("tiny", TinyNetwork.file(), yaml: "labels: [a, b, c]")
            try service.deploy("tiny", TinyNetwork.file(weight: 7))
            try service.deploy("gone", TinyNetwork.file())
            try service.undeploy("gone")
            try service.deploy("back", TinyNetwork.file())
            try service.deploy("back", TinyNetwork.file(weight: 9))
            _ = try service.rollback("back")
        }
        let (service, failures) = try restored()
        #expect(failures.isEmpty)
        #expect(service.list().map(\.name) == ["back", "tiny"])
        #expect(service.pin("tiny")?.number == 2)
        #expect(service.pin("tiny")?.numbers([1, 0]) == [14, 7, 7])
        #expect(service.pin("back")?.numbers([1, 0]) == [2, 1, 1])
        #expect(try service.rollback("tiny").numbers([1, 0]) == [2, 1, 1])
    }

    @Test func `A version gone bad is reported, and the newest good one served`() throws {
        do {
            let service = try place.service()
            try service.deploy("tiny", TinyNetwork.file())
            try service.deploy("tiny", TinyNetwork.file(weight: 7))
        }
        try place.write(TinyNetwork.file(weight: 8), to: "data/tiny/2/model.onnx")
        let (service, failures) = try restored()
        #expect(failures == ["tiny 2"])
        #expect(service.pin("tiny")?.numbers([1, 0]) == [2, 1, 1])
        #expect(try service.deploy("tiny", TinyNetwork.file(weight: 3)).version.number == 3)
    }

    @Test(arguments: [0, 1, 9])
    func `Models are restored with the threads that there are, be it none`(_ threads: Int) {
        let names = (0..<20).map { "\($0)" }
        let done = Mutex<[String]>([])
        var left = threads
        inParallel(names) { work in
            left -= 1
            return left >= 0 && startThread(work)
        } _: { name in
            done.withLock { $0.append(name) }
        }
        #expect(done.withLock { $0 }.sorted() == names.sorted())
    }

    @Test func `A model with no good version is not served, the others are`() throws {
        do {
            let service = try place.service()
            try service.deploy("tiny", TinyNetwork.file())
            try service.deploy("fine", TinyNetwork.file())
        }
        try place.write([1, 2, 3], to: "data/tiny/1/model.onnx")
        let (service, failures) = try restored()
        #expect(failures == ["tiny 1"])
        #expect(service.list().map(\.name) == ["fine"])
        #expect(try service.deploy("tiny", TinyNetwork.file()).version.number == 2)
    }

    @Test func `The newest bundled version is served, with the configuration of the one before`() throws {
        try place.write(TinyNetwork.file(), to: "models/tiny/1/model.onnx")
        try place.write(Array("labels: [a, b, c]".utf8), to: "models/tiny/1/model.yaml")
        try place.write(TinyNetwork.file(weight: 2), to: "models/tiny/2/model.onnx")
        let (service, failures) = try restored()
        #expect(failures.isEmpty)
        let version = try #require(service.pin("tiny"))
        guard case .network(let network) = version.kind else { return }
        #expect(version.number == 2 && network.labels == ["a", "b", "c"])
        #expect(try service.rollback("tiny").number == 1)
        #expect(place.contents("data").contains("tiny/state"))
    }

    @Test func `A bundled model that is deleted stays deleted`() throws {
        try place.write(TinyNetwork.file(), to: "models/tiny/1/model.onnx")
        do {
            let (service, _) = try restored()
            try service.undeploy("tiny")
        }
        let (service, failures) = try restored()
        #expect(failures.isEmpty && service.list().isEmpty)
        #expect(place.contents("models").contains("tiny/1/model.onnx"))
    }

    @Test func `A bundled version that does not load gives way to the one before`() throws {
        try place.write(TinyNetwork.file(), to: "models/tiny/1/model.onnx")
        try place.write(Array("<PMML/>".utf8), to: "models/tiny/2/model.pmml")
        let (service, failures) = try restored()
        #expect(failures == ["tiny 2"])
        #expect(service.pin("tiny")?.number == 1)
    }

    @Test func `A second service on the same data is refused`() throws {
        let service = try place.service()
        #expect(throws: ServingError.self) { try place.service(awaitsOther: false) }
        #expect(!service.isReady)
    }

    @Test func `Rolling back what has no past, or does not exist, is refused`() throws {
        let service = try place.service()
        #expect(throws: ServingError.self) { try service.rollback("tiny") }
        try service.deploy("tiny", TinyNetwork.file())
        #expect(throws: ServingError.self) { try service.rollback("tiny") }
        #expect(throws: ServingError.self) { try service.rollback("tiny", to: 4) }
        #expect(service.pin("tiny")?.number == 1)
    }
}
