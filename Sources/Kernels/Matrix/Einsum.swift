import Tensors

/// The equation of `Einsum`: which label each axis has.
private struct EinsumEquation {
    /// Labels of each input's axes; those of an ellipsis are negative, counted from its right end.
    let inputs: [[Int]]
    let output: [Int]

    init(_ text: String, ranks: [Int]) throws(KernelError) {
        let sides = text.filter { !$0.isWhitespace }.split(
            separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let terms = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard terms.count == ranks.count else {
            throw .invalid("equation '\(text)' for \(ranks.count) inputs")
        }
        var inputs: [[Int]] = []
        for (term, rank) in zip(terms, ranks) { inputs.append(try Self.labels(term, rank: rank)) }
        let widest = inputs.map { $0.filter { $0 < 0 }.count }.max() ?? 0
        self.inputs = inputs
        if sides.count == 2 {
            guard sides[1].hasPrefix(">") else { throw .invalid("equation '\(text)'") }
            let target = String(sides[1].dropFirst())
            let letters = target.filter { $0 != "." }.count
            output = try Self.labels(target, rank: letters + (target.contains("...") ? widest : 0))
        } else {
            // Without an arrow: the ellipsis, then the labels that occur once, in alphabetical order.
            let all = inputs.flatMap(\.self).filter { $0 > 0 }
            let once = Set(all).filter { label in all.filter { $0 == label }.count == 1 }.sorted()
            output = (0..<widest).map { $0 - widest } + once
        }
        let known = Set(inputs.flatMap(\.self))
        guard output.allSatisfy(known.contains), Set(output).count == output.count else {
            throw .invalid("equation '\(text)'")
        }
    }

    private static func labels(_ term: String, rank: Int) throws(KernelError) -> [Int] {
        let parts = term.split(separator: "...", omittingEmptySubsequences: false).map { Array($0.utf8) }
        guard parts.count <= 2,
            parts.allSatisfy({ $0.allSatisfy { UInt8(ascii: "A")...UInt8(ascii: "z") ~= $0 } })
        else {
            throw .invalid("term '\(term)'")
        }
        let extra = rank - parts.map(\.count).reduce(0, +)
        guard extra >= 0, extra == 0 || parts.count == 2 else {
            throw .invalid("term '\(term)' for rank \(rank)")
        }
        return parts[0].map(Int.init) + (0..<extra).map { $0 - extra }
            + (parts.count == 2 ? parts[1].map(Int.init) : [])
    }
}

extension Invocation {
    /// `Einsum` (opset 12) in float64, one input after another multiplied in over all labels.
    func einsum() throws(KernelError) -> [Tensor] {
        var tensors: [Tensor] = []
        for index in inputs.indices { tensors.append(try input(index)) }
        guard let type = tensors.first?.elementType, type != .string, type != .bool,
            (1...4).contains(tensors.count),
            tensors.allSatisfy({ $0.elementType == type })
        else {
            throw .unsupported("these inputs")
        }
        let equation = try EinsumEquation(
            try attributes.text("equation", default: ""), ranks: tensors.map(\.shape.rank))
        var sizes: [Int: Int] = [:]
        for (tensor, labels) in zip(tensors, equation.inputs) {
            for (label, size) in zip(labels, tensor.shape.dims) where sizes[label] ?? 1 != size {
                guard sizes[label] ?? 1 == 1 || size == 1 else { throw .invalid("sizes of a label differ") }
                sizes[label] = max(sizes[label] ?? 1, size)
                if size == 0 { sizes[label] = 0 }
            }
            for label in labels where sizes[label] == nil { sizes[label] = 1 }
        }
        let summed = sizes.keys.filter { !equation.output.contains($0) }.sorted()
        let order = equation.output + summed
        let dims = order.map { sizes[$0] ?? 1 }
        try workspace.charge(saturatingMultiply(saturatingProduct(dims), tensors.count))
        try workspace.reserve(saturatingProduct(dims[..<equation.output.count]))
        let values = tensors.map { $0.doubles() }
        let strides = zip(tensors, equation.inputs).map { tensor, labels in
            order.map { label in
                zip(labels.indices, tensor.shape.strides).reduce(0) { total, pair in
                    labels[pair.0] == label && tensor.shape.dims[pair.0] != 1 ? total + pair.1 : total
                }
            }
        }
        let outputDims = Array(dims[..<equation.output.count])
        let inner = saturatingProduct(dims[equation.output.count...])
        var results = [Double](repeating: 0, count: saturatingProduct(outputDims))
        var index = [Int](repeating: 0, count: order.count)
        for target in results.indices {
            for _ in 0..<inner {
                var product = 1.0
                for (number, steps) in strides.enumerated() {
                    product *= values[number][zip(index, steps).reduce(0) { $0 + $1.0 * $1.1 }]
                }
                results[target] += product
                var axis = order.count - 1
                while axis >= 0 {
                    index[axis] += 1
                    if index[axis] < dims[axis] { break }
                    index[axis] = 0
                    axis -= 1
                }
            }
        }
        return [try cast(try make(outputDims, results), to: type)]
    }
}
