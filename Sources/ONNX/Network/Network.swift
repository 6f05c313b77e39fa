import Kernels
import Tensors

/// A model ready to run. Safe to run from many threads at once; freed as a whole when the last reference
/// goes.
///
///     file -> ModelDocument -> ValidatedGraph -> OptimisedGraph -> Network
package final class Network: Sendable {
    /// What a run must be given: the graph's inputs that have no initializer.
    package let inputs: [Port]
    /// What a run returns.
    package let outputs: [Port]
    /// What the file says about itself.
    package let metadata: NetworkMetadata
    /// The graph that is run.
    package let optimised: OptimisedGraph

    private let executor: Executor
    /// Where the planned part of the graph ends, and what runs behind it.
    let cut: GraphCut
    private let rest: Executor?
    private let limits: NetworkLimits
    private let pool: TensorPool
    private let computesInDoubles: Bool
    /// The fast plans, where the graph has any.
    let plans: FastPlans?

    private init(
        _ graph: OptimisedGraph, metadata: NetworkMetadata, limits: NetworkLimits, options: NetworkOptions,
        pool: TensorPool, bytes: ModelBytes
    ) throws(ONNXError) {
        (inputs, outputs) = (graph.inputs, graph.outputs)
        self.metadata = metadata
        self.limits = limits
        self.pool = pool
        optimised = graph
        executor = try Executor(
            options.arithmetic == .doubles ? graph.graph.inDoubles(pool) : graph.graph, limits: limits)
        cut = GraphCut(graph.graph)
        rest = try cut.back.map { (back) throws(ONNXError) in try Executor(back, limits: limits) }
        plans =
            options.arithmetic.isPlanned && cut.front.isWorthPlanning
            ? FastPlans(
                cut.front, isBatchable: cut.back == nil && Self.isBatchable(graph.inputs, graph.outputs),
                pool: pool, operationsMax: limits.operationsMax, bytes: bytes, forms: options.forms) : nil
        computesInDoubles = options.arithmetic == .doubles
    }

    /// Reads, validates and optimises the ONNX file at `path`. The file stays mapped while the network lives,
    /// so it may be unlinked or replaced by rename, but not overwritten in place.
    package static func load(
        path: String, limits: NetworkLimits = NetworkLimits(), options: NetworkOptions = NetworkOptions()
    ) throws(ONNXError) -> Network {
        let bytes = try ModelBytes(mapping: path, bytesMax: limits.fileBytesMax)
        let external = ExternalFiles(besideModel: path, bytesMax: limits.fileBytesMax)
        return try load(bytes, limits: limits, options: options) { (location) throws(ONNXError) in
            try external.open(location)
        }
    }

    /// The same from bytes in memory, without external data.
    package static func load(
        bytes: [UInt8], limits: NetworkLimits = NetworkLimits(), options: NetworkOptions = NetworkOptions()
    ) throws(ONNXError) -> Network {
        try load(ModelBytes(copying: bytes), limits: limits, options: options) {
            (location) throws(ONNXError) in
            throw .unsupported(node: "external data", feature: "'\(location)' of a model that is not a file")
        }
    }

    private static func load(
        _ bytes: ModelBytes, limits: NetworkLimits, options: NetworkOptions,
        external: @escaping (String) throws(ONNXError) -> ModelBytes
    ) throws(ONNXError) -> Network {
        var parser = ModelParser(bytes, limits: limits)
        let document = try parser.model()
        guard !document.metadata.opsets.isEmpty, document.metadata.opsets.values.allSatisfy({ $0 > 0 }) else {
            throw .invalid(node: "graph", reason: "no operator set is imported")
        }
        let pool = TensorPool(bytesMax: limits.memoryBytesMax)
        let source = TensorSource(bytes: bytes, pool: pool, limits: limits, external: external)
        let validated = try GraphBuilder.build(document, source: source, limits: limits)
        let optimised = try optimise(validated, options: options, pool: pool, limits: limits)
        return try Network(
            optimised, metadata: document.metadata, limits: limits, options: options, pool: pool,
            bytes: bytes)
    }

    /// Evaluates the graph on `inputs` by name.
    /// - Returns: every output, in the graph's order.
    /// - Throws: `.wrongInput` for a missing, unknown, wrongly typed or wrongly shaped input; `.execution`;
    ///   `.tooLarge` past the limits.
    ///
    /// A run that finds no other under way uses up to `threads` threads; runs beside each other use one each.
    package func run(
        _ inputs: [String: Tensor], threads: Int = .max
    ) throws(ONNXError) -> [(name: String, value: NetworkValue)] {
        let given = try arrange(inputs)
        let workspace = Workspace(pool: pool, operationsMax: limits.operationsMax)
        if let made = try plans?.run(given, threads: threads) {
            guard let rest else { return try named(made.map { .tensor($0) }) }
            return try named(
                try rest.run(cut.boundary(given, made).map { $0.map { .tensor($0) } }, workspace))
        }
        let operands = computesInDoubles ? given.map { $0.inDoubles(pool) } : given
        return try named(try executor.run(operands.map { .tensor($0) }, workspace))
    }

    /// Runs `inputs`, and plans every way that runs of such shapes may take, on one thread or on all: none of
    /// them waits for that.
    package func prepare(_ inputs: [String: Tensor]) throws(ONNXError) {
        if let plans, try plans.prepare(arrange(inputs)) { return }
        _ = try run(inputs)
    }

    /// The graph's results by name, once none is empty or out of all bounds.
    private func named(_ results: [NetworkValue?]) throws(ONNXError) -> [(name: String, value: NetworkValue)]
    {
        var left = limits.outputElementsMax
        return try zip(outputs, results).map { (port, value) throws(ONNXError) in
            guard let value else {
                throw .execution(node: "graph", reason: "the output '\(port.name)' is empty")
            }
            guard value.take(from: &left) else {
                throw .tooLarge(what: "the outputs' elements", limit: limits.outputElementsMax)
            }
            return (name: port.name, value: value)
        }
    }

    /// Chooses how each convolution is computed by measuring, for the shapes that were run so far and as far
    /// as that is not known; takes at most about `seconds`, many times the memory of a run, and is for
    /// threads that serve nobody. Runs meanwhile go by the plans there are, which are then exchanged.
    /// - Parameters:
    ///   - ofThread: whether this thread's processor time counts, not the clock's.
    ///   - isWanted: asked before each run; false ends the measuring.
    /// - Returns: whether anything was found.
    @discardableResult
    package func measure(
        seconds: Double = 0.5, ofThread: Bool = false, while isWanted: @escaping () -> Bool = { true }
    ) -> Bool {
        plans?.measure(seconds: seconds, while: isWanted) { ONNX.seconds(ofThread: ofThread) } ?? false
    }

    /// What `measure` found, or was given, for `NetworkOptions.measuredPlan`; nil when there is nothing.
    package var measuredPlan: String? {
        plans.flatMap { $0.forms.isEmpty ? nil : $0.forms.text }
    }

    /// Gives the memory that finished runs left for the next ones back: for a network that is kept but not
    /// asked. It computes as before; its next run takes memory anew.
    package func releaseIdleMemory() {
        plans?.releaseIdleMemory()
        pool.trim()
    }

    /// The given tensors in the order of `inputs`, checked against the declared types and shapes.
    private func arrange(_ given: [String: Tensor]) throws(ONNXError) -> [Tensor] {
        if let stranger = given.keys.sorted().first(where: { name in !inputs.contains { $0.name == name } }) {
            throw .wrongInput(name: stranger, reason: "the model has no such input")
        }
        var sizes: [String: Int] = [:]
        return try inputs.map { (port) throws(ONNXError) in
            guard let tensor = given[port.name] else { throw .wrongInput(name: port.name, reason: "missing") }
            try port.check(tensor, sizes: &sizes)
            return tensor
        }
    }

    /// True when requests can be joined along axis 0: every input's and output's first axis is one symbolic
    /// dimension, and no other axis is that dimension.
    package var isBatchable: Bool { Self.isBatchable(inputs, outputs) }

    private static func isBatchable(_ inputs: [Port], _ outputs: [Port]) -> Bool {
        guard let first = inputs.first?.dims.first, case .symbolic(let name) = first, !outputs.isEmpty else {
            return false
        }
        return (inputs + outputs).allSatisfy { port in
            guard case .symbolic(let own)? = port.dims.first, own == name || own.isEmpty else {
                return port.kind != .tensor || (!port.hasShape && outputs.contains(port))
            }
            return name.isEmpty || !port.dims.dropFirst().contains(.symbolic(name))
        }
    }
}

extension NetworkOptions {
    /// The forms of convolutions that are known or asked for.
    fileprivate var forms: MeasuredForms {
        if arithmetic == .leastExact { return MeasuredForms(always: .winograd4) }
        return measuredPlan.flatMap { MeasuredForms(text: $0, isInherited: isPlanInherited) }
            ?? MeasuredForms()
    }
}

extension Graph {
    /// The same with its float constants in 64 bits.
    fileprivate func inDoubles(_ pool: TensorPool) -> Graph {
        var graph = self
        graph.constants = constants.mapValues { $0.inDoubles(pool) }
        return graph
    }
}

extension Tensor {
    /// 32-bit floats as 64-bit ones, others as they are.
    fileprivate func inDoubles(_ pool: TensorPool) -> Tensor {
        elementType == .float32 ? (try? cast(to: .float64, pool: pool)) ?? self : self
    }
}

extension Port {
    /// Checks `tensor` against this port; `sizes` remembers what symbolic dimensions were given so far.
    fileprivate func check(_ tensor: Tensor, sizes: inout [String: Int]) throws(ONNXError) {
        guard tensor.elementType == elementType else {
            throw .wrongInput(name: name, reason: "\(tensor.elementType) given, \(elementType) expected")
        }
        guard hasShape else { return }
        let expected = "[" + dims.map(\.description).joined(separator: ", ") + "]"
        guard tensor.shape.rank == dims.count else {
            throw .wrongInput(name: name, reason: "shape \(tensor.shape) given, \(expected) expected")
        }
        for (size, dimension) in zip(tensor.shape.dims, dims) {
            switch dimension {
            case .fixed(let wanted) where wanted != size:
                throw .wrongInput(name: name, reason: "shape \(tensor.shape) given, \(expected) expected")
            case .fixed: break
            case .symbolic(let label):
                if label.isEmpty { continue }
                guard sizes[label] == nil || sizes[label] == size else {
                    throw .wrongInput(
                        name: name,
                        reason: "dimension '\(label)' is \(size) here and \(sizes[label] ?? 0) elsewhere")
                }
                sizes[label] = size
            }
        }
    }
}

extension Dimension: CustomStringConvertible {
    package var description: String {
        switch self {
        case .fixed(let size): String(size)
        case .symbolic(let name): name.isEmpty ? "?" : name
        }
    }
}
