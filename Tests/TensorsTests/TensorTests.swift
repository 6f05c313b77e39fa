import Tensors
import Testing

@Test func `A tensor gives back the floats that it was made of`() throws {
    let tensor = try Tensor(shape: [2, 3], floats: [1, 2, 3, 4, 5, 6])
    #expect(tensor.floats() == [1, 2, 3, 4, 5, 6])
    #expect(tensor.shape.strides == [3, 1])
}

@Test func `A tensor of another number of elements than its shape is refused`() {
    #expect(throws: TensorError.countMismatch(expected: 6, given: 1)) {
        try Tensor(shape: [2, 3], floats: [1])
    }
}

@Test(arguments: [[1 << 40, 1 << 40], [3, 1 << 62], [Int.max, Int.max, Int.max]])
func `A shape whose product overflows is refused, not wrapped`(dims: [Int]) {
    #expect(throws: TensorError.self) { try Shape(checking: dims, elementsMax: 1 << 40) }
    #expect(throws: TensorError.self) { try Tensor(uninitialized: .float32, shape: Shape(dims)) }
}

@Test(arguments: [[1 << 23, 1 << 40, 0], [0, Int.max], [1, 0, 1 << 41]])
func `An empty tensor whose other axes no integer can multiply is refused`(dims: [Int]) throws {
    #expect(throws: TensorError.self) { try Shape(checking: dims, elementsMax: 1 << 40) }
    #expect(throws: TensorError.self) { try Tensor(uninitialized: .float32, shape: Shape(dims)) }
    #expect(throws: TensorError.self) { try Tensor(shape: Shape(dims), strings: []) }
    let empty = try Tensor(shape: [0, 1 << 40], floats: [])
    #expect(throws: TensorError.self) { try empty.reshaped(Shape(dims)) }
    #expect(try empty.reshaped([1 << 40, 0]).count == 0)
}

@Test func `A negative dimension is refused`() {
    #expect(throws: TensorError.negativeDimension([2, -1])) {
        try Shape(checking: [2, -1], elementsMax: 100)
    }
}

@Test func `A zero after an overflow still makes the shape empty`() {
    #expect(Shape([Int.max, Int.max, 0]).elementCount == 0)
}

@Test func `A pool refuses what would pass its bound and hands blocks out again`() throws {
    let pool = TensorPool(bytesMax: 4096)
    do {
        let first = try Tensor(uninitialized: .float32, shape: [512], pool: pool)
        #expect(first.count == 512)
        #expect(throws: TensorError.self) { try Tensor(uninitialized: .float32, shape: [1024], pool: pool) }
    }
    let second = try Tensor(uninitialized: .float32, shape: [512], pool: pool)
    #expect(second.count == 512)
    #expect(pool.peakBytes == 2048)
}

@Test func `Floats convert to integers by truncation and saturation`() throws {
    let tensor = try Tensor(shape: [5], floats: [-1.9, 1.9, 300, -300, .nan])
    #expect(tensor.converted(to: Int8.self) == [-1, 1, 127, -128, 0])
}

@Test func `A bfloat16 rounds to the nearest even`() {
    #expect(BFloat16(1).float == 1)
    #expect(BFloat16(1.00390625).float == 1)
    #expect(BFloat16(1.01171875).float == 1.015625)
    #expect(BFloat16(.infinity).float == .infinity)
}

@Test func `An index outside a tensor reads as zero, writes nothing, and is told once`() throws {
    let tensor = try Tensor(shape: [3], floats: [1, 2, 3])
    let (elements, writable) = (tensor.elements(as: Float.self), tensor.mutableElements(as: Float.self))
    #expect(!ElementFault.take())
    for index in [3, -1, .max, .min] {
        #expect(elements[index] == 0 && writable[index] == 0)
        #expect(ElementFault.take())
        writable[index] = 9
        #expect(ElementFault.take())
    }
    #expect(!ElementFault.take())
    #expect(tensor.elements(as: Double.self)[0] == 0 && ElementFault.take())
    #expect(tensor.floats() == [1, 2, 3])
}

@Test(arguments: [(0, 1, 3), (1, 0, 3), (-1, 0, 1), (0, -1, 1), (.max, 0, 2), (0, .max, 2), (0, 0, .max)])
func `A copied range outside either tensor copies nothing`(start: Int, offset: Int, count: Int) throws {
    let source = try Tensor(shape: [3], floats: [1, 2, 3])
    let target = try Tensor(shape: [3], floats: [0, 0, 0])
    target.mutableElements(as: Float.self).copy(
        source.elements(as: Float.self), from: start, count: count, to: offset)
    #expect(ElementFault.take())
    #expect(target.floats() == [0, 0, 0])
}
