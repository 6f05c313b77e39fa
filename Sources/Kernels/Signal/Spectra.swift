import Tensors

extension Invocation {
    /// Most elements of one transform.
    private static var lengthMax: Int { 1 << 24 }

    /// The elements of `tensor`, whose last axis is 1 (real) or 2 (real and imaginary).
    private func complexes(_ tensor: Tensor) throws(KernelError) -> [Complex] {
        guard let parts = tensor.shape.dims.last, parts == 1 || parts == 2, tensor.elementType.isFloatingPoint
        else { throw .invalid("a signal \(tensor.elementType) \(tensor.shape)") }
        try workspace.reserve(tensor.count)
        let values = tensor.doubles()
        if parts == 1 { return values.map { Complex($0) } }
        return stride(from: 0, to: values.count, by: 2).map { Complex(values[$0], values[$0 + 1]) }
    }

    /// The scalar integer of input `index`, nil when left out.
    private func scalar(_ index: Int) throws(KernelError) -> Int? {
        guard let list = try integers(index) else { return nil }
        guard list.count == 1 else { throw .invalid("input \(index) must be a scalar") }
        return list[0]
    }

    /// A transform of `length` elements, once there is room and work left to use it for `lines` results of
    /// `bins` each.
    private func transform(_ length: Int, lines: Int, bins: Int) throws(KernelError) -> FourierTransform {
        try workspace.charge(saturatingMultiply(FourierTransform.work(length), saturatingAdd(lines, 1)))
        try workspace.reserve(length, elementBytes: FourierTransform.elementBytes(length))
        try workspace.reserve(saturatingMultiply(lines, bins), elementBytes: 32)
        return FourierTransform(length)
    }

    /// `DFT` (opset 17 to 20): along one axis, forward or inverse; `onesided` gives (or, inverse, takes)
    /// the first half of the spectrum of a real signal.
    func transformFourier() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        let stated = try opset < 20 ? attributes.integer("axis", default: 1) : scalar(2) ?? -2
        let axis = try normalize(axis: stated, rank: x.shape.rank)
        guard axis < x.shape.rank - 1 else { throw .invalid("axis \(stated) of \(x.shape)") }
        let (isInverse, isHalf) = (try attributes.flag("inverse"), try attributes.flag("onesided"))
        let size = x.shape.dims[axis]
        let length = try scalar(1) ?? (isInverse && isHalf ? 2 * (size - 1) : size)
        guard (1...Self.lengthMax).contains(length) else {
            throw .invalid("a transform of \(length) elements")
        }
        let count = isHalf && !isInverse ? length / 2 + 1 : length
        let inner = saturatingProduct(x.shape.dims[(axis + 1)...].dropLast())
        let outer = saturatingProduct(x.shape.dims[..<axis])
        let lines = saturatingMultiply(outer, inner)
        let transform = try transform(length, lines: lines, bins: count)
        let source = try complexes(x)
        var results = [Complex](repeating: Complex(0), count: saturatingMultiply(lines, count))
        for line in 0..<lines {
            let (block, offset) = (line / inner, line % inner)
            var signal = [Complex](repeating: Complex(0), count: length)
            for place in 0..<min(size, length) {
                signal[place] = source[(block * size + place) * inner + offset]
            }
            if isInverse, isHalf {
                for place in 1..<max((length + 1) / 2, 1) { signal[length - place] = signal[place].conjugate }
            }
            let spectrum = isInverse ? transform.inverse(signal) : transform.forward(signal)
            for place in 0..<count { results[(block * count + place) * inner + offset] = spectrum[place] }
        }
        var dims = x.shape.dims
        dims[axis] = count
        dims[dims.count - 1] = isInverse && isHalf ? 1 : 2
        return [try spectrum(results, dims, x.elementType)]
    }

    /// `values` as a tensor of `dims`, whose last axis is 1 or 2.
    private func spectrum(_ values: [Complex], _ dims: [Int], _ type: ElementType) throws(KernelError)
        -> Tensor
    {
        let parts = dims.last == 1 ? values.map(\.re) : values.flatMap { [$0.re, $0.im] }
        return try cast(try make(dims, parts), to: type)
    }

    /// `STFT` (opset 17): windowed pieces of a signal `[B, L, 1 or 2]` (or `[B, L]`), each transformed:
    /// `[B, pieces, bins, 2]`.
    func transformPieces() throws(KernelError) -> [Tensor] {
        let given = try input(0)
        let signal = given.shape.rank == 2 ? try given.shaped(given.shape.dims + [1]) : given
        guard signal.shape.rank == 3, let step = try scalar(1), step > 0 else {
            throw .invalid("a signal \(signal.shape)")
        }
        let (batch, size) = (signal.shape[0], signal.shape[1])
        let length = try scalar(3) ?? optional(2)?.count ?? size
        guard (1...Self.lengthMax).contains(length), length <= size else {
            throw .invalid("pieces of \(length) in a signal of \(size)")
        }
        let window = optional(2)?.doubles() ?? [Double](repeating: 1, count: length)
        guard window.count == length else { throw .invalid("a window of \(window.count) for \(length)") }
        let pieces = (size - length) / step + 1
        let bins = try attributes.flag("onesided", default: true) ? length / 2 + 1 : length
        let total = saturatingMultiply(batch, pieces)
        let transform = try transform(length, lines: total, bins: bins)
        let source = try complexes(signal)
        var results: [Complex] = []
        for piece in 0..<total {
            let start = piece / pieces * size + piece % pieces * step
            let part = (0..<length).map {
                Complex(source[start + $0].re * window[$0], source[start + $0].im * window[$0])
            }
            results += transform.forward(part)[..<bins]
        }
        return [try spectrum(results, [batch, pieces, bins, 2], signal.elementType)]
    }
}

/// ONNX's operators on signals.
let signalOperators: [String: OperatorFunction] = [
    "DFT": { call throws(KernelError) in try call.transformFourier() },
    "STFT": { call throws(KernelError) in try call.transformPieces() },
    "HannWindow": { call throws(KernelError) in try call.window([0.5, -0.5]) },
    "HammingWindow": { call throws(KernelError) in try call.window([25.0 / 46, -21.0 / 46]) },
    "BlackmanWindow": { call throws(KernelError) in try call.window([0.42, -0.5, 0.08]) },
    "MelWeightMatrix": { call throws(KernelError) in try call.melWeights() },
]
