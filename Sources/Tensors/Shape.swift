/// The dimensions of a tensor, outermost first; a scalar has none. Elements lie row-major and contiguous.
@usableFromInline package struct Shape: Sendable, Hashable {
    /// Sizes of the axes, outermost first.
    @usableFromInline package let dims: [Int]

    /// Product of the dimensions; `Int.max` where it would overflow, 0 where a dimension is below 1.
    @usableFromInline package let elementCount: Int

    /// A shape of trusted dimensions. The product saturates, so that a later allocation refuses it.
    package init(_ dims: [Int]) {
        self.dims = dims
        elementCount = saturatingProduct(dims)
    }

    /// A shape of dimensions from outside.
    /// - Throws: `TensorError.negativeDimension`, or `.tooLarge` past `elementsMax`.
    package init(checking dims: [Int], elementsMax: Int) throws(TensorError) {
        guard dims.allSatisfy({ $0 >= 0 }) else { throw .negativeDimension(dims) }
        self.init(dims)
        guard elementCount <= elementsMax, isBounded else { throw .tooLarge(dims: dims, limit: elementsMax) }
    }

    /// Whether a tensor may have this shape. An empty one's other axes count too: operators multiply some of
    /// the axes of a shape, and no such product may pass what an integer holds.
    var isBounded: Bool { elementCount > 0 || extent <= 1 << 40 }

    /// Product of the axes that are not empty: how often a loop over some of the axes may turn, for a tensor
    /// without elements too.
    package var extent: Int { elementCount > 0 ? elementCount : saturatingProduct(dims.map { max($0, 1) }) }

    /// Number of axes.
    package var rank: Int { dims.count }

    /// Size of axis `axis`, 0 being the outermost.
    package subscript(axis: Int) -> Int { dims[axis] }

    /// Elements between neighbours along each axis.
    package var strides: [Int] {
        var strides = [Int](repeating: 1, count: dims.count)
        var step = 1
        for axis in dims.indices.reversed() {
            strides[axis] = step
            step = step.multipliedReportingOverflow(by: dims[axis]).partialValue
        }
        return strides
    }
}

extension Shape {
    /// How many elements, or else empty rows, nested arrays of this shape hold; `Int.max` when that does not
    /// fit.
    ///
    /// An empty tensor takes no memory whatever its other axes are, but whoever writes `[1000, 0]` writes
    /// 1,000 empty arrays.
    package var leafCount: Int { saturatingProduct(dims.prefix { $0 > 0 }) }
}

extension Shape: CustomStringConvertible, ExpressibleByArrayLiteral {
    @usableFromInline package init(arrayLiteral dims: Int...) { self.init(dims) }

    @usableFromInline package var description: String {
        "[" + dims.map(String.init).joined(separator: ", ") + "]"
    }
}

/// Product of `factors`; 0 if any is below 1, `Int.max` when it does not fit.
package func saturatingProduct(_ factors: some Sequence<Int>) -> Int {
    var product = 1
    for factor in factors {
        guard factor > 0 else { return 0 }
        if product == .max { continue }
        let (next, overflow) = product.multipliedReportingOverflow(by: factor)
        product = overflow ? .max : next
    }
    // A zero may still follow an overflow.
    return factors.contains { $0 < 1 } ? 0 : product
}
