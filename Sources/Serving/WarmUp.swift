import Batching
import ONNX
import PMML
import Registry
import Tensors

extension Warm where Servable == LoadedModel {
    /// Runs what the model says about itself (ModelVerification, or the golden row), then every batch size
    /// that it will see, and measures.
    /// - Throws: `verificationFailed`, or what a run threw.
    init(
        warming model: LoadedModel, defaults: BatchPolicy, measuring seconds: Double
    ) throws(ServingError) {
        model.life.move(to: .warming)
        try self.init(model) { (model) throws(ServingError) in
            switch model.engine {
            case .evaluator(let evaluator): try warmUp(evaluator)
            case .network(let network): try warmUp(network, model.configuration, defaults, seconds)
            }
        }
        model.life.move(to: .warm)
    }
}

/// Verifies the document and scores a row made from its schema.
private func warmUp(_ evaluator: Evaluator) throws(ServingError) -> UInt64 {
    do { try evaluator.verify() } catch { throw .pmml(error) }
    let row = sampleRow(for: evaluator)
    // What the made-up row gives is of no interest, an error neither: only that the code and data are in the
    // cache.
    return shortest(of: 5) { _ = evaluator.evaluate(batch: [row]) }
}

/// A row with a plausible value in every field: the middle of its interval, or its first valid value.
func sampleRow(for evaluator: Evaluator) -> Row {
    var row = Row(count: evaluator.slotCount)
    for field in evaluator.inputFields + evaluator.groupFields {
        guard let slot = evaluator.slot(of: field.id), row.values.indices.contains(slot) else { continue }
        if let value = field.values.first {
            row.values[slot] = middle(of: value).map(InputValue.number) ?? .text(value)
        } else if field.opType == "continuous" {
            row.values[slot] = .number(1)
        }
    }
    return row
}

/// The middle of an interval as the schema prints it, `[4.3, 7.9)`; `nil` for any other text.
private func middle(of interval: String) -> Double? {
    guard let first = interval.first, "[(".contains(first) else { return nil }
    let margins = interval.dropFirst().dropLast().split(separator: ",").compactMap {
        Double($0.drop(while: { $0 == " " }))
    }
    guard margins.count == 2, margins.allSatisfy(\.isFinite) else { return margins.first(where: \.isFinite) }
    return (margins[0] + margins[1]) / 2
}

/// Runs the golden row, then batches in powers of two, as far as the plan will let them grow; then chooses
/// the kernels by measuring, as far as that was not done before, and runs all again.
private func warmUp(
    _ model: NetworkModel, _ configuration: ModelConfiguration, _ defaults: BatchPolicy,
    _ secondsToMeasure: Double
) throws(ServingError) -> UInt64 {
    if let golden = configuration.golden { try check(golden, of: model) }
    guard let one = sampleInputs(for: model, rows: 1) else { return BatchPlan.batchCostMax }
    // Sizes that only callers know were guessed: that a guess does not compute says nothing about the model.
    if hasOpenSizes(model), (try? model.network.run(one)) == nil { return BatchPlan.batchCostMax }
    let outputs = try run(model.network, one)
    if let labels = model.labels { try check(labels, against: outputs) }
    let cost = try runEverySize(model, configuration, defaults)
    return secondsToMeasure > 0 && model.network.measure(seconds: secondsToMeasure)
        ? try runEverySize(model, configuration, defaults) : cost
}

/// Runs batches of every power of two that will be served; nanoseconds of a batch of one row.
private func runEverySize(
    _ model: NetworkModel, _ configuration: ModelConfiguration, _ defaults: BatchPolicy
) throws(ServingError) -> UInt64 {
    guard let one = sampleInputs(for: model, rows: 1) else { return BatchPlan.batchCostMax }
    try prepare(model.network, one)
    var failure: ServingError?
    let cost = shortest(of: 3) {
        do throws(ServingError) { _ = try run(model.network, one) } catch { failure = error }
    }
    if let failure { throw failure }
    let facts = BatchPlan.Facts(cost: cost, isBatchable: model.network.isBatchable, loopCostMax: 0)
    let sizeMax = BatchPlan(facts, configuration: configuration, defaults: defaults).policy.sizeMax
    var size = 2
    while size <= sizeMax {
        if let inputs = sampleInputs(for: model, rows: size) { try prepare(model.network, inputs) }
        size *= 2
    }
    return cost
}

private func run(
    _ network: Network, _ inputs: [String: Tensor]
) throws(ServingError) -> [(name: String, value: NetworkValue)] {
    do { return try network.run(inputs) } catch { throw .network(error) }
}

private func prepare(_ network: Network, _ inputs: [String: Tensor]) throws(ServingError) {
    do { try network.prepare(inputs) } catch { throw .network(error) }
}

/// Half-grey inputs of the shapes that the file or the recipe gives; `nil` when they leave too much open.
private func sampleInputs(for model: NetworkModel, rows: Int) -> [String: Tensor]? {
    var inputs: [String: Tensor] = [:]
    for port in model.network.inputs {
        guard port.kind == .tensor, port.hasShape else { return nil }
        var dims = model.pipeline?.recipe.shape ?? port.dims.map(\.sampleSize)
        if model.network.isBatchable, !dims.isEmpty { dims[0] = rows }
        guard let shape = try? Shape(checking: dims, elementsMax: 1 << 28) else { return nil }
        inputs[port.name] = sampleTensor(port.elementType, shape)
    }
    return inputs.count == model.network.inputs.count ? inputs : nil
}

/// Whether a size other than the batch's is the caller's to choose.
private func hasOpenSizes(_ model: NetworkModel) -> Bool {
    guard model.pipeline == nil else { return false }
    return model.network.inputs.contains { port in
        port.dims.dropFirst().contains { if case .symbolic = $0 { true } else { false } }
    }
}

private func sampleTensor(_ type: ElementType, _ shape: Shape) -> Tensor? {
    guard type != .string else {
        return try? Tensor(shape: shape, strings: Array(repeating: "", count: shape.elementCount))
    }
    let value: Float = type.isFloatingPoint ? 0.5 : 0
    let floats = try? Tensor(shape: shape, floats: Array(repeating: value, count: shape.elementCount))
    return try? floats?.cast(to: type)
}

extension Dimension {
    /// A size to try: what is open is tried as 1.
    fileprivate var sampleSize: Int {
        switch self {
        case .fixed(let size): size
        case .symbolic: 1
        }
    }
}

/// Fails unless the network gives the golden row's output.
private func check(_ golden: ModelConfiguration.Golden, of model: NetworkModel) throws(ServingError) {
    guard let port = model.network.inputs.first else { return }
    var dims = model.pipeline?.recipe.shape ?? port.dims.map(\.sampleSize)
    if model.network.isBatchable, !dims.isEmpty { dims[0] = 1 }
    guard let input = try? Tensor(shape: Shape(dims), floats: golden.input.map { Float($0) }) else {
        throw .verificationFailed(
            "golden.input has \(golden.input.count) numbers, the input's shape is \(dims)")
    }
    let output = try run(model.network, [port.name: input]).first?.value.tensor?.doubles() ?? []
    guard output.count == golden.output.count else {
        throw .verificationFailed(
            "golden.output has \(golden.output.count) numbers, the network gave \(output.count)")
    }
    for (index, pair) in zip(golden.output, output).enumerated()
    where !(abs(pair.0 - pair.1) <= golden.tolerance) {
        throw .verificationFailed(
            "golden.output[\(index)] is \(pair.0), the network gave \(pair.1), tolerance \(golden.tolerance)")
    }
}

/// Fails unless the first output has one score for each label.
private func check(
    _ labels: [String], against outputs: [(name: String, value: NetworkValue)]
) throws(ServingError) {
    let dims = outputs.first?.value.tensor?.shape.dims ?? []
    guard dims.last == labels.count, saturatingProduct(dims) == labels.count else {
        let reason = "names \(labels.count) classes, the network's first output has the shape \(dims)"
        throw .configuration(ConfigurationFault(line: 0, key: "labels", reason: reason))
    }
}

/// Nanoseconds of the shortest of several runs: the one that nothing disturbed.
private func shortest(of count: Int, _ run: () -> Void) -> UInt64 {
    var best = UInt64.max
    for _ in 0..<count {
        let start = monotonicNanoseconds()
        run()
        best = min(best, monotonicNanoseconds() - start)
    }
    return best
}
