import Foundation
import Synchronization
import Testing

@testable import Registry

@Suite struct StoreTests {
    let folder = TemporaryFolder()

    @Test func `A deployed model is there after a restart`() throws {
        do {
            var store = try folder.store()
            try store.deploy("iris", "one", yaml: "labels: [a]")
        }
        let store = try folder.store()
        #expect(store.served("iris") == "one")
        #expect(store.faults.isEmpty)
        let version = try #require(store.stored("iris", 1))
        #expect(version.configurationPath == "\(folder.path)/data/iris/1/model.yaml")
    }

    @Test func `The served and the previous version are kept, older ones go`() throws {
        var store = try folder.store()
        for text in ["one", "two", "three"] {
            store.disk.removeFiles(of: try store.deploy("m", text).dropped)
        }
        #expect(store.served("m") == "three")
        #expect(
            folder.contents.filter { $0.hasSuffix(".pmml") } == [
                "data/m/2/model.pmml", "data/m/3/model.pmml",
            ])
    }

    @Test func `Numbers only grow, also over a delete and a restart`() throws {
        do {
            var store = try folder.store()
            try store.deploy("m", "one")
            try store.deploy("m", "two")
            store.disk.removeFiles(of: try store.remove("m"))
        }
        var store = try folder.store()
        #expect(store.served("m") == nil)
        let committed = try store.deploy("m", "three")
        #expect(committed.stored.number == 3)
        let expected = ["data/m", "data/m/3", "data/m/3/model.pmml", "data/m/state", "data/m/state.copy"]
        #expect(folder.contents == expected)
    }

    @Test func `A rollback goes to what was served before, and a deployment after it does not forget that`()
        throws
    {
        var store = try folder.store()
        for text in ["one", "two"] { try store.deploy("m", text) }
        let target = try #require(store.records["m"]?.rollbackTarget)
        #expect(target.number == 1)
        _ = try store.select("m", target.number)
        #expect(store.served("m") == "one")
        #expect(store.records["m"]?.rollbackTarget == nil)
        try store.deploy("m", "three")
        #expect(store.records["m"]?.rollbackTarget?.number == 1)
        store = try reopened(&store)
        #expect(store.served("m") == "three")
    }

    @Test func `A second process is told that the folder is taken`() throws {
        let store = try folder.store()
        #expect(throws: StoreError.inUse(path: store.directory)) { try folder.store() }
    }

    @Test func `A folder with somebody's files in it is not taken over`() throws {
        try folder.write("dear diary", to: "data/diary.txt")
        #expect(throws: StoreError.notAStore(path: "\(folder.path)/data", found: "diary.txt")) {
            try folder.store()
        }
        #expect(folder.contents == ["data/diary.txt"])
    }

    @Test func `Leftovers of killed deployments are swept, strange folders are reported and left`() throws {
        do {
            var store = try folder.store()
            try store.deploy("m", "one")
        }
        try folder.write("half", to: "data/m/2/model.pmml")
        try folder.write("half", to: "data/m/state.tmp")
        try folder.write("half", to: "data/.staging/1-1/model.pmml")
        try folder.write("half", to: "data/.uploads/body")
        try folder.write("mine", to: "data/notes/1/model.pmml")
        let store = try folder.store()
        #expect(store.faults.map(\.reason) == ["has no state file; left alone"])
        #expect(store.served("m") == "one")
        let expected = ["data/m", "data/m/1", "data/m/1/model.pmml", "data/m/state", "data/m/state.copy"]
        #expect(folder.contents.filter { !$0.hasPrefix("data/notes") } == expected)
        #expect(try Disk().names(in: store.staging.directory).isEmpty)
        #expect(try Disk().names(in: store.uploadDirectory).isEmpty)
    }

    @Test func `A model file gone bad is noticed`() throws {
        do {
            var store = try folder.store()
            try store.deploy("m", "one")
            try store.deploy("m", "two", yaml: "labels: [a]")
        }
        try folder.write("twO", to: "data/m/2/model.pmml")
        var store = try folder.store()
        let bad = try #require(store.stored("m", 2))
        #expect(Disk().damage(of: bad) == "does not have the SHA-256 it was deployed with")
        store.forget("m", 2, because: "bad")
        #expect(store.served("m") == "one")
        #expect(store.faults.count == 1)
        #expect(try store.deploy("m", "three").stored.number == 3)
    }

    @Test func `A version that cannot be used now is tried again at the next start, whatever was changed`()
        throws
    {
        var store = try folder.store(retained: 3)
        for text in ["one", "two", "three"] { try store.deploy("m", text) }
        store.forget("m", 3, because: "no memory")
        store.forget("m", 2, because: "no memory")
        #expect(store.served("m") == "one" && store.stored("m", 3) == nil)
        let four = try store.deploy("m", "four")
        #expect(four.stored.number == 4 && four.dropped.isEmpty)
        #expect(store.records["m"]?.rollbackTarget?.number == 1)
        store = try reopened(&store, retained: 3)
        #expect(store.served("m") == "four")
        #expect(store.records["m"]?.versions.map(\.number) == [1, 2, 3, 4])
        let five = try store.deploy("m", "five")
        #expect(five.dropped.map(\.number) == [1, 2])
    }

    @Test func `A change that fails leaves a forgotten version the one served at the next start`() throws {
        let isFull = Mutex(false)
        let disk = Disk { step throws(StoreError) in
            guard case .rename = step, isFull.withLock({ $0 }) else { return }
            throw .disk(operation: "rename", path: "", code: 5)
        }
        var store = try folder.store(disk: disk)
        try store.deploy("m", "one")
        try store.deploy("m", "two")
        store.forget("m", 2, because: "no memory")
        isFull.withLock { $0 = true }
        #expect(throws: StoreError.self) { try store.select("m", 1) }
        isFull.withLock { $0 = false }
        #expect(store.served("m") == "one")
        store = try reopened(&store)
        #expect(store.served("m") == "two")
        store.forget("m", 2, because: "no memory")
        #expect(try store.remove("m").map(\.number) == [1, 2])
    }

    @Test func `A model.yaml gone bad is noticed`() throws {
        var store = try folder.store()
        try store.deploy("m", "two", yaml: "labels: [a]")
        try folder.write("labels: [b]", to: "data/m/1/model.yaml")
        let version = try #require(store.stored("m", 1))
        #expect(Disk().damage(of: version) == "has a model.yaml that was changed")
    }

    @Test func `A model can be deleted on a full disk, as long as something was kept for that`() throws {
        let path = "\(folder.path)/data/.reserve"
        let isFull = Mutex(false)
        let disk = Disk { step throws(StoreError) in
            guard case .write = step, isFull.withLock({ $0 }), Disk().size(of: path) != nil else { return }
            throw .disk(operation: "write", path: "", code: 28)
        }
        var store = try folder.store(disk: disk)
        try store.deploy("m", "one")
        isFull.withLock { $0 = true }
        #expect(throws: StoreError.self) { try store.deploy("m", "two") }
        #expect(try store.remove("m").map(\.number) == [1])
        #expect(store.served("m") == nil)
        #expect(Disk().size(of: path) == nil)
        try store.deploy("m", "two")
        #expect(Disk().size(of: path) == 65_536)
    }

    @Test func `The number of names is bounded, deleted ones included`() throws {
        var options = Store.Options()
        options.modelsMax = 2
        var store = try Store(directory: "\(folder.path)/data", options: options)
        try store.deploy("a", "one")
        _ = try store.remove("a")
        try store.deploy("b", "one")
        #expect(throws: StoreError.tooManyModels(2)) { try store.deploy("c", "one") }
        try store.deploy("a", "two")
    }

    private func reopened(_ store: inout Store, retained: Int = 2) throws -> Store {
        let other = TemporaryFolder()
        store = try other.store()
        return try folder.store(retained: retained)
    }
}
