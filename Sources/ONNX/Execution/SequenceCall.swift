import Kernels
import Tensors

extension ControlCall {
    /// The node's outputs.
    func run(_ operation: SequenceOperator) throws(ONNXError) -> [NetworkValue?] {
        switch operation {
        case .construct: try construct()
        case .empty: [.sequence([])]
        case .insert: try insert()
        case .erase: try erase()
        case .at: try element()
        case .length: [.tensor(try tensor([Int64(try sequence(0).count)]))]
        case .split: try split()
        case .concatenate: try concatenate()
        case .map: try mapSequences()
        }
    }

    /// `Optional`, `OptionalHasElement` and `OptionalGetElement` (opset 15 to 28).
    func run(_ operation: OptionalOperator) throws(ONNXError) -> [NetworkValue?] {
        switch operation {
        case .wrap: return [value(0)]
        case .hasElement: return [.tensor(try flag(value(0) != nil))]
        case .element:
            guard let value = value(0) else { throw fault("the optional is empty") }
            return [value]
        }
    }

    /// Input `index`, a sequence; its elements are charged, for most operators copy them all.
    private func sequence(_ index: Int) throws(ONNXError) -> [NetworkValue] {
        guard case .sequence(let elements)? = value(index) else {
            throw fault("input \(index) is not a sequence")
        }
        try charge(elements.count)
        return elements
    }

    private func charge(_ amount: Int) throws(ONNXError) {
        do { try workspace.charge(amount) } catch { throw ONNXError(error, node: node.title) }
    }

    /// The place that input `index` names in `elements`, counted from the end where negative; the last one
    /// where it is left out.
    private func place(_ index: Int, in elements: [NetworkValue]) throws(ONNXError) -> Int {
        let place = try position(index, count: elements.count) ?? elements.count - 1
        guard elements.indices.contains(place) else {
            throw fault("position \(place) of a sequence of \(elements.count)")
        }
        return place
    }

    /// The position in input `index`, `count` added where negative; nil when left out.
    private func position(_ index: Int, count: Int) throws(ONNXError) -> Int? {
        guard value(index) != nil else { return nil }
        guard let named = try input(index).firstInteger, named.magnitude <= 1 << 40 else {
            throw fault("the position")
        }
        return named < 0 ? Int(named) + count : Int(named)
    }

    /// `SequenceConstruct` (opset 11).
    private func construct() throws(ONNXError) -> [NetworkValue?] {
        var tensors: [Tensor] = []
        for index in node.inputs.indices { tensors.append(try input(index)) }
        guard Set(tensors.map(\.elementType)).count <= 1 else { throw fault("elements of several types") }
        return [.sequence(tensors.map { .tensor($0) })]
    }

    /// `SequenceInsert` (opset 11).
    private func insert() throws(ONNXError) -> [NetworkValue?] {
        var elements = try sequence(0)
        let tensor = try input(1)
        if let first = elements.first?.tensor, first.elementType != tensor.elementType {
            throw fault("\(tensor.elementType) in a sequence of \(first.elementType)")
        }
        let target = try position(2, count: elements.count) ?? elements.count
        guard (0...elements.count).contains(target) else {
            throw fault("position \(target) of a sequence of \(elements.count)")
        }
        elements.insert(.tensor(tensor), at: target)
        return [.sequence(elements)]
    }

    /// `SequenceAt` (opset 11).
    private func element() throws(ONNXError) -> [NetworkValue?] {
        guard case .sequence(let elements)? = value(0) else { throw fault("input 0 is not a sequence") }
        return [elements[try place(1, in: elements)]]
    }

    /// `SequenceErase` (opset 11).
    private func erase() throws(ONNXError) -> [NetworkValue?] {
        var elements = try sequence(0)
        elements.remove(at: try place(1, in: elements))
        return [.sequence(elements)]
    }

    /// `SplitToSequence` (opset 11 to 24): parts of the given sizes, of one size, or of one slice each.
    private func split() throws(ONNXError) -> [NetworkValue?] {
        let x = try input(0)
        let rank = x.shape.rank
        let axis = try attribute("axis", default: 0)
        let normal = axis < 0 ? axis + rank : axis
        guard x.shape.dims.indices.contains(normal) else { throw fault("axis \(axis) of \(x.shape)") }
        let keepsAxis = try attribute("keepdims", default: 1) != 0
        let sizes = try partSizes(of: x.shape[normal])
        var first = 0
        var parts: [NetworkValue] = []
        for count in sizes {
            let piece = try part(of: x, axis: normal, from: first, count: count)
            parts.append(
                .tensor(keepsAxis || value(1) != nil ? piece : try slice(piece, axis: normal, at: 0)))
            first += count
        }
        return [.sequence(parts)]
    }

    /// What one part of a sequence takes, its tensor's shape and memory with it.
    private static var partBytes: Int { 512 }
    /// Operations that a part counts as: its bytes outside the pool stay while the sequence lives, so that a
    /// run makes no more than some millions.
    private static var partWork: Int { 1 << 15 }

    /// The sizes of the parts that `SplitToSequence` makes of an axis of `size`, by input 1.
    private func partSizes(of size: Int) throws(ONNXError) -> [Int] {
        guard value(1) != nil else {
            try reserve(parts: size)
            return [Int](repeating: 1, count: size)
        }
        let given = try input(1)
        guard given.elementType != .string, given.count <= 1 << 20 else { throw fault("split") }
        let sizes = given.converted(to: Int64.self).map(Int.init)
        guard sizes.allSatisfy({ $0 >= 0 && $0 <= 1 << 40 }) else { throw fault("parts \(sizes)") }
        if given.shape.rank == 0 {
            guard let part = sizes.first, part > 0 else { throw fault("parts of no size") }
            try reserve(parts: size / part)
            return stride(from: 0, to: size, by: part).map { min(part, size - $0) }
        }
        guard sizes.reduce(0, +) == size else { throw fault("parts \(sizes) do not make \(size)") }
        try reserve(parts: sizes.count)
        return sizes
    }

    private func reserve(parts count: Int) throws(ONNXError) {
        do {
            try workspace.reserve(count, elementBytes: Self.partBytes)
            try workspace.charge(saturatingProduct([count, Self.partWork]))
        } catch {
            throw ONNXError(error, node: node.title)
        }
    }

    private func part(of tensor: Tensor, axis: Int, from first: Int, count: Int) throws(ONNXError) -> Tensor {
        do { return try tensor.part(axis: axis, from: first, count: count, in: workspace) } catch {
            throw ONNXError(error, node: node.title)
        }
    }

    private func attribute(_ name: String, default fallback: Int) throws(ONNXError) -> Int {
        do { return try node.attributes.integer(name, default: fallback) } catch {
            throw ONNXError(error, node: node.title)
        }
    }

    /// `ConcatFromSequence` (opset 11): joined along an axis, or stacked along a new one.
    private func concatenate() throws(ONNXError) -> [NetworkValue?] {
        var tensors: [Tensor] = []
        for element in try sequence(0) {
            guard let tensor = element.tensor else { throw fault("an element that is not a tensor") }
            tensors.append(tensor)
        }
        let axis = try attribute("axis", default: 0)
        if try attribute("new_axis", default: 0) != 0 {
            return [.tensor(try stack(tensors, axis: axis, reversed: false))]
        }
        do { return [.tensor(try Tensor.joined(tensors, axis: axis, in: workspace))] } catch {
            throw ONNXError(error, node: node.title)
        }
    }

    /// `SequenceMap` (opset 17): the body for each element of the first input, and of the other sequences
    /// among the inputs.
    private func mapSequences() throws(ONNXError) -> [NetworkValue?] {
        let body = try body("body")
        let count = try sequence(0).count
        var results = [[NetworkValue]](repeating: [], count: body.executor.graph.outputs.count)
        for step in 0..<count {
            var given: [NetworkValue?] = []
            for index in node.inputs.indices {
                guard case .sequence(let elements)? = value(index) else {
                    given.append(value(index))
                    continue
                }
                guard elements.count == count else { throw fault("sequences of several lengths") }
                given.append(elements[step])
            }
            for (index, result) in try run(body, given).enumerated() {
                guard let tensor = result?.tensor else { throw fault("an element that is not a tensor") }
                results[index].append(.tensor(tensor))
            }
        }
        return results.map { .sequence($0) }
    }
}
