import CKernels
import Tensors

/// The time that trials may take, pauses not counted.
private struct TrialTime {
    /// When it is over, by the clock `now`.
    var end: Double
    let now: () -> Double

    var isOver: Bool { now() >= end }

    mutating func pause(_ body: () -> Void) {
        let start = now()
        body()
        end += now() - start
    }
}

extension FastPlans {
    /// Chooses the form of each convolution by measurement, for the shapes of the plans made so far; plans
    /// are made anew by what was found.
    ///
    /// Each form is tried in a run of the whole network, so that weights come from the cache that they come
    /// from in earnest: a layer timed by itself has them at hand and favours the form with most of them. What
    /// counts is this thread's processor time, so that a busy machine does not.
    /// - Parameters:
    ///   - seconds: no run of a trial begins after this much time, the packing of its weights not counted. A
    ///     shape whose forms were not all tried twice by then is left to the estimate.
    ///   - now: seconds of a clock.
    /// - Returns: whether anything was found.
    @discardableResult
    func measure(
        seconds: Double, now: @escaping () -> Double = { ONNX.seconds(ofThread: false) }
    ) -> Bool {
        forms.keep(only: plannedSizes)
        let known = forms.count
        guard graph.weightBytes <= Self.weightBytesMax else { return false }
        var time = TrialTime(end: now() + seconds, now: now)
        for part in [self] + parts {
            for shapes in part.plannedShapes where !time.isOver { part.measure(shapes, within: &time) }
        }
        let isNew = forms.count > known
        if isNew {
            for part in [self] + parts { part.forgetPlans() }
        }
        weights.releaseUnused()
        releaseIdleMemory()
        return isNew
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

    /// Runs of each trial, and how many must be made: the least time counts, and the first is mostly the cold
    /// one.
    private static var roundCount: Int { 4 }
    private static var roundsLeast: Int { 2 }
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

    private func measure(_ shapes: [PlanShape], within time: inout TrialTime) {
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
        for trial in trials { time.pause { trial.plan.packWeights(lease: 0) } }
        guard run(&trials, inputs, within: time) else { return }
        decide(plan, trials)
    }

    /// Runs all trials in turn, for some rounds; false when there was no time for as many as say something,
    /// or one does not run.
    private func run(_ trials: inout [Trial], _ inputs: [Tensor], within time: TrialTime) -> Bool {
        for round in 0..<Self.roundCount {
            for index in trials.indices {
                if time.isOver { return round >= Self.roundsLeast }
                guard self.time(&trials[index], inputs) else { return false }
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
