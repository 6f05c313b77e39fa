import Registry
import Testing

@testable import Serving

@Suite struct PlanFilesTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    private func files() throws -> PlanFiles {
        try place.write([], to: "data/.keep")
        return PlanFiles(directory: "\(place.path)/data/.plans", disk: Disk())
    }

    @Test func `A plan that was kept is found again, the newest of its model`() throws {
        let files = try files()
        #expect(files.text(for: "a1") == nil)
        files.keep("one\n", for: "a1")
        files.keep("two\n", for: "a1")
        #expect(files.text(for: "a1") == "two\n")
        #expect(place.contents("data/.plans") == ["a1"])
    }

    @Test func `No more plans are kept than the bound`() throws {
        let files = try files()
        for number in 0..<PlanFiles.countMax + 3 { files.keep("\(number)\n", for: "\(number)") }
        #expect(place.contents("data/.plans").count == PlanFiles.countMax)
        #expect(files.text(for: "\(PlanFiles.countMax + 2)") != nil)
    }

    @Test func `A plan that cannot be written leaves nothing`() throws {
        let disk = Disk { (step) throws(StoreError) in
            if case .rename = step { throw .disk(operation: "rename", path: "", code: 28) }
        }
        let files = PlanFiles(directory: "\(place.path)/data/.plans", disk: disk)
        try place.write([], to: "data/.keep")
        files.keep("one\n", for: "a1")
        #expect(place.contents("data/.plans").isEmpty)
        #expect(files.text(for: "a1") == nil)
    }

    @Test func `A damaged plan is measured again, and the model is served`() throws {
        let service = try place.service()
        let deployed = try service.deploy("tiny", TinyNetwork.file())
        try place.write([0xFF, 0xFE], to: "data/.plans/\(deployed.version.stored.record.sha256)")
        #expect(service.plans.text(for: deployed.version.stored.record.sha256) == nil)
        #expect(try service.deploy("tiny", TinyNetwork.file()).version.numbers([1, 0]) == [2, 1, 1])
    }
}
