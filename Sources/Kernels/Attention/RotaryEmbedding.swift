import Tensors

extension Invocation {
    /// `RotaryEmbedding` (opset 23): pairs of elements of each head turned by the angle of their token's
    /// position, whose cosines and sines are given.
    ///
    /// A pair is elements `i` and `i + half`, or neighbours where `interleaved`; elements past
    /// `rotary_embedding_dim` stay as they are.
    func embedRotary() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        let heads = try splitHeads(x, try attributes.integer("num_heads"))
        guard let wide = x.elementType.widenedReal, x.elementType == (try input(1)).elementType,
            x.elementType == (try input(2)).elementType
        else { throw .unsupported("type \(x.elementType)") }
        let (batch, headCount, length, size) = (
            heads.shape[0], heads.shape[1], heads.shape[2], heads.shape[3]
        )
        let stated = try attributes.integer("rotary_embedding_dim", default: 0)
        let turned = stated == 0 ? size : stated
        guard turned > 0, turned <= size, turned % 2 == 0 else {
            throw .invalid("\(turned) of \(size) elements to turn")
        }
        let half = turned / 2
        let (cosines, sines) = (
            try angles(try input(1), batch, length, half), try angles(try input(2), batch, length, half)
        )
        let isInterleaved = try attributes.flag("interleaved")
        let source = try cast(heads, to: wide).doubles()
        var results = source
        try workspace.charge(saturatingMultiply(source.count, 4))
        for row in 0..<saturatingProduct([batch, headCount, length]) {
            let angle = (row / length / headCount * length + row % length) * half
            for pair in 0..<half {
                let first = row * size + (isInterleaved ? 2 * pair : pair)
                let second = row * size + (isInterleaved ? 2 * pair + 1 : pair + half)
                let (cosine, sine) = (cosines[angle + pair], sines[angle + pair])
                results[first] = cosine * source[first] - sine * source[second]
                results[second] = sine * source[first] + cosine * source[second]
            }
        }
        let y = try cast(try make(heads.shape.dims, results), to: x.elementType)
        if x.shape.rank == 4 { return [y] }
        return [try transpose(y, [0, 2, 1, 3]).shaped(x.shape.dims)]
    }

    /// The cosines or sines of every token, `[batch, length, half]`: rows of `table` at the positions of
    /// input 3, or without positions the table itself.
    private func angles(_ table: Tensor, _ batch: Int, _ length: Int, _ half: Int) throws(KernelError)
        -> [Double]
    {
        guard let positions = optional(3) else {
            guard table.shape.dims == [batch, length, half] else {
                throw .invalid("angles \(table.shape) must be \(Shape([batch, length, half]))")
            }
            return table.doubles()
        }
        guard table.shape.rank == 2, table.shape[1] == half, positions.shape.dims == [batch, length] else {
            throw .invalid("angles \(table.shape) at positions \(positions.shape)")
        }
        let call = Invocation(
            inputs: [table, positions], attributes: Attributes(), opset: opset, outputCount: 1,
            workspace: workspace)
        return try call.gather()[0].doubles()
    }
}
