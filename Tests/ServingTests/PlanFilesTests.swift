import Glibc
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

    /// The smaller bundled network: it has convolutions with a choice.
    private func network() throws -> [UInt8] {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return try Disk().read("/\(root)/models/cifar10/1/model.onnx", bytesMax: 8 << 20)
    }

    private func rehearse(_ bytes: [UInt8], on service: ModelService) throws {
        var deployment = Deployment(model: "net", artifact: .bytes(bytes))
        deployment.dryRun = true
        _ = try service.deploy(deployment)
    }

    @Test func `What is measured is kept when the model is served, and by no dry run`() throws {
        let service = try place.service()
        try rehearse(try network(), on: service)
        #expect(place.contents("data/.plans").isEmpty)
        let sha256 = try service.deploy("net", network()).version.stored.record.sha256
        #expect(place.contents("data/.plans") == [sha256])
        #expect(service.plans.text(for: sha256)?.hasPrefix("augur plan") == true)
    }

    @Test func `A version of the same layers takes over what was measured on the one before`() throws {
        let service = try place.service()
        let sha256 = try service.deploy("net", network()).version.stored.record.sha256
        let measured = try #require(service.plans.text(for: sha256))
        // Direct everywhere: what measuring would not find again.
        let lines = measured.split(separator: "\n")
        let direct = [String(lines[0])] + lines.dropFirst().map { "0" + $0.dropFirst() }.sorted()
        service.plans.keep(direct.joined(separator: "\n") + "\n", for: sha256)
        try service.deploy("net", network())
        // One more `metadata_props` entry (field 14 of ModelProto): another file, the same layers.
        let next = try network() + [0x72, 4, 0x0A, 0, 0x12, 0]
        let other = try service.deploy("net", next).version.stored.record.sha256
        #expect(other != sha256)
        #expect(service.plans.text(for: other) == service.plans.text(for: sha256))
        #expect(service.plans.text(for: sha256) != measured)
    }

    @Test func `A network is measured while it serves after a start, and its plan kept`() throws {
        let sha256: String
        do {
            sha256 = try place.service().deploy("net", network()).version.stored.record.sha256
            try Disk().remove("\(place.path)/data/.plans/\(sha256)")
        }
        let service = try place.service()
        service.restore()
        #expect(service.pin("net")?.state == .serving)
        // As long as a slow machine may take: the time on the processor is bounded.
        for _ in 0..<6000 where service.plans.text(for: sha256) == nil { usleep(10_000) }
        #expect(service.plans.text(for: sha256)?.split(separator: "\n").count ?? 0 > 1)
    }

    @Test func `A damaged plan is measured again and replaced`() throws {
        let service = try place.service()
        let sha256 = try service.deploy("net", network()).version.stored.record.sha256
        for damage in [[0xFF, 0xFE], Array("augur plan 0, of another processor\n".utf8)] {
            try place.write(damage, to: "data/.plans/\(sha256)")
            try service.deploy("net", network())
            #expect(service.plans.text(for: sha256)?.split(separator: "\n").count ?? 0 > 1)
        }
    }
}
