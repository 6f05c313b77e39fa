/// Numbers that C code reads: copied once, aligned to a cache line, never changed.
final class FixedTable<Element: BitwiseCopyable>: @unchecked Sendable {
    // Nothing writes after `init`.
    let pointer: UnsafePointer<Element>
    let count: Int

    init(_ elements: [Element]) {
        count = elements.count
        let bytes = max(1, elements.count) * MemoryLayout<Element>.stride
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
            .bindMemory(to: Element.self, capacity: max(1, elements.count))
        // SAFETY: the allocation has room for `elements.count` elements, which are trivial.
        memory.initialize(from: elements, count: elements.count)
        pointer = UnsafePointer(memory)
    }

    deinit {
        // SAFETY: allocated in `init`; trivial elements need no deinitialisation.
        UnsafeMutableRawPointer(mutating: pointer).deallocate()
    }
}
