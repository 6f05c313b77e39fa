/// An immutable, contiguous, row-major array of elements of one type. Copies share the memory.
@usableFromInline package struct Tensor: Sendable {
    /// Where the elements are: raw memory, or strings.
    @usableFromInline package enum Storage: Sendable {
        case memory(TensorMemory)
        case text(TensorText)
    }

    /// The dimensions.
    @usableFromInline package let shape: Shape
    /// What one element is.
    @usableFromInline package let elementType: ElementType
    /// The elements.
    @usableFromInline package let storage: Storage

    /// A tensor whose elements are not yet written; its maker fills it through `mutableElements` before
    /// sharing it.
    /// - Throws: `TensorError.tooLarge` past the pool's bound, `.outOfMemory`.
    package init(uninitialized elementType: ElementType, shape: Shape, pool: TensorPool = .shared)
        throws(TensorError)
    {
        guard shape.isBounded else { throw .tooLarge(dims: shape.dims, limit: pool.bytesMax) }
        self.shape = shape
        self.elementType = elementType
        if elementType == .string {
            guard shape.elementCount <= 1 << 28 else { throw .tooLarge(dims: shape.dims, limit: 1 << 28) }
            let claim = try TensorText.claim(count: shape.elementCount, dims: shape.dims, pool: pool)
            let strings = [String](repeating: "", count: shape.elementCount)
            storage = .text(TensorText(strings, bytes: claim, pool: pool))
            return
        }
        let (bytes, overflow) = shape.elementCount.multipliedReportingOverflow(by: elementType.byteCount)
        guard !overflow else { throw .tooLarge(dims: shape.dims, limit: pool.bytesMax) }
        storage = .memory(try TensorMemory(byteCount: bytes, dims: shape.dims, pool: pool))
    }

    /// A tensor over memory that already holds its elements.
    /// - Throws: `TensorError.countMismatch` when the memory is too short.
    package init(_ elementType: ElementType, shape: Shape, memory: TensorMemory) throws(TensorError) {
        let (bytes, overflow) = shape.elementCount.multipliedReportingOverflow(by: elementType.byteCount)
        guard elementType != .string, !overflow, bytes <= memory.byteCount, shape.isBounded else {
            throw .countMismatch(expected: shape.elementCount, given: memory.byteCount)
        }
        self.shape = shape
        self.elementType = elementType
        storage = .memory(memory)
    }

    /// A tensor of strings.
    /// - Throws: `TensorError.countMismatch`, or `.tooLarge` past the pool's bound.
    package init(shape: Shape, strings: [String], pool: TensorPool = .shared) throws(TensorError) {
        guard strings.count == shape.elementCount, shape.isBounded else {
            throw .countMismatch(expected: shape.elementCount, given: strings.count)
        }
        self.shape = shape
        elementType = .string
        let bytes = try TensorText.claim(strings, dims: shape.dims, pool: pool)
        storage = .text(TensorText(strings, bytes: bytes, pool: pool))
    }

    /// A float32 tensor holding a copy of `floats`, row-major.
    /// - Throws: `TensorError.countMismatch`, `.tooLarge`, `.outOfMemory`.
    package init(shape: Shape, floats: [Float], pool: TensorPool = .shared) throws(TensorError) {
        try self.init(shape: shape, elements: floats, pool: pool)
    }

    /// A tensor holding a copy of `elements`, row-major.
    /// - Throws: `TensorError.countMismatch`, `.tooLarge`, `.outOfMemory`.
    package init<Value: TensorElement>(shape: Shape, elements: [Value], pool: TensorPool = .shared)
        throws(TensorError)
    {
        guard elements.count == shape.elementCount else {
            throw .countMismatch(expected: shape.elementCount, given: elements.count)
        }
        try self.init(uninitialized: Value.elementType, shape: shape, pool: pool)
        mutableElements(as: Value.self).copy(elements)
    }

    /// The same elements under another shape of as many elements.
    /// - Throws: `TensorError.countMismatch`.
    package func reshaped(_ shape: Shape) throws(TensorError) -> Tensor {
        guard shape.elementCount == self.shape.elementCount, shape.isBounded else {
            throw .countMismatch(expected: shape.elementCount, given: self.shape.elementCount)
        }
        return Tensor(shape: shape, elementType: elementType, storage: storage)
    }

    private init(shape: Shape, elementType: ElementType, storage: Storage) {
        (self.shape, self.elementType, self.storage) = (shape, elementType, storage)
    }

    /// Number of elements.
    @inlinable package var count: Int { shape.elementCount }

    /// The elements of a `string` tensor; empty for any other type.
    package var strings: [String] {
        switch storage {
        case .text(let text): text.strings
        case .memory: []
        }
    }

    /// The elements as floats, converted from any numeric or Boolean type; empty for strings.
    package func floats() -> [Float] { converted(to: Float.self) }

    /// The elements as doubles, converted from any numeric or Boolean type; empty for strings.
    package func doubles() -> [Double] { converted(to: Double.self) }
}
