import Tensors

/// A key of an encoder.
private enum EncoderKey: Hashable {
    case text(String)
    case number(Double)
}

extension Invocation {
    /// The keys of a tensor's elements; a NaN key is written as text, for it equals nothing.
    private func keys(_ tensor: Tensor) -> [EncoderKey] {
        if tensor.elementType == .string { return tensor.strings.map { .text($0) } }
        return tensor.doubles().map { $0.isNaN ? .text("NaN") : .number($0) }
    }

    /// The first of the attributes `name + suffix` that is there, as a tensor.
    private func table(_ name: String) throws(KernelError) -> Tensor? {
        if let tensor = try attributes.tensor(name + "_tensor") { return tensor }
        if let list = try attributes.texts(name + "_strings"), !list.isEmpty {
            return try strings([list.count], list)
        }
        if let list = try attributes.integers(name + "_int64s"), !list.isEmpty {
            return try make([list.count], list.map { Int64($0) })
        }
        if let list = try attributes.floats(name + "_floats"), !list.isEmpty {
            return try make([list.count], list)
        }
        return nil
    }

    /// `LabelEncoder` (ai.onnx.ml 1 to 4): a value for each key, a default for others.
    fileprivate func encodeLabels() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        try workspace.charge(saturatingMultiply(x.count, 8))
        try workspace.reserve(x.count, elementBytes: 32)
        var (from, to): (Tensor?, Tensor?) = (try table("keys"), try table("values"))
        if let classes = try attributes.texts("classes_strings") {
            let numbers = try make([classes.count], classes.indices.map { Int64($0) })
            let names = try strings([classes.count], classes)
            (from, to) = x.elementType == .string ? (names, numbers) : (numbers, names)
        }
        guard let from, let to, from.count == to.count else { throw .invalid("keys and values do not agree") }
        let fallback = try fallback(to.elementType)
        var places: [EncoderKey: Int] = [:]
        for (place, key) in keys(from).enumerated() where places[key] == nil { places[key] = place }
        let both = try concatenate([try to.shaped([to.count]), fallback], axis: 0)
        return [try pick(keys(x).map { places[$0] ?? to.count }, of: both, dims: x.shape.dims)]
    }

    private func fallback(_ type: ElementType) throws(KernelError) -> Tensor {
        if let tensor = try attributes.tensor("default_tensor"), tensor.elementType == type, tensor.count == 1
        {
            return try tensor.shaped([1])
        }
        switch type {
        case .string: return try strings([1], [try attributes.text("default_string", default: "_Unused")])
        case .int64: return try make([1], [Int64(try attributes.integer("default_int64", default: -1))])
        default:
            return try cast(try make([1], [try attributes.float("default_float", default: -0.0)]), to: type)
        }
    }

    /// `OneHotEncoder` (ai.onnx.ml 1): a one in the place of the category, along a new last axis.
    fileprivate func encodeOneHot() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        guard let categories = try table("cats") else { throw .invalid("no categories") }
        let count = categories.count
        let dims = x.shape.dims + [count]
        try workspace.reserve(saturatingProduct(dims), elementBytes: 8)
        try workspace.reserve(x.count, elementBytes: 24)
        guard saturatingProduct(dims) <= 1 << 30 else { throw .tooLarge("a shape of \(Shape(dims))") }
        var places: [EncoderKey: Int] = [:]
        for (place, key) in keys(categories).enumerated() { places[key] = place }
        var results = [Float](repeating: 0, count: saturatingProduct(dims))
        let allowsStrangers = try attributes.flag("zeros", default: true)
        for (row, key) in keys(x).enumerated() {
            if let place = places[key] {
                results[row * count + place] = 1
            } else if !allowsStrangers {
                throw .invalid("an unknown category")
            }
        }
        return [try make(dims, results)]
    }

    /// `CategoryMapper` (ai.onnx.ml 1): strings to integers or back.
    fileprivate func mapCategories() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        guard let names = try attributes.texts("cats_strings"),
            let numbers = try attributes.integers("cats_int64s"),
            names.count == numbers.count
        else { throw .invalid("categories do not agree") }
        if x.elementType == .string {
            let fallback = try attributes.integer("default_int64", default: -1)
            let table = Dictionary(zip(names, numbers), uniquingKeysWith: { first, _ in first })
            return [try make(x.shape.dims, x.strings.map { Int64(table[$0] ?? fallback) })]
        }
        let fallback = try attributes.text("default_string", default: "_Unused")
        let table = Dictionary(zip(numbers, names), uniquingKeysWith: { first, _ in first })
        return [try strings(x.shape.dims, x.converted(to: Int64.self).map { table[Int($0)] ?? fallback })]
    }
}

/// ONNX's encoders.
let encoderOperators: [String: OperatorFunction] = [
    "LabelEncoder": { call throws(KernelError) in try call.encodeLabels() },
    "OneHotEncoder": { call throws(KernelError) in try call.encodeOneHot() },
    "CategoryMapper": { call throws(KernelError) in try call.mapCategories() },
]
