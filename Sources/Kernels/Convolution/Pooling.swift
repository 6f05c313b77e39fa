import Glibc
import Tensors

extension Invocation {
    /// The window of a pool over input 0 (`kernel_shape` is required).
    func poolWindow(_ x: Tensor) throws(KernelError) -> Window {
        let rank = x.shape.rank - 2
        let window = try WindowAttributes(attributes, rank: rank)
        guard let kernel = try attributes.integers("kernel_shape") else {
            throw .invalid("kernel_shape is missing")
        }
        return try window.window(
            input: Array(x.shape.dims[2...]), kernel: kernel, ceiling: try attributes.flag("ceil_mode"))
    }

    /// `MaxPool` (opset 1 to 22), with its `Indices` output when wanted.
    func maxPool() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        let window = try poolWindow(x)
        let dims = Array(x.shape.dims[..<2]) + window.output.suffix(x.shape.rank - 2)
        try chargePool(dims, window)
        switch x.elementType {
        case .float32: return try maxPool(x, window, dims, as: Float.self)
        case .float64: return try maxPool(x, window, dims, as: Double.self)
        case .int8: return try maxPool(x, window, dims, as: Int8.self)
        case .uint8: return try maxPool(x, window, dims, as: UInt8.self)
        case .float16, .bfloat16:
            let wide = replacing(inputs: [try cast(x, to: .float32)])
            let results = try wide.maxPool()
            return [try cast(results[0], to: x.elementType)] + results.dropFirst()
        case .int16, .uint16, .int32, .uint32, .int64, .uint64, .bool, .string:
            throw .unsupported("type \(x.elementType)")
        }
    }

    private func maxPool<Value: TensorElement & Comparable>(
        _ x: Tensor, _ window: Window, _ dims: [Int], as type: Value.Type
    ) throws(KernelError) -> [Tensor] {
        let result = try make(x.elementType, dims)
        let source = x.elements(as: type)
        let target = result.mutableElements(as: type)
        let wantsIndices = outputCount > 1
        let places = try make(.int64, wantsIndices ? dims : [0])
        let indices = places.mutableElements(as: Int64.self)
        let columnMajor = try attributes.integer("storage_order", default: 0) == 1
        let taps = PoolTaps(window)
        guard taps.reachesInputEverywhere else { throw .invalid("a window lies in the padding alone") }
        for plane in 0..<(dims[0] * dims[1]) {
            let start = plane * window.inputCount
            for output in 0..<window.outputCount {
                var place = -1
                taps.forEachElement(of: output) { offset in
                    if place < 0 || source[start + offset] > source[place]
                        || source[start + offset] != source[start + offset]
                    {
                        place = start + offset
                    }
                }
                let offset = plane * window.outputCount + output
                target[offset] = source[place]
                if wantsIndices { indices[offset] = Int64(columnMajor ? window.columnMajor(place) : place) }
            }
        }
        return wantsIndices ? [result, places] : [result]
    }

    /// `AveragePool` (opset 1 to 22).
    func averagePool() throws(KernelError) -> [Tensor] {
        let includesPadding = try attributes.flag("count_include_pad")
        return try realPool { taps, x, start, output in
            var sum = 0.0
            var count = 0
            taps.forEachElement(of: output) {
                sum += x[start + $0]
                count += 1
            }
            if includesPadding { count = taps.paddedCount(of: output) }
            return count > 0 ? sum / Double(count) : 0
        }
    }

    /// `LpPool` (opset 1 to 22).
    func lpPool() throws(KernelError) -> [Tensor] {
        let power = Double(try attributes.integer("p", default: 2))
        return try realPool { taps, x, start, output in
            var sum = 0.0
            taps.forEachElement(of: output) { sum += pow(abs(x[start + $0]), power) }
            return pow(sum, 1 / power)
        }
    }

    private func realPool(_ reduce: (PoolTaps, [Double], _ start: Int, _ output: Int) -> Double)
        throws(KernelError) -> [Tensor]
    {
        let x = try input(0)
        guard x.elementType.isFloatingPoint else { throw .unsupported("type \(x.elementType)") }
        let window = try poolWindow(x)
        let dims = Array(x.shape.dims[..<2]) + window.output.suffix(x.shape.rank - 2)
        try chargePool(dims, window)
        let result = try make(.float64, dims)
        let target = result.mutableElements(as: Double.self)
        let source = x.doubles()
        let taps = PoolTaps(window)
        for plane in 0..<(dims[0] * dims[1]) {
            for output in 0..<window.outputCount {
                target[plane * window.outputCount + output] = reduce(
                    taps, source, plane * window.inputCount, output)
            }
        }
        return [try cast(result, to: x.elementType)]
    }

    /// Pools over all spatial axes: `GlobalAveragePool`, `GlobalMaxPool`, `GlobalLpPool`.
    func globalPool(_ reduce: (ArraySlice<Double>) -> Double) throws(KernelError) -> [Tensor] {
        let x = try input(0)
        guard x.shape.rank >= 3, x.elementType.isFloatingPoint else {
            throw .unsupported("\(x.elementType) \(x.shape)")
        }
        let plane = saturatingProduct(x.shape.dims[2...])
        guard plane > 0 else { throw .invalid("nothing to pool in \(x.shape)") }
        let source = x.doubles()
        let dims = Array(x.shape.dims[..<2]) + [Int](repeating: 1, count: x.shape.rank - 2)
        let values = stride(from: 0, to: source.count, by: plane).map { reduce(source[$0..<($0 + plane)]) }
        return [try cast(try make(dims, values), to: x.elementType)]
    }

    private func chargePool(_ dims: [Int], _ window: Window) throws(KernelError) {
        try workspace.charge(saturatingMultiply(saturatingProduct(dims), window.kernelCount))
        // The taps of each axis are listed once, whatever the number of channels.
        for axis in 0..<3 {
            try workspace.reserve(saturatingMultiply(window.output[axis], window.kernel[axis]))
        }
    }
}

/// Which input coordinates lie under the window at each output coordinate, axis by axis.
private struct PoolTaps {
    let window: Window
    /// `coordinates[axis][output]`: input coordinates in the window, padding left out.
    private let coordinates: [[[Int]]]
    /// `padded[axis][output]`: how many taps fall on the input or its declared padding.
    private let padded: [[Int]]

    init(_ window: Window) {
        self.window = window
        var coordinates: [[[Int]]] = []
        var padded: [[Int]] = []
        for axis in 0..<3 {
            let all = (0..<window.output[axis]).map { output in
                (0..<window.kernel[axis]).map {
                    output * window.stride[axis] + window.shift(axis: axis, tap: $0)
                }
            }
            coordinates.append(all.map { $0.filter { $0 >= 0 && $0 < window.input[axis] } })
            padded.append(all.map { $0.filter { $0 < window.input[axis] + window.padEnd[axis] }.count })
        }
        (self.coordinates, self.padded) = (coordinates, padded)
    }

    /// False when some window holds nothing but padding.
    var reachesInputEverywhere: Bool { coordinates.allSatisfy { $0.allSatisfy { !$0.isEmpty } } }

    /// Calls `body` with the offset in its plane of each input element under output number `output`.
    @inline(__always)
    func forEachElement(of output: Int, _ body: (Int) -> Void) {
        let (height, width) = (window.output[1], window.output[2])
        for d in coordinates[0][output / (height * width)] {
            for h in coordinates[1][output / width % height] {
                let line = (d * window.input[1] + h) * window.input[2]
                for w in coordinates[2][output % width] { body(line + w) }
            }
        }
    }

    /// Taps on the input or its declared padding.
    func paddedCount(of output: Int) -> Int {
        let (height, width) = (window.output[1], window.output[2])
        return padded[0][output / (height * width)] * padded[1][output / width % height]
            * padded[2][output % width]
    }
}

extension Window {
    /// The place of an element when the last two axes of its plane are stored column by column
    /// (`storage_order` 1 of `MaxPool`).
    fileprivate func columnMajor(_ place: Int) -> Int {
        let (plane, inside) = (place / inputCount * inputCount, place % inputCount)
        let (d, h, w) = (inside / (input[1] * input[2]), inside / input[2] % input[1], inside % input[2])
        return plane + (w * input[1] + h) * input[0] + d
    }
}

/// ONNX's pools.
let poolingOperators: [String: OperatorFunction] = [
    "MaxPool": { call throws(KernelError) in try call.maxPool() },
    "AveragePool": { call throws(KernelError) in try call.averagePool() },
    "LpPool": { call throws(KernelError) in try call.lpPool() },
    "GlobalAveragePool": { call throws(KernelError) in
        try call.globalPool { $0.reduce(0, +) / Double($0.count) }
    },
    "GlobalMaxPool": { call throws(KernelError) in
        try call.globalPool { $0.reduce(-Double.infinity) { Double.larger($0, $1) } }
    },
    "GlobalLpPool": { call throws(KernelError) in
        let power = Double(try call.attributes.integer("p", default: 2))
        return try call.globalPool { pow($0.reduce(0) { $0 + pow(abs($1), power) }, 1 / power) }
    },
]
