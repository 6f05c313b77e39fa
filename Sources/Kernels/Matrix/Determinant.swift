import Tensors

extension Invocation {
    /// `Det` (opset 11 to 22): of each square matrix of the last two axes, by elimination with pivots.
    func determinant() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        let rank = x.shape.rank
        guard rank >= 2, x.elementType.isFloatingPoint, x.shape[rank - 1] == x.shape[rank - 2] else {
            throw .invalid("\(x.elementType) \(x.shape) is no square matrix")
        }
        let size = x.shape[rank - 1]
        let dims = Array(x.shape.dims.dropLast(2))
        let count = saturatingProduct(dims)
        try workspace.reserve(count)
        try workspace.charge(saturatingMultiply(x.count, size))
        let values = x.doubles()
        let results = (0..<count).map { number in
            eliminated(Array(values[(number * size * size)..<((number + 1) * size * size)]), size)
        }
        return [try cast(try make(dims, results), to: x.elementType)]
    }

    /// The product of the pivots of a matrix, the sign turned by each exchange of rows.
    private func eliminated(_ matrix: [Double], _ size: Int) -> Double {
        var a = matrix
        var product = 1.0
        for column in 0..<size {
            var pivot = column
            for row in column..<size where abs(a[row * size + column]) > abs(a[pivot * size + column]) {
                pivot = row
            }
            if a[pivot * size + column] == 0 { return 0 }
            if pivot != column {
                for place in 0..<size { a.swapAt(pivot * size + place, column * size + place) }
                product = -product
            }
            product *= a[column * size + column]
            for row in (column + 1)..<max(size, column + 1) {
                let factor = a[row * size + column] / a[column * size + column]
                for place in column..<size { a[row * size + place] -= factor * a[column * size + place] }
            }
        }
        return product
    }
}
