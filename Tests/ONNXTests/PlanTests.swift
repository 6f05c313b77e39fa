import CKernels
import Glibc
import Kernels
import Tensors
import Testing

@testable import ONNX

/// Builds small graphs with seeded weights.
struct GraphSketch {
    var graph = Graph()
    private var state: UInt64 = 42

    private mutating func noise() -> Float {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int32(truncatingIfNeeded: state >> 32)) * 0x1p-31
    }

    mutating func tensor(_ dims: [Int], scale: Float = 1) throws -> Tensor {
        try Tensor(shape: Shape(dims), floats: (0..<dims.reduce(1, *)).map { _ in noise() * scale })
    }

    mutating func input() -> ValueID {
        let value = graph.makeValue("x")
        graph.inputs.append(value)
        return value
    }

    mutating func constant(_ dims: [Int], scale: Float = 1) throws -> ValueID {
        let value = graph.makeValue()
        graph.constants[value] = try tensor(dims, scale: scale)
        return value
    }

    mutating func integers(_ values: [Int64]) throws -> ValueID {
        let value = graph.makeValue()
        graph.constants[value] = try Tensor(shape: [values.count], elements: values)
        return value
    }

    mutating func node(
        _ name: String, _ inputs: [ValueID], _ attributes: [String: AttributeValue] = [:], outputs: Int = 1
    ) -> [ValueID] {
        let results = (0..<outputs).map { _ in graph.makeValue() }
        graph.nodes.append(
            GraphNode(
                title: "\(graph.nodes.count) (\(name))", operatorName: name, domain: "", opset: 17,
                inputs: inputs,
                outputs: results, attributes: Attributes(attributes)))
        return results
    }

    mutating func one(
        _ name: String, _ inputs: [ValueID], _ attributes: [String: AttributeValue] = [:]
    ) -> ValueID { node(name, inputs, attributes)[0] }

    mutating func convolution(
        _ x: ValueID, _ inputs: Int, _ outputs: Int, kernel: Int = 3, stride: Int64 = 1, groups: Int = 1
    ) throws -> ValueID {
        let scale = 1 / Float(inputs / groups * kernel * kernel).squareRoot()
        let w = try constant([outputs, inputs / groups, kernel, kernel], scale: scale)
        let b = try constant([outputs])
        let pad = Int64(kernel / 2)
        return one(
            "Conv", [x, w, b],
            [
                "pads": .integers([pad, pad, pad, pad]), "strides": .integers([stride, stride]),
                "group": .integer(Int64(groups)),
            ])
    }
}

/// The networks: name, channels and size of the input, and the rest of the graph.
private let networks:
    [(name: String, dims: [Int], build: @Sendable (inout GraphSketch, ValueID) throws -> ValueID)] = [
        (
            "residual", [3, 17, 17],
            { sketch, x in
                let first = sketch.one("Relu", [try sketch.convolution(x, 3, 20)])
                let inner = sketch.one("Relu", [try sketch.convolution(first, 20, 20)])
                let sum = sketch.one("Add", [try sketch.convolution(inner, 20, 20), first])
                let wide = sketch.one("Relu", [sum])
                let left = try sketch.convolution(wide, 20, 40, stride: 2)
                let right = try sketch.convolution(wide, 20, 40, kernel: 1, stride: 2)
                return sketch.one("LeakyRelu", [sketch.one("Add", [left, right])])
            }
        ),
        (
            "dense, with concatenations in place and not", [4, 12, 12],
            { sketch, x in
                var features = [try sketch.convolution(x, 4, 16)]
                for channels in [16, 32, 64] {
                    let joined = sketch.one("Concat", features, ["axis": .integer(1)])
                    let next = try sketch.convolution(sketch.one("Relu", [joined]), channels, channels)
                    features = features.count == 1 ? [features[0], next] : features + [next]
                    if features.count == 3 { features = [features[0], features[1], features[2]] }
                    if channels == 32 { features = [joined, next] }
                }
                let odd = try sketch.convolution(features[0], 32, 7)
                return sketch.one("Concat", [odd, features[0], odd], ["axis": .integer(1)])
            }
        ),
        (
            "squeezed and excited, depthwise", [24, 10, 11],
            { sketch, x in
                let wide = sketch.one(
                    "HardSwish", [try sketch.convolution(x, 24, 24, kernel: 5, stride: 2, groups: 24)])
                let mean = sketch.one("GlobalAveragePool", [wide])
                let factor = sketch.one("Sigmoid", [try sketch.convolution(mean, 24, 24, kernel: 1)])
                let scaled = sketch.one("Mul", [wide, factor])
                return sketch.one(
                    "Add", [scaled, sketch.one("Mul", [scaled, try sketch.constant([24, 1, 1])])])
            }
        ),
        (
            "split, shuffled and pooled", [3, 20, 20],
            { sketch, x in
                let wide = try sketch.convolution(x, 3, 48)
                let halves = sketch.node(
                    "Split", [wide, try sketch.integers([16, 32])], ["axis": .integer(1)], outputs: 2)
                let left = try sketch.convolution(halves[0], 16, 16)
                let joined = sketch.one("Concat", [left, halves[1]], ["axis": .integer(1)])
                let cut = sketch.one("Reshape", [joined, try sketch.integers([0, 2, 24, 20, 20])])
                let turned = sketch.one("Transpose", [cut], ["perm": .integers([0, 2, 1, 3, 4])])
                let back = sketch.one("Reshape", [turned, try sketch.integers([0, 48, 20, 20])])
                let pooled = sketch.one(
                    "MaxPool", [try sketch.convolution(back, 48, 24)],
                    [
                        "kernel_shape": .integers([3, 3]), "strides": .integers([2, 2]),
                        "pads": .integers([1, 1, 1, 1]),
                    ])
                return sketch.one(
                    "AveragePool", [pooled],
                    ["kernel_shape": .integers([2, 2]), "strides": .integers([2, 2])])
            }
        ),
        (
            "groups that blocks do not divide, and groups of whole blocks", [3, 13, 12],
            { sketch, x in
                var y = sketch.one("Relu", [try sketch.convolution(x, 3, 24)])
                y = sketch.one("Relu", [try sketch.convolution(y, 24, 36, groups: 6)])
                y = sketch.one("Add", [try sketch.convolution(y, 36, 36, groups: 9), y])
                y = sketch.one("Relu", [try sketch.convolution(y, 36, 96, kernel: 1, groups: 3)])
                y = sketch.one("Relu", [try sketch.convolution(y, 96, 64, groups: 2)])
                return try sketch.convolution(y, 64, 128, stride: 2, groups: 64)
            }
        ),
        (
            "a classifier", [3, 8, 8],
            { sketch, x in
                let image = sketch.one("Gelu", [try sketch.convolution(x, 3, 18)])
                let pooled = sketch.one(
                    "MaxPool", [image], ["kernel_shape": .integers([2, 2]), "strides": .integers([2, 2])])
                let scales = try [1, 2, 3].map { _ in try sketch.constant([18]) }
                sketch.graph.constants[scales[2]] = try Tensor(
                    shape: [18], floats: [Float](repeating: 0.5, count: 18))
                let normal = sketch.one(
                    "BatchNormalization", [pooled, scales[0], scales[1], scales[1], scales[2]])
                let flat = sketch.one("Flatten", [sketch.one("Relu", [normal])])
                let hidden = sketch.one(
                    "Relu",
                    [
                        sketch.one(
                            "Gemm",
                            [flat, try sketch.constant([30, 288], scale: 0.1), try sketch.constant([30])],
                            ["transB": .integer(1)])
                    ])
                let logits = sketch.one(
                    "Add",
                    [
                        sketch.one("MatMul", [hidden, try sketch.constant([30, 10])]),
                        try sketch.constant([10]),
                    ])
                return sketch.one("Softmax", [logits], ["axis": .integer(1)])
            }
        ),
    ]

@Test(arguments: networks.indices, [1, 2, 5, 13])
func `A planned network gives the reference's outputs, and each plan the same bits on any threads`(
    index: Int, batch: Int
) throws {
    let network = networks[index]
    var sketch = GraphSketch()
    let x = sketch.input()
    sketch.graph.outputs = [try network.build(&sketch, x)]
    let input = try sketch.tensor([batch] + network.dims)
    let pool = TensorPool(bytesMax: 1 << 30)
    let workspace = Workspace(pool: pool, operationsMax: 1 << 40)
    let expected = try Executor(sketch.graph, limits: NetworkLimits()).run([.tensor(input)], workspace)[0]?
        .tensor
    let plans = try #require(
        FastPlans(sketch.graph, isBatchable: true, pool: pool, operationsMax: 1 << 40))
    for threads in [1, FastPlans.threadsMax] {
        let actual = try #require(try plans.run([input], lease: 0, by: threads))[0]
        #expect(actual.shape == expected?.shape)
        #expect(relativeError(actual.floats(), expected?.floats() ?? []) < 2e-5, "\(network.name)")
        let shared = try onCrew { lease in try plans.run([input], lease: lease, by: threads) }
        #expect(try #require(shared)[0].floats() == actual.floats())
    }
}

/// Runs `body` with the crew's threads, once no other test runs a network; without, where that takes seconds.
private func onCrew<Result>(_ body: (Int32) throws -> Result) rethrows -> Result {
    var lease = ck_crew_enter(.max)
    for _ in 0..<200 where lease == 0 && FastPlans.threadsMax > 1 {
        ck_crew_leave(lease)
        usleep(10_000)
        lease = ck_crew_enter(.max)
    }
    defer { ck_crew_leave(lease) }
    return try body(lease)
}

/// Images large enough that what passes to a depthwise convolution is worth keeping near.
@Test(arguments: [(3, 1), (5, 1), (3, 2), (5, 2)], [1, 3])
func `A convolution and the depthwise one behind it are done together, band by band`(
    window: (kernel: Int, stride: Int64), batch: Int
) throws {
    var sketch = GraphSketch()
    let x = sketch.input()
    func depthwise(_ x: ValueID, _ channels: Int) throws -> ValueID {
        try sketch.convolution(
            x, channels, channels, kernel: window.kernel, stride: window.stride, groups: channels)
    }
    // The first layer; and one of several input blocks, whose last group of outputs has one block and whose
    // depthwise convolution takes a residual.
    var y = sketch.one("Relu", [try sketch.convolution(x, 3, 20)])
    y = sketch.one("Relu", [try depthwise(y, 20)])
    let other = sketch.one("Relu", [try sketch.convolution(y, 20, 112, kernel: 1, stride: window.stride)])
    let wide = sketch.one("Sigmoid", [try sketch.convolution(y, 20, 112, kernel: 1)])
    sketch.graph.outputs = [sketch.one("Relu", [sketch.one("Add", [try depthwise(wide, 112), other])])]
    let input = try sketch.tensor([batch, 3, 91, 83])
    let pool = TensorPool(bytesMax: 1 << 30)
    let workspace = Workspace(pool: pool, operationsMax: 1 << 40)
    let expected = try Executor(sketch.graph, limits: NetworkLimits()).run([.tensor(input)], workspace)[0]?
        .tensor
    let plans = try #require(FastPlans(sketch.graph, isBatchable: false, pool: pool, operationsMax: 1 << 40))
    let threads = FastPlans.threadsMax
    let actual = try #require(try plans.run([input], lease: 0, by: threads))[0]
    let plan = try #require(plans.plan([input], threads: threads))
    let pairs = plan.steps.filter { step in
        guard case .pair = step.work else { return false }
        return true
    }
    #expect(pairs.count == 2)
    #expect(pairs.allSatisfy { $0.items >= 4 })
    #expect(relativeError(actual.floats(), expected?.floats() ?? []) < 2e-5)
    let shared = try onCrew { lease in try plans.run([input], lease: lease, by: threads) }
    #expect(try #require(shared)[0].floats() == actual.floats())
}

@Test(arguments: [ConvolutionForm.winograd2, .winograd42, .winograd4, .direct])
func `Winograd's steps do the pooling that halves their result, and the activation behind it`(
    form: ConvolutionForm
) throws {
    var sketch = GraphSketch()
    let x = sketch.input()
    func halved(_ x: ValueID) -> ValueID {
        sketch.one("MaxPool", [x], ["kernel_shape": .integers([2, 2]), "strides": .integers([2, 2])])
    }
    var y = sketch.one("Relu", [try sketch.convolution(x, 3, 24)])
    y = sketch.one("Gelu", [halved(try sketch.convolution(y, 24, 40))])
    // An activation that may fall is not done behind the pooling.
    y = halved(sketch.one("Gelu", [try sketch.convolution(y, 40, 40)]))
    // Nor is the pooling of what another step reads as well.
    let shared = try sketch.convolution(y, 40, 48)
    let small = sketch.one("Relu", [halved(shared)])
    y = halved(sketch.one("Relu", [try sketch.convolution(shared, 48, 48)]))
    sketch.graph.outputs = [sketch.one("Add", [y, small])]
    let input = try sketch.tensor([3, 3, 43, 37])
    let pool = TensorPool(bytesMax: 1 << 30)
    let workspace = Workspace(pool: pool, operationsMax: 1 << 40)
    let expected = try Executor(sketch.graph, limits: NetworkLimits()).run([.tensor(input)], workspace)[0]?
        .tensor
    let plans = try #require(
        FastPlans(
            sketch.graph, isBatchable: false, pool: pool, operationsMax: 1 << 40,
            forms: MeasuredForms(always: form)))
    let actual = try #require(try plans.run([input]))[0]
    #expect(relativeError(actual.floats(), expected?.floats() ?? []) < 2e-5)
    let steps = try #require(plans.plan([input], threads: 1)).steps
    let others = steps.filter { step in
        guard case .convolution(_, let algorithm, _, _) = step.work else { return false }
        return algorithm == .direct
    }
    let pooled = steps.filter(\.isPooled).count
    #expect(others.isEmpty ? pooled == 2 : pooled <= 2)
    #expect(form != .winograd4 || others.isEmpty)
}

@Test(arguments: [(4, 128, 32), (8, 64, 8), (5, 15, 3), (1, 35, 35), (48, 144, 3), (80, 240, 3)])
func `Groups are put together until every part begins with a block`(each: Int, channels: Int, groups: Int) {
    var shape = ck_shape()
    (shape.in_channels, shape.out_channels, shape.groups) = (
        Int32(channels), Int32(2 * channels), Int32(groups)
    )
    let parts = ConvolutionPart.parts(of: shape)
    #expect(parts.map(\.groups).reduce(0, +) == groups)
    var (input, output) = (0, 0)
    for part in parts {
        #expect(part.firstInput == input && part.firstOutput == output)
        #expect(input % 16 == 0 && output % 16 == 0 && part.shape.groups == 1 && part.groups <= 16)
        #expect(Int(part.shape.in_channels) == part.groups * each)
        input += Int(part.shape.in_channels)
        output += Int(part.shape.out_channels)
    }
    #expect(input == channels && output == 2 * channels)
}

@Test func `Batches cut into parts give the answers of whole batches`() throws {
    var sketch = GraphSketch()
    let x = sketch.input()
    sketch.graph.outputs = [try networks[0].build(&sketch, x)]
    let input = try sketch.tensor([9, 3, 17, 17])
    let pool = TensorPool(bytesMax: 1 << 30)
    var answers: [[Float]] = []
    for isBatchable in [true, false] {
        let plans = try #require(
            FastPlans(sketch.graph, isBatchable: isBatchable, pool: pool, operationsMax: 1 << 40))
        for threads in [1, 2] {
            #expect((plans.split([input], threads: threads) != nil) == isBatchable)
            answers.append(try #require(try plans.run([input], lease: 0, by: threads))[0].floats())
        }
    }
    for answer in answers.dropFirst() { #expect(relativeError(answer, answers[0]) < 2e-5) }
}

@Test func `Shapes that depend on data are left to the reference`() throws {
    var sketch = GraphSketch()
    let x = sketch.input()
    let image = try sketch.convolution(x, 3, 4)
    sketch.graph.outputs = [sketch.one("NonZero", [sketch.one("Relu", [image])])]
    let pool = TensorPool(bytesMax: 1 << 30)
    let plans = try #require(FastPlans(sketch.graph, isBatchable: false, pool: pool, operationsMax: 1 << 40))
    #expect(try plans.run([try sketch.tensor([1, 3, 6, 6])]) == nil)
}

/// ||actual - expected|| / ||expected||; infinite for other counts.
func relativeError(_ actual: [Float], _ expected: [Float]) -> Double {
    guard actual.count == expected.count else { return .infinity }
    let pairs = zip(actual, expected).map { (Double($0), Double($1)) }
    let difference = pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return (difference / pairs.reduce(1e-30) { $0 + $1.1 * $1.1 }).squareRoot()
}
