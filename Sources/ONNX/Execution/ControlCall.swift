import Kernels
import Tensors

/// One evaluation of a control operator.
struct ControlCall {
    let node: GraphNode
    let bodies: [String: Executor.Body]
    let values: [NetworkValue?]
    let workspace: Workspace
    let limits: NetworkLimits

    /// The node's outputs.
    func run(_ control: ControlOperator) throws(ONNXError) -> [NetworkValue?] {
        switch control {
        case .branch: try branch()
        case .loop: try loop()
        case .scan: try scan()
        case .zipMap: try zipMap()
        case .sequence(let operation): try run(operation)
        case .optional(let operation): try run(operation)
        }
    }

    /// Input `index`, a tensor.
    func input(_ index: Int) throws(ONNXError) -> Tensor {
        guard let tensor = value(index)?.tensor else { throw fault("input \(index) is missing") }
        return tensor
    }

    /// Input `index`, nil when left out or an empty optional.
    func value(_ index: Int) -> NetworkValue? {
        index < node.inputs.count ? node.inputs[index].flatMap { values[$0.index] } : nil
    }

    /// The graph in attribute `name`.
    func body(_ name: String) throws(ONNXError) -> Executor.Body {
        guard let body = bodies[name] else { throw fault("attribute \(name) is missing") }
        return body
    }

    /// The fault `reason` of this node.
    func fault(_ reason: String) -> ONNXError { .invalid(node: node.title, reason: reason) }

    /// What `body` returns for `inputs`.
    func run(_ body: Executor.Body, _ inputs: [NetworkValue?]) throws(ONNXError) -> [NetworkValue?] {
        guard inputs.count == body.executor.graph.inputs.count else {
            throw fault("the body takes \(body.executor.graph.inputs.count) inputs, not \(inputs.count)")
        }
        let captured = body.captures.compactMap { pair in values[pair.outer.index].map { (pair.inner, $0) } }
        return try body.executor.run(inputs, captured: captured, workspace)
    }

    /// `If` (opset 1 to 25).
    private func branch() throws(ONNXError) -> [NetworkValue?] {
        guard let condition = try input(0).firstNumber else { throw fault("the condition is empty") }
        return try run(try body(condition != 0 ? "then_branch" : "else_branch"), [])
    }

    /// `Loop` (opset 1 to 25): inputs trip count, condition, carried values; outputs carried values and
    /// stacked ones.
    private func loop() throws(ONNXError) -> [NetworkValue?] {
        let body = try body("body")
        let hasLimit = node.inputs.first.flatMap(\.self) != nil
        let trips = hasLimit ? try input(0).firstInteger ?? 0 : Int64.max
        var goes =
            node.inputs.count > 1 && node.inputs[1] != nil ? try input(1).firstNumber ?? 1 != 0 : true
        var carried = (2..<max(2, node.inputs.count)).map(value)
        let stackCount = body.executor.graph.outputs.count - 1 - carried.count
        guard stackCount >= 0 else { throw fault("the body returns too few values") }
        var stacks = [[Tensor]](repeating: [], count: stackCount)
        var trip: Int64 = 0
        while goes, trip < trips {
            guard trip < Int64(limits.iterationsMax) else {
                throw .tooLarge(what: "the iterations of \(node.title)", limit: limits.iterationsMax)
            }
            let state: [NetworkValue?] = [.tensor(try tensor([trip])), .tensor(try flag(goes))] + carried
            let results = try run(body, state)
            guard let condition = results[0]?.tensor?.firstNumber else {
                throw fault("the body's condition is empty")
            }
            goes = condition != 0
            carried = Array(results[1..<(1 + carried.count)])
            for index in 0..<stackCount {
                guard let item = results[1 + carried.count + index]?.tensor else {
                    throw fault("only tensors can be stacked")
                }
                stacks[index].append(item)
            }
            trip += 1
        }
        return carried
            + (try stacks.map { (items) throws(ONNXError) in
                .tensor(try stack(items, axis: 0, reversed: false))
            })
    }

    /// `Scan` (opset 9 to 25): carried states, and inputs read slice by slice along an axis.
    private func scan() throws(ONNXError) -> [NetworkValue?] {
        let body = try body("body")
        let attributes = ScanAttributes(node.attributes)
        let stateCount = node.inputs.count - attributes.inputCount
        let outputCount = body.executor.graph.outputs.count - stateCount
        guard attributes.inputCount > 0, stateCount >= 0, outputCount >= 0 else {
            throw fault("num_scan_inputs")
        }
        var states = (0..<stateCount).map(value)
        let scanned = try (stateCount..<node.inputs.count).map { (index) throws(ONNXError) in try input(index)
        }
        var axes: [Int] = []
        for (index, tensor) in scanned.enumerated() {
            let axis = attributes.axis(ofInput: index)
            let normal = axis < 0 ? axis + tensor.shape.rank : axis
            guard tensor.shape.dims.indices.contains(normal) else { throw fault("scan axis \(axis)") }
            axes.append(normal)
        }
        let length = scanned[0].shape[axes[0]]
        guard zip(scanned, axes).allSatisfy({ $0.shape[$1] == length }), length <= limits.iterationsMax else {
            throw fault("the scanned inputs differ in length, or are longer than \(limits.iterationsMax)")
        }
        var stacks = [[Tensor]](repeating: [], count: outputCount)
        for step in 0..<length {
            var given = states
            for (index, tensor) in scanned.enumerated() {
                let place = attributes.isReversed(input: index) ? length - 1 - step : step
                given.append(.tensor(try slice(tensor, axis: axes[index], at: place)))
            }
            let results = try run(body, given)
            states = Array(results[..<stateCount])
            for index in 0..<outputCount {
                guard let item = results[stateCount + index]?.tensor else {
                    throw fault("only tensors can be stacked")
                }
                stacks[index].append(item)
            }
        }
        var results = states
        for (index, items) in stacks.enumerated() {
            let axis = attributes.axis(ofOutput: index)
            results.append(
                .tensor(try stack(items, axis: axis, reversed: attributes.isReversed(output: index))))
        }
        return results
    }
}

extension ControlCall {
    /// An integer scalar.
    func tensor(_ elements: [Int64]) throws(ONNXError) -> Tensor {
        do { return try Tensor(shape: [], elements: elements) } catch { throw fault("\(error)") }
    }

    /// A Boolean scalar.
    func flag(_ value: Bool) throws(ONNXError) -> Tensor {
        do { return try Tensor(shape: [], elements: [BoolByte(value)]) } catch { throw fault("\(error)") }
    }

    /// The part of `tensor` at `place` along `axis`, without that axis.
    func slice(_ tensor: Tensor, axis: Int, at place: Int) throws(ONNXError) -> Tensor {
        do { return try tensor.slice(axis: axis, at: place, in: workspace) } catch {
            throw ONNXError(error, node: node.title)
        }
    }

    /// `items` side by side along a new `axis`.
    func stack(_ items: [Tensor], axis: Int, reversed: Bool) throws(ONNXError) -> Tensor {
        do {
            return try Tensor.stacked(reversed ? items.reversed() : items, axis: axis, in: workspace)
        } catch {
            throw ONNXError(error, node: node.title)
        }
    }

    /// `ZipMap` (ai.onnx.ml 1): each row of scores as a map from label to score.
    fileprivate func zipMap() throws(ONNXError) -> [NetworkValue?] {
        let scores = try input(0)
        let labels: [MapLabel]
        switch (node.attributes.values["classlabels_int64s"], node.attributes.values["classlabels_strings"]) {
        case (.integers(let numbers)?, _) where !numbers.isEmpty: labels = numbers.map { .integer($0) }
        case (_, .texts(let texts)?): labels = texts.map { .text($0) }
        default: throw fault("ZipMap without labels")
        }
        let width = scores.shape.dims.last ?? 0
        guard width == labels.count, width > 0, scores.elementType != .string else {
            throw .execution(node: node.title, reason: "\(labels.count) labels for scores \(scores.shape)")
        }
        do { try workspace.reserve(scores.count, elementBytes: 64) } catch {
            throw ONNXError(error, node: node.title)
        }
        let floats = scores.floats()
        let rows = stride(from: 0, to: floats.count, by: width).map { start in
            NetworkValue.map(labels.indices.map { (labels[$0], floats[start + $0]) })
        }
        return [.sequence(rows)]
    }
}

/// The attributes of `Scan`.
private struct ScanAttributes {
    let inputCount: Int
    private let inputAxes: [Int64]
    private let outputAxes: [Int64]
    private let inputDirections: [Int64]
    private let outputDirections: [Int64]

    init(_ attributes: Attributes) {
        func list(_ name: String) -> [Int64] {
            if case .integers(let list)? = attributes.values[name] { return list }
            return []
        }
        if case .integer(let count)? = attributes.values["num_scan_inputs"], (0...(1 << 16)).contains(count) {
            inputCount = Int(count)
        } else {
            inputCount = 0
        }
        inputAxes = list("scan_input_axes")
        outputAxes = list("scan_output_axes")
        inputDirections = list("scan_input_directions")
        outputDirections = list("scan_output_directions")
    }

    func axis(ofInput index: Int) -> Int { index < inputAxes.count ? Int(inputAxes[index]) : 0 }
    func axis(ofOutput index: Int) -> Int { index < outputAxes.count ? Int(outputAxes[index]) : 0 }
    func isReversed(input index: Int) -> Bool { index < inputDirections.count && inputDirections[index] == 1 }
    func isReversed(output index: Int) -> Bool {
        index < outputDirections.count && outputDirections[index] == 1
    }
}
