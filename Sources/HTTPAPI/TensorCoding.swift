import JSON
import ONNX
import Serving
import Tensors

extension Network {
    /// A tensor for each input by its name, with a batch axis of one row where the sender left it out.
    ///
    /// - Throws: `badRequest` naming the input, what it takes and what was given.
    func tensors(_ arguments: JSONElement, takesImages: Bool) throws(APIError) -> [String: Tensor] {
        var tensors: [String: Tensor] = [:]
        for port in inputs {
            guard let value = arguments[port.name], !value.isNull else {
                let hint = takesImages ? ", and there is no \"image\"" : ""
                throw .badRequest("Input \"\(port.name)\" (\(port.summary)) is missing\(hint)")
            }
            tensors[port.name] = try port.tensor(value)
        }
        return tensors
    }
}

extension Port {
    /// `float32[N, 4]`, for people.
    var summary: String {
        let axes = dims.map { dimension in
            switch dimension {
            case .fixed(let size): "\(size)"
            case .symbolic(let name): name.isEmpty ? "?" : name
            }
        }
        return hasShape ? "\(elementType)[\(axes.joined(separator: ", "))]" : "\(elementType)"
    }

    /// A number or nested arrays as this input takes them.
    fileprivate func tensor(_ value: JSONElement) throws(APIError) -> Tensor {
        switch elementType {
        case .float32: try make(floats(value)) { $0 }
        case .float64: try make(value.leaves { $0.asDouble }) { $0 }
        case .float16: try make(floats(value)) { Float16($0) }
        case .bfloat16: try make(floats(value)) { BFloat16($0) }
        case .int8: try make(value.leaves(Self.integer)) { Int8(exactly: $0) }
        case .uint8: try make(value.leaves(Self.integer)) { UInt8(exactly: $0) }
        case .int16: try make(value.leaves(Self.integer)) { Int16(exactly: $0) }
        case .uint16: try make(value.leaves(Self.integer)) { UInt16(exactly: $0) }
        case .int32: try make(value.leaves(Self.integer)) { Int32(exactly: $0) }
        case .uint32: try make(value.leaves(Self.integer)) { UInt32(exactly: $0) }
        case .int64: try make(value.leaves(Self.integer)) { $0 }
        case .uint64: try make(value.leaves(Self.integer)) { UInt64(exactly: $0) }
        case .bool: try make(value.leaves { $0.asBoolean }) { BoolByte($0) }
        case .string: try strings(value)
        }
    }

    /// An integer, also one written as `30.0`.
    private static func integer(_ element: JSONElement) -> Int64? {
        element.asInt64 ?? element.asDouble.flatMap { Int64(exactly: $0) }
    }

    private static var elementsMax: Int { 1 << 26 }

    private func floats(_ value: JSONElement) -> (values: [Float], shape: [Int])? {
        if let number = value.asDouble { return ([Float(number)], []) }
        return value.floats(atMost: Self.elementsMax).map { ($0.values, $0.shape) }
    }

    private func make<Leaf, Element: TensorElement>(
        _ given: (values: [Leaf], shape: [Int])?, _ convert: (Leaf) -> Element?
    ) throws(APIError) -> Tensor {
        guard let given else { throw wrong("numbers of equal rows are needed") }
        let shape = try fit(given.shape)
        let elements = given.values.compactMap(convert)
        guard elements.count == given.values.count else { throw wrong("a number does not fit the type") }
        do throws(TensorError) {
            return try Tensor(shape: Shape(shape), elements: elements)
        } catch {
            throw wrong("\(error)")
        }
    }

    private func strings(_ value: JSONElement) throws(APIError) -> Tensor {
        guard let given = value.leaves({ $0.asString }) else {
            throw wrong("strings in equal rows are needed")
        }
        let shape = try fit(given.shape)
        do throws(TensorError) {
            return try Tensor(shape: Shape(shape), strings: given.values)
        } catch {
            throw wrong("\(error)")
        }
    }

    /// The given shape, or with the axes of one row put before it, when that is what the input declares.
    private func fit(_ given: [Int]) throws(APIError) -> [Int] {
        guard hasShape, given.count != dims.count || !matches(given) else { return given }
        let missing = dims.count - given.count
        guard missing > 0, missing == 1 || given.isEmpty else { throw wrong("the shape given is \(given)") }
        let completed = [Int](repeating: 1, count: missing) + given
        guard matches(completed) else { throw wrong("the shape given is \(given)") }
        return completed
    }

    private func matches(_ shape: [Int]) -> Bool {
        zip(dims, shape).allSatisfy { dimension, size in
            switch dimension {
            case .fixed(let wanted): wanted == size
            case .symbolic: size > 0
            }
        }
    }

    private func wrong(_ reason: String) -> APIError {
        .badRequest("Input \"\(name)\" takes \(summary): \(reason)")
    }
}

extension JSONElement {
    /// The scalars of nested arrays of equal rows in row-major order; `nil` where rows differ or a scalar is
    /// refused.
    fileprivate func leaves<Leaf>(_ leaf: (JSONElement) -> Leaf?) -> (values: [Leaf], shape: [Int])? {
        guard kind == .array else { return leaf(self).map { ([$0], []) } }
        var values: [Leaf] = []
        var inner: [Int]?
        var count = 0
        for element in elements {
            guard let row = element.leaves(leaf), inner == nil || inner == row.shape else { return nil }
            inner = row.shape
            values.append(contentsOf: row.values)
            count += 1
        }
        return (values, [count] + (inner ?? []))
    }
}

extension JSONWriter {
    /// The answer for one row: label and probabilities, or every output by its name. Past the writer's bound
    /// it stops.
    mutating func answer(_ answer: NetworkAnswer, labels: [String]?, top: Int?) {
        beginObject()
        switch answer {
        case .classification(let classes): classification(classes, labels: labels ?? [], top: top)
        case .outputs(let outputs):
            for output in outputs {
                name(output.name)
                value(output.value)
            }
        }
        endObject()
    }

    /// All classes in the order of the labels, or with `top` the most probable ones, best first.
    private mutating func classification(_ classes: Classification, labels: [String], top: Int?) {
        func label(_ index: Int) -> String { labels.indices.contains(index) ? labels[index] : "\(index)" }
        if let best = classes.top(1).first {
            name("label")
            string(label(best))
            name("probability")
            float(classes.probabilities[best])
        }
        name("probabilities")
        beginObject()
        for index in top.map({ classes.top($0) }) ?? Array(classes.probabilities.indices) {
            guard hasRoom(for: 1) else { return }
            name(label(index))
            float(classes.probabilities[index])
        }
        endObject()
    }

    private mutating func value(_ value: NetworkValue) {
        switch value {
        case .tensor(let tensor): self.tensor(tensor)
        case .sequence(let values):
            // One row was asked for: its batch axis, here a sequence of maps, is taken off. A sequence of
            // tensors has no such axis, and stays one whatever its length.
            if values.count == 1, let only = values.first, case .map = only { return self.value(only) }
            beginArray()
            for value in values {
                guard hasRoom(for: 1) else { return }
                self.value(value)
            }
            endArray()
        case .map(let scores):
            beginObject()
            for (label, score) in scores {
                guard hasRoom(for: 1) else { return }
                name(label.description)
                float(score)
            }
            endObject()
        }
    }

    /// Nested arrays; the batch axis of a single row is taken off, and a lone element is a scalar.
    private mutating func tensor(_ tensor: Tensor) {
        var dims = tensor.shape.dims[...]
        if dims.first == 1 { dims = dims.dropFirst() }
        if tensor.count == 1, dims.count <= 1 { dims = [] }
        guard hasRoom(for: saturatingProduct([tensor.shape.leafCount, tensor.leafBytesLeast])) else { return }
        switch tensor.elementType {
        case .float32: nest(dims, tensor, of: Float.self) { $0.float($1) }
        case .float64: nest(dims, tensor, of: Double.self) { $0.double($1) }
        case .float16: nest(dims, tensor, of: Float16.self) { $0.float(Float($1)) }
        case .bfloat16: nest(dims, tensor, of: BFloat16.self) { $0.float($1.float) }
        case .int8: nest(dims, tensor, of: Int8.self) { $0.integer(Int64($1)) }
        case .uint8: nest(dims, tensor, of: UInt8.self) { $0.integer(Int64($1)) }
        case .int16: nest(dims, tensor, of: Int16.self) { $0.integer(Int64($1)) }
        case .uint16: nest(dims, tensor, of: UInt16.self) { $0.integer(Int64($1)) }
        case .int32: nest(dims, tensor, of: Int32.self) { $0.integer(Int64($1)) }
        case .uint32: nest(dims, tensor, of: UInt32.self) { $0.integer(Int64($1)) }
        case .int64: nest(dims, tensor, of: Int64.self) { $0.integer($1) }
        case .uint64: nest(dims, tensor, of: UInt64.self) { $0.integer($1) }
        case .bool: nest(dims, tensor, of: BoolByte.self) { $0.boolean($1.isTrue) }
        case .string:
            let strings = tensor.strings
            var next = 0
            nest(dims, &next) { $0.string(strings[$1]) }
        }
    }

    private mutating func nest<Value: TensorElement>(
        _ dims: ArraySlice<Int>, _ tensor: Tensor, of type: Value.Type,
        _ write: (inout JSONWriter, Value) -> Void
    ) {
        let values = tensor.elements(as: type)
        var next = 0
        nest(dims, &next) { write(&$0, values[$1]) }
    }

    /// Arrays of these axes around the elements from `next` on.
    private mutating func nest(
        _ dims: ArraySlice<Int>, _ next: inout Int, _ write: (inout JSONWriter, Int) -> Void
    ) {
        guard let size = dims.first else {
            write(&self, next)
            next += 1
            return
        }
        beginArray()
        for _ in 0..<size {
            guard hasRoom(for: 1) else { return }
            nest(dims.dropFirst(), &next, write)
        }
        endArray()
    }
}

extension Tensor {
    /// The fewest bytes of an element as text, or of an empty row, with the comma or the bracket behind it.
    fileprivate var leafBytesLeast: Int {
        if count == 0 { return "[],".utf8.count }
        switch elementType {
        case .float32, .float64, .float16, .bfloat16: return "0.0,".utf8.count
        case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64: return "0,".utf8.count
        case .bool: return "true,".utf8.count
        case .string: return #""","#.utf8.count
        }
    }
}
