import Foundation
import Synchronization
import Testing

@testable import Registry

@Suite struct CatalogTests {
    final class Version: Sendable {
        let number: Int
        let freed: @Sendable (Int) -> Void
        init(_ number: Int, freed: @escaping @Sendable (Int) -> Void = { _ in }) {
            self.number = number
            self.freed = freed
        }
        deinit { freed(number) }
    }

    @Test func `A version lives until its last reader lets go`() throws {
        let freed = Mutex<[Int]>([])
        let catalog = Catalog<Version>()
        let note: @Sendable (Int) -> Void = { number in freed.withLock { $0.append(number) } }
        catalog.swap("m", to: .init(serving: 1, versions: [1: Version(1, freed: note)]))
        var pinned = catalog.pin("m")
        catalog.swap("m", to: .init(serving: 2, versions: [2: Version(2, freed: note)]))
        #expect(catalog.pin("m")?.number == 2)
        #expect(freed.withLock { $0 } == [])
        #expect(pinned?.number == 1)
        pinned = nil
        #expect(freed.withLock { $0 } == [1])
    }

    @Test func `A kept version answers to its number, another does not`() {
        let catalog = Catalog<Version>()
        catalog.swap("m", to: .init(serving: 2, versions: [1: Version(1), 2: Version(2)]))
        #expect(catalog.pin("m", version: 1)?.number == 1)
        #expect(catalog.pin("m", version: 3) == nil)
        #expect(catalog.pin("n") == nil)
        #expect(catalog.served.map(\.number) == [2])
        catalog.swap("m", to: nil)
        #expect(catalog.pin("m") == nil)
    }

    @Test func `A slot cannot serve a version that it lacks`() {
        #expect(Catalog<Version>.Slot(serving: 1, versions: [:]) == nil)
    }

    @Test func `Readers never find a gap while versions are swapped, and never go back`() {
        let catalog = Catalog<Version>()
        catalog.swap("m", to: .init(serving: 0, versions: [0: Version(0)]))
        let faults = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 4) { index in
            if index == 0 {
                for number in 1...5000 {
                    catalog.swap("m", to: .init(serving: number, versions: [number: Version(number)]))
                }
                return
            }
            var last = 0
            for _ in 0..<5000 {
                guard let number = catalog.pin("m")?.number, number >= last else {
                    faults.add(1, ordering: .relaxed)
                    continue
                }
                last = number
            }
        }
        #expect(faults.load(ordering: .relaxed) == 0)
    }
}
