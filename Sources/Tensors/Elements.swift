/// The elements of a tensor for reading, index-checked. It keeps the memory alive.
@usableFromInline package struct Elements<Value: TensorElement> {
    @usableFromInline let memory: TensorMemory
    /// First element, for kernels that take pointers; valid while this value lives.
    @usableFromInline package let pointer: UnsafePointer<Value>
    /// Number of elements.
    @usableFromInline package let count: Int

    @inlinable init(_ memory: TensorMemory, count: Int) {
        self.memory = memory
        // SAFETY: the memory holds `count` elements of this type (checked when the tensor was made) and is
        // plain bytes.
        pointer = UnsafePointer(memory.base.assumingMemoryBound(to: Value.self))
        self.count = count
    }

    /// Element `index`; a wrong index reads as zero and is noted in `ElementFault`.
    package subscript(index: Int) -> Value {
        @inlinable @inline(__always) get {
            guard UInt(bitPattern: index) < UInt(bitPattern: count) else {
                ElementFault.note()
                return .zero
            }
            // SAFETY: the index was just checked against the count.
            return pointer[index]
        }
    }

    /// A copy of all elements.
    @inlinable package var array: [Value] {
        // SAFETY: the buffer is `count` elements of memory that this value keeps alive.
        Array(UnsafeBufferPointer(start: pointer, count: count))
    }
}

/// The elements of a tensor under construction, index-checked. It keeps the memory alive.
@usableFromInline package struct MutableElements<Value: TensorElement> {
    @usableFromInline let memory: TensorMemory
    /// First element, for kernels that take pointers; valid while this value lives.
    @usableFromInline package let pointer: UnsafeMutablePointer<Value>
    /// Number of elements.
    @usableFromInline package let count: Int

    @inlinable init(_ memory: TensorMemory, count: Int) {
        self.memory = memory
        // SAFETY: the memory holds `count` elements of this type (checked when the tensor was made) and is
        // plain bytes.
        pointer = memory.base.assumingMemoryBound(to: Value.self)
        self.count = count
    }

    /// Element `index`; a wrong index reads as zero, writes nothing, and is noted in `ElementFault`.
    package subscript(index: Int) -> Value {
        @inlinable @inline(__always) get {
            guard UInt(bitPattern: index) < UInt(bitPattern: count) else {
                ElementFault.note()
                return .zero
            }
            // SAFETY: the index was just checked against the count.
            return pointer[index]
        }
        @inlinable @inline(__always) nonmutating set {
            guard UInt(bitPattern: index) < UInt(bitPattern: count) else { return ElementFault.note() }
            // SAFETY: the index was just checked against the count.
            pointer[index] = newValue
        }
    }

    /// Sets every element to `value`.
    @inlinable package func fill(_ value: Value) {
        // SAFETY: the range is exactly the tensor's `count` elements.
        pointer.update(repeating: value, count: count)
    }

    /// Copies `values`, as many as both hold, to the front.
    @inlinable package func copy(_ values: [Value]) {
        // SAFETY: the count is the smaller of the two, and an array never overlaps tensor memory.
        values.withUnsafeBufferPointer { source in
            guard let base = source.baseAddress else { return }
            pointer.update(from: base, count: Swift.min(count, source.count))
        }
    }

    /// Copies `length` elements of `source` from `start` to `offset` here; a range outside either copies
    /// nothing and is noted in `ElementFault`.
    @inlinable package func copy(
        _ source: Elements<Value>, from start: Int, count length: Int, to offset: Int
    ) {
        guard length > 0 else { return }
        guard start >= 0, offset >= 0, start <= source.count - length, offset <= count - length else {
            return ElementFault.note()
        }
        // SAFETY: both ranges were just checked, and a tensor under construction shares memory with no other.
        (pointer + offset).update(from: source.pointer + start, count: length)
    }
}

extension Tensor {
    /// The elements for reading. The caller has checked `elementType`; another type's memory reads as 0
    /// elements.
    @inlinable package func elements<Value: TensorElement>(as type: Value.Type) -> Elements<Value> {
        switch storage {
        case .memory(let memory):
            Elements(memory, count: MemoryLayout<Value>.size == elementType.byteCount ? count : 0)
        case .text: Elements(.empty, count: 0)
        }
    }

    /// The elements for writing, by the maker of a tensor that nobody else has seen yet.
    @inlinable package func mutableElements<Value: TensorElement>(as type: Value.Type) -> MutableElements<
        Value
    > {
        switch storage {
        case .memory(let memory):
            MutableElements(memory, count: MemoryLayout<Value>.size == elementType.byteCount ? count : 0)
        case .text: MutableElements(.empty, count: 0)
        }
    }
}
