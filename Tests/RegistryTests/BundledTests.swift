import Testing

@testable import Registry

@Suite struct BundledTests {
    let folder = TemporaryFolder()

    init() throws {
        try folder.write("v1", to: "models/cifar/1/model.onnx")
        try folder.write("labels: [a]", to: "models/cifar/1/model.yaml")
        try folder.write("v2", to: "models/cifar/2/model.onnx")
    }

    @Test func `The newest bundled version is served, with the configuration it inherits`() throws {
        let store = try folder.store(bundled: true)
        #expect(store.served("cifar") == "v2")
        #expect(store.stored("cifar", 2)?.configurationPath == "\(folder.path)/models/cifar/1/model.yaml")
        #expect(store.records["cifar"]?.rollbackTarget?.number == 1)
        #expect(folder.contents.allSatisfy { $0.hasPrefix("models") })
    }

    @Test func `A deployment goes on from the bundled numbers, and rolls back to the bundled version`() throws
    {
        var store = try folder.store(bundled: true)
        #expect(try store.deploy("cifar", "v3").stored.number == 3)
        #expect(store.served("cifar") == "v3")
        _ = try store.select("cifar", 2)
        #expect(store.served("cifar") == "v2")
    }

    @Test func `A rollback of a bundled model survives a restart`() throws {
        do {
            var store = try folder.store(bundled: true)
            _ = try store.select("cifar", 1)
        }
        #expect(try folder.store(bundled: true).served("cifar") == "v1")
    }

    @Test func `A deleted bundled model stays deleted, its numbers stay used`() throws {
        do {
            var store = try folder.store(bundled: true)
            store.disk.removeFiles(of: try store.remove("cifar"))
        }
        try folder.write("v7", to: "models/cifar/7/model.onnx")
        var store = try folder.store(bundled: true)
        #expect(store.served("cifar") == nil)
        #expect(try store.deploy("cifar", "mine").stored.number == 8)
        #expect(folder.contents.contains("models/cifar/2/model.onnx"))
    }

    @Test func `A newer bundled version does not replace what was deployed`() throws {
        do {
            var store = try folder.store(bundled: true)
            try store.deploy("cifar", "mine")
        }
        try folder.write("v9", to: "models/cifar/9/model.onnx")
        var store = try folder.store(bundled: true)
        #expect(store.served("cifar") == "mine")
        _ = try store.select("cifar", 9)
        #expect(store.served("cifar") == "v9")
        #expect(try store.deploy("cifar", "mine too").stored.number == 10)
    }

    @Test func `A bundled version that was taken away leaves the newest other one`() throws {
        do {
            var store = try folder.store(bundled: true)
            _ = try store.select("cifar", 1)
        }
        try Disk().remove("\(folder.path)/models/cifar/1")
        let store = try folder.store(bundled: true)
        #expect(store.served("cifar") == "v2")
        #expect(store.faults.map(\.path) == ["cifar/1"])
    }

    @Test func `A version folder with no model, or with two, is reported and passed over`() throws {
        try folder.write("x", to: "models/cifar/3/model.onnx")
        try folder.write("x", to: "models/cifar/3/model.pmml")
        try folder.write("x", to: "models/cifar/4/readme")
        try folder.write("x", to: "models/cifar/05/model.onnx")
        let store = try folder.store(bundled: true)
        #expect(store.served("cifar") == "v2")
        #expect(store.faults.map(\.reason).count == 2)
    }
}
