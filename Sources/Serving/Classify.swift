import Batching
import Glibc
import Imaging
import ONNX
import Tensors

/// One request's rows for a network, and the answers so far.
typealias NetworkJob = Job<NetworkInput, Result<NetworkAnswer, NetworkFailure>>

extension NetworkServable {
    /// A warm network behind its micro-batchers.
    convenience init(_ model: NetworkModel, plan: BatchPlan, metrics: VersionMetrics, parts: ServiceParts) {
        let work = BatchWork { batch in
            (try? compute(batch, with: model, metrics: metrics)) != nil
        } runAlone: { part in
            do throws(NetworkFailure) {
                try compute([part], with: model, metrics: metrics)
            } catch {
                let timing = BatchTiming(inference: 0, rows: 1)
                (part.item as? NetworkJob)?.deliver([.failure(error)], for: part.rows, batch: timing)
            }
        }
        self.init(model: model, batching: ServableBatching(plan: plan, parts: parts, work: work))
    }
}

/// Computes one batch and delivers each request's answers. An image that cannot be decoded is its own row's
/// failure; when the network fails, nothing has been delivered yet.
private func compute(
    _ batch: [BatchPart<BatchItem>], with model: NetworkModel, metrics: VersionMetrics
) throws(NetworkFailure) {
    let start = monotonicNanoseconds()
    let jobs = batch.compactMap { part in (part.item as? NetworkJob).map { (job: $0, part: part) } }
    let rows = jobs.flatMap { $0.job.rows($0.part.rows) }
    let inputs = rows.map { row in Result { () throws(NetworkFailure) in try model.inputs(of: row) } }
    let answers = try model.answers(to: inputs)
    deliver(answers, to: jobs, metrics.observe(batch, start: start), startedAt: start)
}

extension NetworkModel {
    /// One row as the network's inputs: a decoded, resized and normalised image, or the tensors themselves.
    func inputs(of row: NetworkInput) throws(NetworkFailure) -> [String: Tensor] {
        switch row {
        case .tensors(let tensors): return tensors
        case .image(let bytes):
            guard let pipeline, let name = network.inputs.first?.name else { throw .takesNoImages }
            let floats: [Float]
            do { floats = try pipeline.tensor(decoding: bytes) } catch { throw .image(error) }
            do {
                return [name: try Tensor(shape: Shape(pipeline.recipe.shape), floats: floats)]
            } catch {
                throw .network(.tooLarge(what: "the image's tensor", limit: floats.count))
            }
        }
    }

    /// The answers to some rows, computed in as few runs as the network allows.
    func answers(
        to rows: [Result<[String: Tensor], NetworkFailure>]
    ) throws(NetworkFailure) -> [Result<NetworkAnswer, NetworkFailure>] {
        var answers: [Result<NetworkAnswer, NetworkFailure>] = rows.map {
            .failure($0.failure ?? .takesNoImages)
        }
        let good = rows.enumerated().compactMap { row in (try? row.element.get()).map { (row.offset, $0) } }
        for group in grouped(good.map(\.1)) {
            let outputs = try outputs(of: group.map { good[$0].1 })
            for (position, member) in group.enumerated() {
                answers[good[member].0] = .success(answer(from: outputs[position]))
            }
        }
        return answers
    }

    /// Rows that can be computed together: same inputs, types and shapes, when the network can be batched at
    /// all.
    private func grouped(_ rows: [[String: Tensor]]) -> [[Int]] {
        guard network.isBatchable else { return rows.indices.map { [$0] } }
        var groups: [[String: RowShape]: [Int]] = [:]
        for (index, row) in rows.enumerated() {
            groups[row.mapValues(RowShape.init), default: []].append(index)
        }
        return groups.values.sorted { $0[0] < $1[0] }
    }

    /// Runs some alike rows as one batch; each row's own slice of every output.
    private func outputs(
        of rows: [[String: Tensor]]
    ) throws(NetworkFailure) -> [[(name: String, value: NetworkValue)]] {
        do throws(ONNXError) {
            guard let first = rows.first, rows.count > 1 else { return try rows.map(run) }
            var inputs: [String: Tensor] = [:]
            for name in first.keys { inputs[name] = concatenated(rows.compactMap { $0[name] }) }
            let counts = rows.map { $0.values.first?.shape.dims.first ?? 1 }
            let outputs = try network.run(inputs)
            let split = outputs.map { output in output.value.tensor.flatMap { slices(of: $0, counts) } }
            return try rows.indices.map { (row) throws(ONNXError) in
                try zip(outputs, split).map { (output, slices) throws(ONNXError) in
                    guard let slices else {
                        throw .execution(node: output.name, reason: "cannot be divided into its rows")
                    }
                    return (output.name, .tensor(slices[row]))
                }
            }
        } catch {
            throw .network(error)
        }
    }

    private func run(_ row: [String: Tensor]) throws(ONNXError) -> [(name: String, value: NetworkValue)] {
        try network.run(row)
    }

    /// One row's outputs as its answer: probabilities when there are labels for them.
    private func answer(from outputs: [(name: String, value: NetworkValue)]) -> NetworkAnswer {
        guard let labels, let scores = outputs.first?.value.tensor?.floats(), scores.count == labels.count
        else {
            return .outputs(outputs)
        }
        return .classification(Classification(probabilities: outputIsLogits ? softmax(scores) : scores))
    }
}

/// What must be equal for two rows' tensors to be joined along their first axis.
private struct RowShape: Hashable {
    let type: ElementType
    let rest: [Int]

    init(_ tensor: Tensor) {
        type = tensor.elementType
        rest = Array(tensor.shape.dims.dropFirst())
    }
}

/// Softmax of one row of logits; the largest is subtracted first, so that 1000 gives 1, not infinity by
/// infinity.
func softmax(_ logits: [Float]) -> [Float] {
    let largest = logits.max() ?? 0
    let powers = logits.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
}

extension Result {
    /// The error, if it is one.
    fileprivate var failure: Failure? {
        switch self {
        case .success: nil
        case .failure(let failure): failure
        }
    }
}
