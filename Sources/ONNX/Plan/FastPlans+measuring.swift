import CKernels
import Tensors

extension FastPlans {
    /// Chooses the form of each convolution by measurement, for the shapes of the plans made so far; plans
    /// are made anew by what was found.
    ///
    /// Each form is tried in a run of the whole network, so that weights come from the cache that they come
    /// from in earnest: a layer timed by itself has them at hand and favours the form with most of them. What
    /// counts is this thread's processor time, so that a busy machine does not.
    /// - Parameter seconds: begins no trial after this much time, but that each form is tried twice where one
    ///   run takes less: in all at most some seven times as long.
    /// - Returns: whether anything was found.
    @discardableResult
    func measure(seconds budget: Double) -> Bool {
        forms.keep(only: plannedSizes)
        let known = forms.count
        guard graph.weightBytes <= Self.weightBytesMax else { return false }
        let end = seconds(ofThread: false) + budget
        for part in [self] + parts {
            for shapes in part.plannedShapes where seconds(ofThread: false) < end {
                part.measure(shapes, until: end, budget: budget)
            }
        }
        guard forms.count > known else { return false }
        for part in [self] + parts { part.forgetPlans() }
        weights.releaseUnused()
        releaseIdleMemory()
        return true
    }

    /// The sizes of all convolutions planned so far.
    private var plannedSizes: Set<[Int32]> {
        let steps = ([self] + parts).flatMap(\.plans).flatMap(\.steps)
        return Set(
            steps.compactMap { step in
                guard case .convolution(let shape, _, _, _) = step.work else { return nil }
                return shape.sizes
            })
    }

    /// Runs of each trial; the least time counts, and the first is mostly the cold one.
    private static var roundCount: Int { 4 }
    /// What a form must gain on the estimate's choice, which has fewer weights or the smaller error.
    private static var gainLeast: Double { 0.97 }
    /// Weights past this many bytes are not packed several ways to try them.
    private static var weightBytesMax: Int { 256 << 20 }

    /// One way to run the network: the convolutions take `form` where they can.
    private struct Trial {
        let form: ConvolutionForm
        let plan: CompiledPlan
        /// Least seconds of each step.
        var least: [Double]
    }

    private func measure(_ shapes: [PlanShape], until end: Double, budget: Double) {
        let inputs = shapes.compactMap { shape in
            try? Tensor(
                shape: Shape(shape.dims),
                floats: [Float](repeating: 0.5, count: Shape(shape.dims).elementCount))
        }
        guard shapes.allSatisfy({ $0.elementType == .float32 }), inputs.count == shapes.count,
            let plan = plan(inputs)
        else { return }
        let open = openForms(of: plan)
        guard !open.isEmpty else { return }
        var trials: [Trial] = []
        for form in ConvolutionForm.allCases where open.contains(where: { $0.contains(form) }) {
            guard let plan = compile(shapes, trial: form) else { return }
            trials.append(
                Trial(form: form, plan: plan, least: Array(repeating: .infinity, count: plan.steps.count)))
        }
        guard run(&trials, inputs, until: end, longest: budget) else { return }
        decide(plan, trials)
    }

    /// Runs all trials in turn, for some rounds; false when that says nothing. The first round is mostly the
    /// cold one, and two are the least; a network of which one run takes longer than `longest` is left alone.
    private func run(
        _ trials: inout [Trial], _ inputs: [Tensor], until end: Double, longest: Double
    ) -> Bool {
        for round in 0..<Self.roundCount {
            for index in trials.indices {
                if round > 1, seconds(ofThread: false) > end { return true }
                guard time(&trials[index], inputs), trials[index].least.reduce(0, +) <= longest else {
                    return false
                }
            }
        }
        return true
    }

    /// The forms between which the estimates leave a choice, for each shape that was not measured yet.
    private func openForms(of plan: CompiledPlan) -> [Set<ConvolutionForm>] {
        plan.steps.compactMap { step in
            guard case .convolution(let shape, let algorithm, _, _) = step.work, algorithm.form != nil,
                !forms.isKnown(shape)
            else { return nil }
            let hopeful = plan.costs.hopeful(shape).compactMap(\.form)
            return hopeful.count > 1 ? Set(hopeful) : nil
        }
    }

    /// One run of a trial; false when it does not run.
    private func time(_ trial: inout Trial, _ inputs: [Tensor]) -> Bool {
        var least = trial.least
        let results = try? run(trial.plan, inputs, lease: 0) { step, seconds in
            least[step] = min(least[step], seconds)
        }
        trial.least = least
        return results != nil
    }

    /// Takes the fastest form of each shape, over all steps that have it.
    private func decide(_ plan: CompiledPlan, _ trials: [Trial]) {
        for step in plan.steps {
            guard case .convolution(let shape, let algorithm, _, _) = step.work, let usual = algorithm.form,
                !forms.isKnown(shape)
            else { continue }
            var seconds: [ConvolutionForm: Double] = [:]
            for trial in trials {
                for (index, tried) in trial.plan.steps.enumerated() {
                    guard case .convolution(let other, let algorithm, _, _) = tried.work,
                        algorithm.form == trial.form, other.batch == shape.batch, other.sizes == shape.sizes
                    else { continue }
                    seconds[trial.form, default: 0] += trial.least[index]
                }
            }
            let bound = (seconds[usual] ?? .infinity) * Self.gainLeast
            let faster = seconds.filter { $0.value < bound }.min { $0.value < $1.value }
            forms.set(shape, faster?.key ?? usual)
        }
    }
}
