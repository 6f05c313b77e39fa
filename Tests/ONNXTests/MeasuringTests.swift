import CKernels
import Kernels
import Synchronization
import Tensors
import Testing

@testable import ONNX

/// Three convolutions of the size at which the estimates of their forms are close.
private func closeCall() throws -> (graph: Graph, input: Tensor) {
    var sketch = GraphSketch()
    let x = sketch.input()
    var y = try sketch.convolution(x, 3, 64)
    for _ in 0..<2 { y = sketch.one("Relu", [try sketch.convolution(y, 64, 64)]) }
    sketch.graph.outputs = [y]
    return (sketch.graph, try sketch.tensor([1, 3, 4, 4]))
}

private let pool = TensorPool(bytesMax: 1 << 30)

private func plans(_ graph: Graph, _ forms: MeasuredForms = MeasuredForms()) throws -> FastPlans {
    try #require(FastPlans(graph, isBatchable: true, pool: pool, operationsMax: 1 << 40, forms: forms))
}

/// The form of each dense convolution in the plan for `input`.
private func forms(_ plans: FastPlans, _ input: Tensor) throws -> [ConvolutionForm] {
    try #require(plans.plan([input], threads: 1)).steps.compactMap { step in
        guard case .convolution(_, let algorithm, _, _) = step.work else { return nil }
        return algorithm.form
    }
}

private func shapes(_ plan: CompiledPlan) -> [ck_shape] {
    plan.steps.compactMap { step in
        guard case .convolution(let shape, let algorithm, _, _) = step.work, algorithm.form != nil else {
            return nil
        }
        return shape
    }
}

@Test func `Measuring leaves a form for every convolution with a choice, and the same answer`() throws {
    let (graph, input) = try closeCall()
    let plans = try plans(graph)
    let before = try #require(try plans.run([input], threads: 1))[0].floats()
    #expect(plans.forms.isEmpty)
    plans.measure(seconds: 10)
    let plan = try #require(plans.plan([input], threads: 1))
    for shape in shapes(plan) { #expect(plans.forms.isKnown(shape)) }
    let after = try #require(try plans.run([input], threads: 1))[0].floats()
    #expect(zip(before, after).allSatisfy { abs($0 - $1) < 1e-4 })
}

@Test(arguments: ConvolutionForm.allCases)
func `A form that was measured is planned where it is hopeful, also after its text was read`(
    form: ConvolutionForm
) throws {
    let (graph, input) = try closeCall()
    let plan = try #require(try plans(graph).plan([input], threads: 1))
    let measured = MeasuredForms()
    for shape in shapes(plan) { measured.set(shape, form) }
    let hopeful = plan.costs.hopeful(shapes(plan)[0]).compactMap(\.form)
    #expect(hopeful.count > 1)
    let usual = try forms(try plans(graph), input)[0]
    let expected = hopeful.contains(form) ? form : usual
    #expect(try forms(try plans(graph, measured), input) == [expected, expected])
    let read = try #require(MeasuredForms(text: measured.text))
    #expect(try forms(try plans(graph, read), input) == [expected, expected])
    #expect(read.text == measured.text)
}

@Test(arguments: [
    (Int32(1), ConvolutionForm?.some(.direct)), (2, .direct), (3, .direct), (4, .direct), (5, nil), (31, nil),
    (32, .winograd4), (65, .winograd4), (128, .winograd4), (129, nil), (.max, nil),
])
func
    `A batch size that was not measured goes by the nearest one, up to twice or half`(
        batch: Int32, form: ConvolutionForm?
    ) throws
{
    var shape = shapes(try #require(try plans(closeCall().graph).plan([closeCall().input], threads: 1)))[0]
    let measured = MeasuredForms()
    for (batch, form) in [(Int32(2), ConvolutionForm.direct), (64, .winograd4)] {
        shape.batch = batch
        measured.set(shape, form)
    }
    shape.batch = batch
    #expect(measured[shape] == form)
    shape.in_height += 1
    #expect(measured[shape] == nil)
}

@Test func `Measuring begins no run after its time, and leaves what was not tried to the estimate`()
    throws
{
    let (graph, input) = try closeCall()
    let untouched = try plans(graph)
    _ = try untouched.run([input], threads: 1)
    let estimated = try #require(untouched.plan([input], threads: 1))
    let trials = estimated.costs.hopeful(shapes(estimated)[0]).count
    var least = 0
    for allowed in 0..<100 {
        let plans = try plans(graph)
        _ = try plans.run([input], threads: 1)
        var count = 0
        // A clock of which every look takes a second.
        plans.measure(
            seconds: Double(allowed),
            now: {
                count += 1
                return Double(count)
            })
        if !plans.forms.isEmpty {
            least = allowed
            break
        }
        // Two looks at the packing of each form, which is no run.
        #expect(count <= allowed + 2 * trials + 4)
        #expect(plans.weights.byteCount == untouched.weights.byteCount)
    }
    #expect(least > 4 * trials)
}

@Test func `Packings that lost are freed`() throws {
    let (graph, input) = try closeCall()
    let measured = try plans(graph)
    _ = try measured.run([input], threads: 1)
    measured.measure(seconds: 10)
    _ = try measured.run([input], threads: 1)
    let fresh = try plans(graph, measured.forms)
    _ = try fresh.run([input], threads: 1)
    #expect(measured.weights.byteCount == fresh.weights.byteCount)
}

@Test func `What was measured on an earlier network holds, its other sizes are forgotten`() throws {
    let (graph, input) = try closeCall()
    let earlier = MeasuredForms()
    let plan = try #require(try plans(graph).plan([input], threads: 1))
    var shape = shapes(plan)[0]
    earlier.set(shape, .direct)
    let own = earlier.text
    shape.in_height += 1
    earlier.set(shape, .direct)
    let known = try #require(MeasuredForms(text: earlier.text, isInherited: true))
    let plans = try plans(graph, known)
    _ = try plans.run([input], threads: 1)
    _ = try plans.run([Tensor(shape: Shape([2, 3, 4, 4]), floats: input.floats() + input.floats())])
    #expect(!plans.measure(seconds: 10))
    #expect(try forms(plans, input) == [.direct, .direct])
    #expect(plans.forms.text == own)
}

@Test func `Shapes that are tried beside each other's choices have a form, and the same answer`() throws {
    var sketch = GraphSketch()
    var y = try sketch.convolution(sketch.input(), 3, 32)
    for (inputs, outputs) in [(32, 48), (48, 64), (64, 32)] {
        y = sketch.one("Relu", [try sketch.convolution(y, inputs, outputs)])
    }
    sketch.graph.outputs = [y]
    let input = try sketch.tensor([1, 3, 7, 7])
    let plans = try plans(sketch.graph)
    let before = try #require(try plans.run([input], threads: 1))[0].floats()
    #expect(plans.measure(seconds: 10))
    let plan = try #require(plans.plan([input], threads: 1))
    for shape in shapes(plan) { #expect(plans.forms.isKnown(shape)) }
    let after = try #require(try plans.run([input], threads: 1))[0].floats()
    #expect(zip(before, after).allSatisfy { abs($0 - $1) < 1e-4 })
}

@Test func `Other batches of the same network are measured when they come`() throws {
    let (graph, input) = try closeCall()
    let known = MeasuredForms()
    let plan = try #require(try plans(graph).plan([input], threads: 1))
    for shape in shapes(plan) { known.set(shape, .direct) }
    let read = try #require(MeasuredForms(text: known.text))
    let plans = try plans(graph, read)
    _ = try plans.run([input], threads: 1)
    #expect(!plans.measure(seconds: 10))
    let two = try Tensor(shape: Shape([2, 3, 4, 4]), floats: input.floats() + input.floats())
    _ = try plans.run([two], threads: 1)
    #expect(plans.measure(seconds: 10))
    let batch = try #require(plans.plan([two], threads: 1))
    for shape in shapes(batch) { #expect(plans.forms.isKnown(shape)) }
    #expect(try forms(plans, input) == [.direct, .direct])
}

@Test func `Plans are exchanged while runs go on, and what they held is freed`() async throws {
    let (graph, input) = try closeCall()
    let plans = try plans(graph)
    let before = try #require(try plans.run([input], threads: 1))[0].floats()
    let shapes = shapes(try #require(plans.plan([input], threads: 1)))
    let isOver = Atomic(false)
    let runs = Task.detached {
        var (right, wrong) = (0, 0)
        while !isOver.load(ordering: .relaxed) {
            let now = try plans.run([input], threads: 1)?[0].floats() ?? []
            let isRight = now.count == before.count && zip(now, before).allSatisfy { abs($0 - $1) < 1e-4 }
            if isRight { right += 1 } else { wrong += 1 }
        }
        return (right: right, wrong: wrong)
    }
    for form in ConvolutionForm.allCases + [.direct] {
        weak let old = plans.plan([input], threads: 1)
        for shape in shapes { plans.forms.set(shape, form) }
        plans.renewPlans()
        #expect(old == nil)
    }
    isOver.store(true, ordering: .relaxed)
    #expect(try await runs.value.wrong == 0)
    plans.weights.releaseUnused()
    let only = try #require(
        FastPlans(graph, isBatchable: true, pool: pool, operationsMax: 1 << 40, forms: plans.forms))
    _ = try only.run([input], threads: 1)
    #expect(plans.weights.byteCount == only.weights.byteCount)
}

@Test func `Sizes that the earlier network did not have are measured`() throws {
    let (graph, input) = try closeCall()
    let earlier = MeasuredForms()
    let plan = try #require(try plans(graph).plan([input], threads: 1))
    var shape = shapes(plan)[0]
    shape.in_height += 1
    earlier.set(shape, .direct)
    let known = try #require(MeasuredForms(text: earlier.text, isInherited: true))
    let plans = try plans(graph, known)
    _ = try plans.run([input], threads: 1)
    #expect(plans.measure(seconds: 10))
    for shape in shapes(plan) { #expect(plans.forms.isKnown(shape)) }
    #expect(plans.forms.count == 1)
}

@Test func `A text of another processor, of other kernels, cut short or wrong is not taken`() throws {
    let measured = MeasuredForms()
    for shape in shapes(try #require(try plans(closeCall().graph).plan([closeCall().input], threads: 1))) {
        measured.set(shape, .direct)
    }
    let text = measured.text
    let heading = text.prefix { $0 != "\n" }
    for wrong in [
        "", "\n", String(text.dropLast()), String(text.dropLast(5)) + "\n", "x" + text, heading + "x\n",
        heading + "\n7 1 2 3\n", text + "9 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n", text + "\n",
    ] {
        #expect(MeasuredForms(text: wrong) == nil, "\(wrong)")
    }
}

@Test func `A form that a convolution cannot take is not planned`() throws {
    var sketch = GraphSketch()
    let x = sketch.input()
    sketch.graph.outputs = [
        try sketch.convolution(try sketch.convolution(x, 3, 32), 32, 32, kernel: 5, stride: 2)
    ]
    let input = try sketch.tensor([1, 3, 12, 12])
    let measured = MeasuredForms()
    for shape in shapes(try #require(try plans(sketch.graph).plan([input], threads: 1))) {
        measured.set(shape, .winograd4)
    }
    #expect(try forms(try plans(sketch.graph, measured), input) == [.direct])
}
