import Tensors

extension Invocation {
    /// `Constant` (opset 1 to 25): the one value among its attributes.
    func constant() throws(KernelError) -> [Tensor] {
        let order = [
            "value", "value_float", "value_floats", "value_int", "value_ints", "value_string",
            "value_strings",
        ]
        for name in order {
            switch attributes.values[name] {
            case .tensor(let tensor): return [tensor]
            case .float(let value): return [try make([], [value])]
            case .floats(let values): return [try make([values.count], values)]
            case .integer(let value): return [try make([], [value])]
            case .integers(let values): return [try make([values.count], values)]
            case .text(let value): return [try strings([], [value])]
            case .texts(let values): return [try strings([values.count], values)]
            case nil: continue
            }
        }
        throw .unsupported("a constant without a dense value")
    }

    /// A tensor of strings.
    func strings(_ dims: [Int], _ values: [String]) throws(KernelError) -> Tensor {
        do { return try Tensor(shape: Shape(dims), strings: values, pool: workspace.pool) } catch {
            throw KernelError(error)
        }
    }

    /// `ConstantOfShape` (opset 9 to 25): one value everywhere, float32 0 by default.
    func constantOfShape() throws(KernelError) -> [Tensor] {
        guard let dims = try integers(0) else { throw .invalid("no shape") }
        guard dims.allSatisfy({ $0 >= 0 }) else { throw .invalid("shape \(dims)") }
        var value = try make([1], [Float(0)])
        if let given = try attributes.tensor("value") { value = given }
        guard value.count == 1 else { throw .invalid("a value of \(value.count) elements") }
        return [try expand(try value.shaped([]), to: dims)]
    }

    /// `EyeLike` (opset 9 to 22).
    func eyeLike() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        guard x.shape.rank == 2 else { throw .invalid("\(x.shape) is not a matrix") }
        let diagonal = try attributes.integer("k", default: 0)
        let type = try targetType("dtype") ?? x.elementType
        try workspace.reserve(x.count)
        var values = [Int64](repeating: 0, count: x.count)
        for row in 0..<x.shape[0] {
            let column = saturatingAdd(row, diagonal)
            if column >= 0, column < x.shape[1] { values[row * x.shape[1] + column] = 1 }
        }
        return [try cast(try make(x.shape.dims, values), to: type)]
    }

    /// `Range` (opset 11): from `start` by `delta` up to but not including `limit`.
    func range() throws(KernelError) -> [Tensor] {
        let (start, limit, delta) = (try input(0), try input(1), try input(2))
        guard start.count == 1, limit.count == 1, delta.count == 1, start.elementType != .string,
            limit.elementType == start.elementType, delta.elementType == start.elementType
        else {
            throw .invalid("the bounds must be scalars")
        }
        if start.elementType.isFloatingPoint {
            let (first, step) = (start.doubles()[0], delta.doubles()[0])
            let count = ((limit.doubles()[0] - first) / step).rounded(.up)
            guard count.isFinite, step != 0, count <= 1e9 else {
                throw .invalid("a range of \(count) steps")
            }
            try workspace.reserve(Int(max(count, 0)))
            let values: [Double] = (0..<Int(max(count, 0))).map { (index: Int) in first + Double(index) * step
            }
            return [try cast(try make([values.count], values), to: start.elementType)]
        }
        let bounds = [start, limit, delta].map { Int($0.converted(to: Int64.self)[0]) }
        guard bounds[2] != 0 else { throw .invalid("a step of 0") }
        let span = saturatingAdd(bounds[1], bounds[0] == .min ? .max : -bounds[0])
        let isForward = (span > 0) == (bounds[2] > 0) && span != 0
        let count = isForward ? (abs(max(span, -Int.max)) - 1) / abs(max(bounds[2], -Int.max)) + 1 : 0
        try workspace.reserve(count)
        let values = (0..<count).map { Int64(truncatingIfNeeded: bounds[0] &+ $0 &* bounds[2]) }
        return [try cast(try make([count], values), to: start.elementType)]
    }

    /// The element type in the attribute `name`, a `TensorProto.DataType` code; nil when absent.
    func targetType(_ name: String) throws(KernelError) -> ElementType? {
        guard let code = try attributes.integer(name), code != 0 else { return nil }
        guard let type = ElementType(dataType: code) else {
            throw .unsupported("element type \(dataTypeName(code))")
        }
        return type
    }

    /// `Cast` (opset 6 to 25), strings among the types; and `CastLike` by `target`.
    func cast(to target: ElementType?) throws(KernelError) -> [Tensor] {
        let x = try input(0)
        guard let target else { throw .invalid("no type to cast to") }
        switch (x.elementType == .string, target == .string) {
        case (true, true): return [x]
        case (false, false): return [try cast(x, to: target)]
        case (true, false):
            try workspace.charge(x.count)
            let numbers = try x.strings.map { (text) throws(KernelError) in
                guard let number = number(text) else { throw .invalid("'\(text)' is not a number") }
                return number
            }
            return [try cast(try make(x.shape.dims, numbers), to: target)]
        case (false, true):
            // The longest is a double of 24 characters.
            try workspace.reserve(x.count, elementBytes: 80)
            return [try strings(x.shape.dims, textElements(x))]
        }
    }

    private func number(_ text: String) -> Double? {
        switch text {
        case "INF", "+INF": .infinity
        case "-INF": -.infinity
        case "NaN": .nan
        default: Double(text)
        }
    }

    private func textElements(_ tensor: Tensor) -> [String] {
        switch tensor.elementType {
        case .float32, .float16, .bfloat16:
            tensor.floats().map { $0 == $0.rounded() && abs($0) < 1e7 ? "\(Int($0))" : "\($0)" }
        case .float64: tensor.doubles().map { $0 == $0.rounded() && abs($0) < 1e15 ? "\(Int($0))" : "\($0)" }
        case .bool: tensor.elements(as: BoolByte.self).array.map { $0.isTrue ? "1" : "0" }
        case .uint64: tensor.converted(to: UInt64.self).map(String.init)
        case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .string:
            tensor.converted(to: Int64.self).map(String.init)
        }
    }
}

/// ONNX's constants and casts.
let constantOperators: [String: OperatorFunction] = [
    "Constant": { call throws(KernelError) in try call.constant() },
    "ConstantOfShape": { call throws(KernelError) in try call.constantOfShape() },
    "EyeLike": { call throws(KernelError) in try call.eyeLike() },
    "Range": { call throws(KernelError) in try call.range() },
    "Cast": { call throws(KernelError) in try call.cast(to: try call.targetType("to")) },
    "CastLike": { call throws(KernelError) in try call.cast(to: try call.input(1).elementType) },
]
