import CKernels
import Kernels
import Tensors

/// Compiles a graph, for inputs of given shapes, into steps over buffers.
///
/// A value of four axes is held blocked (NCHW16c), planar, or both; conversions are inserted where a step
/// needs the other form, so neighbouring convolutions meet without any.
struct Planner {
    /// Where a value's floats are, so far.
    struct Forms {
        var planar: PlanView?
        var blocked: PlanView?
    }

    let graph: PlanGraph
    let table: ValueTable
    let weights: PackedWeights
    let costs: CostModel
    /// The form that is asked for, or was measured, for a dense convolution of blocked input.
    let wanted: (ck_shape) -> ConvolutionForm?
    /// The estimate's form of each.
    private var usual: [[Int32]: ConvolutionForm] = [:]
    /// Steps that read each value; graph outputs count once more.
    let uses: [Int]
    var forms: [Forms]
    var steps: [PlanStep] = []
    var buffers: [PlanBuffer] = []
    /// Nodes that an earlier step took in.
    var isDone: [Bool]
    /// The value whose place was just given out, for the step that is about to be appended.
    private var lastResult: PlanValue?
    /// Where a value must be written: a part of a concatenation.
    var destinations: [PlanValue: PlanView] = [:]
    /// Nodes that read each value.
    let readers: [[Int]]

    /// A planner of `graph` for values as in `table`.
    init(
        _ graph: PlanGraph, _ table: ValueTable, weights: PackedWeights, costs: CostModel,
        wanted: @escaping (ck_shape) -> ConvolutionForm?
    ) {
        (self.graph, self.table, self.weights, self.costs) = (graph, table, weights, costs)
        self.wanted = wanted
        forms = [Forms](repeating: Forms(), count: graph.valueCount)
        isDone = [Bool](repeating: false, count: graph.nodes.count)
        var readers = [[Int]](repeating: [], count: graph.valueCount)
        for (index, node) in graph.nodes.enumerated() {
            for case .some(let value) in node.inputs { readers[value].append(index) }
        }
        var uses = readers.map(\.count)
        for value in graph.outputs { uses[value] += 1 }
        (self.readers, self.uses) = (readers, uses)
    }

    /// All steps, in order, and their buffers.
    /// - Throws: `PlanRefusal.unplannable`.
    mutating func plan() throws(PlanRefusal) {
        usual = FormChoice(denseConvolutions, costs).forms
        placeConcatenations()
        for value in graph.inputs { tensorForm(value) }
        for (index, node) in graph.nodes.enumerated() where !isDone[index] {
            if node.outputs.allSatisfy({ table.known[$0] != nil }) { continue }
            if try !planned(index, node) { try reference(index, node) }
            isDone[index] = true
        }
        for (index, value) in graph.outputs.enumerated() { try output(index, value) }
        packArena(&buffers)
    }

    /// The algorithm of a dense convolution of blocked input.
    func algorithm(_ shape: ck_shape) -> ConvolutionAlgorithm {
        costs.algorithm(shape, wanted(shape), usual: usual[shape.key])
    }

    /// Operators whose further operands are data. Those of any other say what shape the result has, or how it
    /// is computed, and must be known: a planned step has no other look at them.
    private static let takersOfData: Set<String> = ["Conv", "Gemm", "MatMul", "Add", "Mul", "Concat"]

    /// Plans a node by fast kernels; false leaves it to its reference form.
    private mutating func planned(_ index: Int, _ node: PlanNode) throws(PlanRefusal) -> Bool {
        let areKnown = node.inputs.dropFirst().allSatisfy { $0.map { table.known[$0] != nil } ?? true }
        guard areKnown || Self.takersOfData.contains(node.op) else { return false }
        guard table.isFloat(node.inputs.first ?? nil), let output = node.outputs.first, table.isFloat(output)
        else {
            return false
        }
        switch node.op {
        case "Conv": return try convolution(index, node)
        case "Gemm", "MatMul": return try product(index, node)
        case "MaxPool", "AveragePool": return try pool(index, node)
        case "GlobalAveragePool": return try globalPool(node, CK_POOL_AVERAGE)
        case "GlobalMaxPool": return try globalPool(node, CK_POOL_MAX)
        case "ReduceMean": return try reduceMean(node)
        case "BatchNormalization": return try batchNormalization(index, node)
        case "Add": return try addition(index, node)
        case "Mul": return try multiplication(node)
        case "Concat": return try concatenation(node)
        case "Split": return try split(node)
        case "Flatten", "Reshape", "Squeeze", "Unsqueeze": return try reshape(node)
        case "Identity", "Dropout": return try reshape(node)
        case "Softmax": return try softmax(node)
        default: return try activation(index, node)
        }
    }

    /// A node by its reference form: operands as tensors, results as tensors.
    private mutating func reference(_ index: Int, _ node: PlanNode) throws(PlanRefusal) {
        var operands: [PlanOperand?] = []
        for input in node.inputs {
            guard let value = input else {
                operands.append(nil)
                continue
            }
            let view = table.known[value] == nil && table.isFloat(value) ? try planar(value) : nil
            operands.append(PlanOperand(value: value, view: view))
        }
        steps.append(PlanStep(name: title(node), work: .reference(node: index, operands: operands)))
        for case .some(let operand) in operands {
            if let view = operand.view { touch(view) }
        }
        for value in node.outputs { tensorForm(value) }
    }

    /// A value that is a tensor of its own in a run.
    private mutating func tensorForm(_ value: PlanValue) {
        guard let facts = table.facts[value] else { return }
        let count = Tensors.Shape(facts.dims).elementCount
        let image = facts.dims.isEmpty ? count : count / max(facts.dims[0], 1)
        forms[value].planar = PlanView(buffer: newBuffer(count, home: .tensor(value)), image: image)
    }

    /// Leaves graph output `index` in its tensor.
    private mutating func output(_ index: Int, _ value: PlanValue) throws(PlanRefusal) {
        guard table.known[value] == nil, table.isFloat(value) else { return }
        if let view = forms[value].planar {
            let home = buffers[view.buffer].home
            if home == .tensor(value) || home == .output(index) { return }
        }
        let dims = table.dims(value)
        let count = Tensors.Shape(dims).elementCount
        let view = PlanView(
            buffer: newBuffer(count, home: .output(index)), image: count / max(dims.first ?? 1, 1))
        if forms[value].planar == nil, let blocked = forms[value].blocked {
            append(
                PlanStep(name: "output", work: .unblock(extent(value)), input: blocked, output: view))
        } else {
            let planar = try planar(value)
            append(
                PlanStep(
                    name: "output", work: .copy(rows: dims.first ?? 1, columns: view.image), input: planar,
                    output: view))
        }
    }

    // MARK: Buffers and forms

    /// A buffer of `floats` floats.
    mutating func newBuffer(_ floats: Int, home: BufferHome = .arena) -> Int {
        buffers.append(PlanBuffer(home: home, floats: floats))
        return buffers.count - 1
    }

    /// The step just appended touches `view`.
    mutating func touch(_ view: PlanView) {
        buffers[view.buffer].firstStep = min(buffers[view.buffer].firstStep, steps.count - 1)
        buffers[view.buffer].lastStep = max(buffers[view.buffer].lastStep, steps.count - 1)
    }

    /// Appends a step that reads and writes its views.
    mutating func append(_ step: PlanStep) {
        var step = step
        if let images = step.work.imagesMoved { step.items = images }
        step.result = lastResult
        lastResult = nil
        steps.append(step)
        touch(step.input)
        touch(step.output)
        if let second = step.second { touch(second) }
    }

    /// Appends steps that make one value together; it is there after the last.
    mutating func append(_ parts: [PlanStep]) {
        let result = lastResult
        lastResult = nil
        for step in parts.dropLast() { append(step) }
        lastResult = result
        if let last = parts.last { append(last) }
    }

    /// Removes the last step, which made `value`, and the value's place: a step that does its work as well
    /// follows.
    mutating func takeBack(_ value: PlanValue) {
        guard let maker = steps.popLast() else { return }
        buffers[maker.output.buffer].firstStep = .max
        buffers[maker.output.buffer].lastStep = -1
        forms[value] = Forms()
    }

    /// Images, channels and pixels of a value of two or more axes.
    func extent(_ value: PlanValue) -> BlockedExtent {
        let dims = table.dims(value)
        return BlockedExtent(
            images: dims[0], channels: dims.count > 1 ? dims[1] : 1, pixels: dims.dropFirst(2).reduce(1, *))
    }

    /// Whether a value may be held blocked: floats of four axes, none empty.
    func isImage(_ value: PlanValue?) -> Bool {
        guard let value, table.isFloat(value) else { return false }
        let dims = table.dims(value)
        return dims.count == 4 && dims.allSatisfy { $0 > 0 }
    }

    /// A place for a blocked result: the concatenation's that wants it, or a buffer of its own.
    mutating func blockedResult(_ value: PlanValue) -> PlanView {
        let extent = extent(value)
        let view =
            destinations[value]
            ?? PlanView(buffer: newBuffer(extent.images * extent.image), image: extent.image)
        forms[value].blocked = view
        lastResult = value
        return view
    }

    /// A place for a planar result of `rows` rows of all their elements.
    mutating func planarResult(_ value: PlanValue) -> PlanView {
        let dims = table.dims(value)
        let count = Tensors.Shape(dims).elementCount
        let view: PlanView
        if let index = graph.outputs.firstIndex(of: value), uses[value] == 1 {
            view = PlanView(
                buffer: newBuffer(count, home: .output(index)), image: count / max(dims.first ?? 1, 1))
            forms[value].planar = view
            return view
        }
        view = PlanView(buffer: newBuffer(count), image: count / max(dims.first ?? 1, 1))
        forms[value].planar = view
        return view
    }

    /// A value as blocks, converted if it is not so yet.
    mutating func blocked(_ value: PlanValue) throws(PlanRefusal) -> PlanView {
        if let view = forms[value].blocked { return view }
        let source = try planar(value)
        let extent = extent(value)
        let view = PlanView(buffer: newBuffer(extent.images * extent.image), image: extent.image)
        append(PlanStep(name: "to blocks", work: .block(extent), input: source, output: view))
        forms[value].blocked = view
        return view
    }

    /// A value in the file's own order.
    mutating func planar(_ value: PlanValue) throws(PlanRefusal) -> PlanView {
        if let view = forms[value].planar { return view }
        if table.known[value] != nil {
            tensorForm(value)
            if let view = forms[value].planar { return view }
        }
        guard let source = forms[value].blocked else { throw .unplannable(node: "value \(value)") }
        let extent = extent(value)
        let image = extent.channels * extent.pixels
        if extent.pixels == 1, extent.channels % 16 == 0 {
            // One pixel of whole blocks lies the same way in both forms.
            forms[value].planar = source
            return source
        }
        let view = PlanView(buffer: newBuffer(extent.images * image), image: image)
        append(PlanStep(name: "from blocks", work: .unblock(extent), input: source, output: view))
        forms[value].planar = view
        return view
    }

    /// A node's name and operator for the plan's text.
    func title(_ node: PlanNode) -> String { node.name.isEmpty ? node.op : node.name }
}
