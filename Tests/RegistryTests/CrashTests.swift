import Testing

@testable import Registry

/// Every change is tried once for each of its steps on disk, with that step failing.
@Suite struct CrashTests {
    enum Change: String, CaseIterable, Sendable {
        case first, second, third, rollback, delete, deployAfterDelete, overBundled

        func prepare(_ store: inout Store) throws {
            let before = [
                Change.first: 0, .second: 1, .third: 2, .rollback: 2, .delete: 2, .deployAfterDelete: 1,
                .overBundled: 0,
            ]
            for index in 0..<(before[self] ?? 0) { try store.deploy(name, "text\(index)") }
            if self == .deployAfterDelete { store.disk.removeFiles(of: try store.remove(name)) }
        }

        var name: String { self == .overBundled ? "bundled" : "m" }

        func perform(_ store: inout Store) throws(StoreError) {
            switch self {
            case .first, .second, .third, .deployAfterDelete, .overBundled:
                store.disk.removeFiles(of: try store.deploy(name, "fresh", yaml: "labels: [a]").dropped)
            case .rollback: _ = try store.select(name, 1)
            case .delete: store.disk.removeFiles(of: try store.remove(name))
            }
        }
    }

    @Test(arguments: Change.allCases)
    func `A change that is killed at any step is either done or not`(_ change: Change) throws {
        let (before, after, steps) = try outcomes(of: change)
        let nextNumber = try nextAfter(change)
        #expect(steps >= 4)
        for step in 1...steps {
            let folder = try prepared()
            let fault = Fault()
            var acknowledged = false
            try performed(change, in: folder, fault: fault, at: step, .crash, acknowledged: &acknowledged)
            let (served, next, faults, leftovers) = try state(of: change, in: folder)
            #expect(faults.isEmpty, "step \(step)")
            #expect(leftovers.isEmpty, "step \(step)")
            if acknowledged { #expect(served == after, "step \(step)") }
            #expect(served == before || served == after, "step \(step)")
            if served == after, before != after { #expect(next == nextNumber, "step \(step)") }
        }
    }

    @Test(arguments: Change.allCases)
    func `A change that fails at any step changes nothing, in memory and on disk`(_ change: Change) throws {
        let (before, _, steps) = try outcomes(of: change)
        for step in 1...steps {
            let folder = try prepared()
            let fault = Fault()
            var acknowledged = false
            let inMemory = try performed(
                change, in: folder, fault: fault, at: step, .once, acknowledged: &acknowledged)
            let (served, _, faults, leftovers) = try state(of: change, in: folder)
            #expect(faults.isEmpty, "step \(step)")
            #expect(leftovers.isEmpty, "step \(step)")
            if !acknowledged {
                #expect(inMemory == before, "step \(step)")
                #expect(served == before, "step \(step)")
            } else {
                #expect(served == inMemory, "step \(step)")
            }
        }
    }

    private func prepared() throws -> TemporaryFolder {
        let folder = TemporaryFolder()
        try folder.write("as shipped", to: "models/bundled/1/model.onnx")
        return folder
    }

    private func outcomes(of change: Change) throws -> (before: String?, after: String?, steps: Int) {
        let folder = try prepared()
        let fault = Fault()
        var store = try folder.store(disk: fault.disk, bundled: true)
        try change.prepare(&store)
        let before = store.served(change.name)
        fault.arm(at: .max, .once)
        try change.perform(&store)
        return (before, store.served(change.name), fault.steps)
    }

    private func nextAfter(_ change: Change) throws -> Int? {
        let folder = try prepared()
        var store = try folder.store(bundled: true)
        try change.prepare(&store)
        try change.perform(&store)
        return store.records[change.name]?.next
    }

    @discardableResult
    private func performed(
        _ change: Change, in folder: TemporaryFolder, fault: Fault, at step: Int, _ kind: Fault.Kind,
        acknowledged: inout Bool
    ) throws -> String? {
        var store = try folder.store(disk: fault.disk, bundled: true)
        try change.prepare(&store)
        fault.arm(at: step, kind)
        do {
            try change.perform(&store)
            acknowledged = true
        } catch {}
        fault.disarm()
        return store.served(change.name)
    }

    /// What a fresh process finds, and the files that no version owns.
    private func state(
        of change: Change, in folder: TemporaryFolder
    ) throws -> (served: String?, next: Int?, faults: [StoreFault], leftovers: [String]) {
        let store = try folder.store(bundled: true)
        let named = (store.records[change.name]?.versions ?? []).filter { $0.source == .data }
        let owned = named.flatMap {
            ["\($0.number)", "\($0.number)/model.pmml", "\($0.number)/model.yaml"].map {
                "data/\(change.name)/" + $0
            }
        }
        let states = ["data/\(change.name)/state", "data/\(change.name)/state.copy"]
        let known = Set(owned + states + ["data/\(change.name)"])
        let leftovers = folder.contents.filter { $0.hasPrefix("data") && !known.contains($0) }
        return (store.served(change.name), store.records[change.name]?.next, store.faults, leftovers)
    }
}
