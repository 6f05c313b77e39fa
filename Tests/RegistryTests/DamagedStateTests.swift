import Foundation
import Testing

@testable import Registry

/// What a state file gone bad may cost: neither the version served, nor a number used twice.
@Suite struct DamagedStateTests {
    let folder = TemporaryFolder()

    private func deployTwiceThenRollBack() throws {
        var store = try folder.store()
        try store.deploy("m", "one")
        try store.deploy("m", "two")
        _ = try store.select("m", 1)
    }

    private func deployTwiceThenDelete(in folder: TemporaryFolder) throws {
        var store = try folder.store()
        try store.deploy("m", "one")
        try store.deploy("m", "two")
        store.disk.removeFiles(of: try store.remove("m"))
    }

    @Test(arguments: ["", "garbage", "augur-state 1\nnext 1\nchecksum 0\n"])
    func `A damaged state is reported, and its copy says what was served`(_ garbage: String) throws {
        try deployTwiceThenRollBack()
        try folder.write(garbage, to: "data/m/state")
        let store = try folder.store()
        #expect(store.faults.map(\.reason) == ["is damaged; its copy is used"])
        #expect(store.served("m") == "one")
        #expect(store.records["m"]?.next == 3)
    }

    @Test func `A damaged state is mended from its copy`() throws {
        try deployTwiceThenRollBack()
        try folder.write("garbage", to: "data/m/state")
        _ = try folder.store()
        try folder.write("garbage", to: "data/m/state.copy")
        do {
            let store = try folder.store()
            #expect(store.faults.map(\.reason) == ["is damaged; written anew"])
            #expect(store.served("m") == "one")
        }
        #expect(try folder.store().faults.isEmpty)
    }

    @Test(arguments: ["state", "state.copy"])
    func `A deleted model's numbers are not used again, whichever file is damaged or gone`(_ file: String)
        throws
    {
        for damage in ["garbage", nil] {
            let folder = TemporaryFolder()
            try deployTwiceThenDelete(in: folder)
            if let damage {
                try folder.write(damage, to: "data/m/\(file)")
            } else {
                try FileManager.default.removeItem(atPath: "\(folder.path)/data/m/\(file)")
            }
            var store = try folder.store()
            #expect(store.served("m") == nil)
            #expect(try store.deploy("m", "three").stored.number == 3)
        }
    }

    @Test func `With both damaged the newest version on disk is served, and no number given`() throws {
        try deployTwiceThenRollBack()
        for file in ["state", "state.copy"] { try folder.write("garbage", to: "data/m/\(file)") }
        var store = try folder.store()
        #expect(store.faults.count == 1)
        #expect(store.served("m") == "two")
        let lost = StoreError.stateLost(path: "\(folder.path)/data/m")
        #expect(throws: lost) { try store.deploy("m", "three") }
        #expect(throws: lost) { try store.select("m", 1) }
        #expect(throws: lost) { try store.remove("m") }
        #expect(store.served("m") == "two")
        #expect(try store.deploy("n", "one").stored.number == 1)
    }

    @Test func `A deleted bundled model stays deleted with both damaged`() throws {
        try folder.write("as shipped", to: "models/b/1/model.pmml")
        do {
            var store = try folder.store(bundled: true)
            _ = try store.remove("b")
        }
        for file in ["state", "state.copy"] { try folder.write("garbage", to: "data/b/\(file)") }
        var store = try folder.store(bundled: true)
        #expect(store.served("b") == nil)
        #expect(throws: StoreError.self) { try store.deploy("b", "mine") }
    }
}
