import Tensors

/// One evaluation of one operator: everything it may look at.
package struct Invocation: Sendable {
    /// Inputs in the operator's order; nil where an optional one was left out.
    package let inputs: [Tensor?]
    /// The node's attributes.
    package let attributes: Attributes
    /// Version of the operator set that the model imports for the operator's domain.
    package let opset: Int
    /// How many leading outputs the node names.
    package let outputCount: Int
    /// Memory and operations.
    package let workspace: Workspace
    /// What the operator keeps between runs of the same node.
    package let cache: PreparedCache

    /// An evaluation of these parts.
    package init(
        inputs: [Tensor?], attributes: Attributes, opset: Int, outputCount: Int, workspace: Workspace,
        cache: PreparedCache = PreparedCache()
    ) {
        (self.inputs, self.attributes, self.opset) = (inputs, attributes, opset)
        (self.outputCount, self.workspace, self.cache) = (outputCount, workspace, cache)
    }

    /// The same evaluation on other inputs.
    func replacing(inputs: [Tensor?]) -> Invocation {
        Invocation(
            inputs: inputs, attributes: attributes, opset: opset, outputCount: outputCount,
            workspace: workspace)
    }
}

/// An operator: reads its invocation, returns its outputs in order (trailing unwanted ones may be left out).
package typealias OperatorFunction = @Sendable (Invocation) throws(KernelError) -> [Tensor]

extension Invocation {
    /// Input `index`.
    /// - Throws: `KernelError.invalid` when the node leaves it out.
    func input(_ index: Int) throws(KernelError) -> Tensor {
        guard let tensor = optional(index) else { throw .invalid("input \(index) is missing") }
        return tensor
    }

    /// Input `index`, nil when left out.
    func optional(_ index: Int) -> Tensor? {
        index < inputs.count ? inputs[index] : nil
    }

    /// A result tensor to fill, its elements (or, where it has none, its axes) counted as operations.
    func make(_ elementType: ElementType, _ dims: [Int]) throws(KernelError) -> Tensor {
        let shape = Shape(dims)
        guard dims.allSatisfy({ $0 >= 0 }), dims.count <= rankMax else {
            throw .invalid("a result of negative size or too many axes \(shape)")
        }
        try workspace.charge(shape.extent)
        do {
            return try Tensor(uninitialized: elementType, shape: shape, pool: workspace.pool)
        } catch {
            throw KernelError(error)
        }
    }

    /// A result tensor holding `elements`.
    func make<Value: TensorElement>(_ dims: [Int], _ elements: [Value]) throws(KernelError) -> Tensor {
        do {
            return try Tensor(shape: Shape(dims), elements: elements, pool: workspace.pool)
        } catch {
            throw KernelError(error)
        }
    }

    /// `tensor` converted to another numeric type.
    func cast(_ tensor: Tensor, to elementType: ElementType) throws(KernelError) -> Tensor {
        if tensor.elementType == elementType { return tensor }
        try workspace.charge(tensor.count)
        do {
            return try tensor.cast(to: elementType, pool: workspace.pool)
        } catch {
            throw KernelError(error)
        }
    }

    /// The integers of a small input such as axes or a shape.
    /// - Throws: `KernelError.invalid` for a floating or string tensor, or more than 2^20 of them.
    func integers(_ index: Int) throws(KernelError) -> [Int]? {
        guard let tensor = optional(index) else { return nil }
        guard !tensor.elementType.isFloatingPoint, tensor.elementType != .string, tensor.count <= 1 << 20
        else {
            throw .invalid("input \(index) must be a list of integers")
        }
        return tensor.converted(to: Int64.self).map(Int.init)
    }

    /// The integers of input `index`, or where older operator sets have it, of attribute `name`.
    func integers(_ index: Int, orAttribute name: String) throws(KernelError) -> [Int]? {
        if let list = try integers(index) { return list }
        return try attributes.integers(name)
    }
}

extension Tensor {
    /// This tensor under other dimensions of the same product.
    func shaped(_ dims: [Int]) throws(KernelError) -> Tensor {
        guard dims.count <= rankMax else { throw .invalid("a shape of \(dims.count) axes") }
        do {
            return try reshaped(Shape(dims))
        } catch {
            throw .invalid("cannot reshape \(shape) to \(Shape(dims))")
        }
    }

    /// The size of axis `axis`.
    /// - Throws: `KernelError.invalid` when the tensor has fewer axes.
    func size(_ axis: Int) throws(KernelError) -> Int {
        guard shape.dims.indices.contains(axis) else {
            throw .invalid("rank \(shape.rank) has no axis \(axis)")
        }
        return shape.dims[axis]
    }
}

extension KernelError {
    /// The same fault, told by an operator.
    init(_ error: TensorError) {
        switch error {
        case .negativeDimension(let dims): self = .invalid("negative dimension in \(Shape(dims))")
        case .tooLarge(let dims, let limit):
            self = .tooLarge("a tensor of \(Shape(dims)) passes \(limit) bytes")
        case .countMismatch(let expected, let given):
            self = .invalid("\(given) elements where \(expected) belong")
        case .outOfMemory(let bytes): self = .tooLarge("no memory for \(bytes) bytes")
        }
    }
}

/// Most axes that a tensor may have.
private let rankMax = 64

/// `axis` counted from the front, for a tensor of `rank` axes; `rank` itself is allowed where `inclusive`.
/// - Throws: `KernelError.invalid` when out of range.
func normalize(axis: Int, rank: Int, inclusive: Bool = false) throws(KernelError) -> Int {
    let top = inclusive ? rank : rank - 1
    guard axis >= -rank, axis <= top else { throw .invalid("axis \(axis) is out of range for rank \(rank)") }
    return axis < 0 ? axis + rank : axis
}

/// `axes` counted from the front, in ascending order.
/// - Throws: `KernelError.invalid` when one is out of range or named twice.
func normalize(axes: [Int], rank: Int) throws(KernelError) -> [Int] {
    var seen = [Bool](repeating: false, count: rank)
    for axis in axes {
        let axis = try normalize(axis: axis, rank: rank)
        guard !seen[axis] else { throw .invalid("axis \(axis) is named twice") }
        seen[axis] = true
    }
    return seen.indices.filter { seen[$0] }
}

/// `a + b` that stops at the ends of the type rather than trap.
func saturatingAdd(_ a: Int, _ b: Int) -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? (a < 0 ? .min : .max) : sum
}

/// `a * b` that stops at the ends of the type rather than trap.
func saturatingMultiply(_ a: Int, _ b: Int) -> Int {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? ((a < 0) == (b < 0) ? .max : .min) : product
}
