import CKernels
import Tensors

/// The time that trials may take, pauses not counted.
private struct TrialTime {
    /// When it is over, by the clock `now`.
    var end: Double
    let now: () -> Double
    let isWanted: () -> Bool
    /// Whether weights were packed for any.
    private(set) var hasBegun = false

    init(end: Double, now: @escaping () -> Double, isWanted: @escaping () -> Bool) {
        (self.end, self.now, self.isWanted) = (end, now, isWanted)
    }

    var isOver: Bool { now() >= end || !isWanted() }

    mutating func pause(_ body: () -> Void) {
        let start = now()
        body()
        end += now() - start
        hasBegun = true
    }
}

extension FastPlans {
    /// Chooses the form of each convolution by measurement, for the shapes of the plans made so far, which
    /// are made anew by what was found.
    ///
    /// Each form is tried in a run of the whole network, so that weights come from the cache that they come
    /// from in earnest: a layer timed by itself has them at hand and favours the form with most of them. What
    /// counts is this thread's processor time, so that a busy machine does not.
    /// - Parameters:
    ///   - seconds: no run of a trial begins after this much time, the packing of its weights not counted. A
    ///     shape whose forms were not all tried by then is left to the estimate.
    ///   - isWanted: asked before each run; false ends the measuring.
    ///   - now: seconds of a clock.
    /// - Returns: whether anything was found.
    @discardableResult
    func measure(
        seconds: Double, while isWanted: @escaping () -> Bool = { true },
        now: @escaping () -> Double = { ONNX.seconds(ofThread: false) }
    ) -> Bool {
        forms.keep(only: plannedSizes)
        let known = forms.count
        guard graph.weightBytes <= Self.weightBytesMax else { return false }
        var time = TrialTime(end: now() + seconds, now: now, isWanted: isWanted)
        var tried: [(part: FastPlans, key: PlanKey, open: [OpenShape])] = []
        for part in [self] + parts {
            for key in part.planned where !time.isOver {
                tried.append((part, key, part.measure(key, within: &time)))
            }
        }
        for (part, key, open) in tried where turns.runs > 1 && !time.isOver {
            part.refine(open, key, within: &time)
        }
        guard time.hasBegun else { return false }
        let isNew = forms.count > known
        if isNew {
            for part in [self] + parts { part.renewPlans() }
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

    /// Rounds of the trials, how many must be made, and runs of a trial in each; the least time of all
    /// counts.
    ///
    /// Weights that stay in the third-level cache from run to run are there only after a few runs, the other
    /// trials' having pushed them out.
    private var turns: (rounds: Int, least: Int, runs: Int) {
        graph.weightBytes < MemoryRates.measured.residentBytes ? (rounds: 2, least: 1, runs: 4) : (4, 2, 1)
    }
    /// What a form must gain on one of fewer weights.
    private static var gainLeast: Double { 0.97 }
    /// What it must gain on a whole run in the second trials.
    private static var gainOfAllLeast: Double { 0.985 }
    /// Weights past this many bytes are not packed several ways to try them.
    private static var weightBytesMax: Int { 256 << 20 }

    /// One way to run the network: convolutions take `form` where they can.
    private struct Trial {
        let form: ConvolutionForm
        let plan: CompiledPlan
        /// Least seconds of each step.
        var least: [Double]

        init(_ form: ConvolutionForm, _ plan: CompiledPlan) {
            (self.form, self.plan) = (form, plan)
            least = Array(repeating: .infinity, count: plan.steps.count)
        }

        var seconds: Double { least.reduce(0, +) }
    }

    /// Half-grey inputs; nil when they are not all floats.
    private func inputs(_ shapes: [PlanShape]) -> [Tensor]? {
        let inputs = shapes.compactMap { shape in
            try? Tensor(
                shape: Shape(shape.dims),
                floats: [Float](repeating: 0.5, count: Shape(shape.dims).elementCount))
        }
        let areFloats = shapes.allSatisfy { $0.elementType == .float32 }
        return areFloats && inputs.count == shapes.count ? inputs : nil
    }

    /// Tries each form for all convolutions together, and takes the fastest for each shape.
    /// - Returns: the shapes of which there was something to choose.
    private func measure(_ key: PlanKey, within time: inout TrialTime) -> [OpenShape] {
        guard let inputs = inputs(key.shapes), let plan = plan(inputs, threads: key.threads) else {
            return []
        }
        let open = openShapes(of: plan)
        var trials: [Trial] = []
        for form in ConvolutionForm.allCases where open.contains(where: { $0.forms.contains(form) }) {
            guard let plan = compile(key, trial: { _ in form }) else { return [] }
            trials.append(Trial(form, plan))
        }
        for trial in trials { time.pause { trial.plan.packWeights(lease: 0) } }
        guard !open.isEmpty, run(&trials, inputs, within: time) else { return [] }
        let decisions = decisions(plan, trials)
        for decision in decisions { forms.set(decision.shape, decision.near) }
        if decisions.contains(where: { $0.near != $0.far }), let near = compile(key),
            let far = compile(key, trial: { shape in decisions.first { $0.shape.isLike(shape) }?.far }),
            isFaster(far, than: near, inputs, within: &time)
        {
            for decision in decisions { forms.set(decision.shape, decision.far) }
        }
        return open
    }

    /// Whether a plan runs faster than another; false also when there is no time to find out.
    private func isFaster(
        _ trial: CompiledPlan, than best: CompiledPlan, _ inputs: [Tensor], within time: inout TrialTime
    ) -> Bool {
        var pair = [best, trial].map { Trial(.direct, $0) }
        time.pause { for trial in pair { trial.plan.packWeights(lease: 0) } }
        return run(&pair, inputs, within: time) && pair[1].seconds < pair[0].seconds * Self.gainOfAllLeast
    }

    /// Tries the other forms of each shape once more, beside the best plan so far: for networks whose weights
    /// can stay in the third-level cache.
    ///
    /// In the first trials all convolutions take a form together, and where it has many weights they push one
    /// another out of the cache: airbench's 256 -> 256 on 7 x 7 took 0.15 ms by F(4x2) when all did, and
    /// takes 0.12 by it, 0.145 by F(2x2), when the others have fewer.
    private func refine(
        _ open: [OpenShape], _ key: PlanKey, within time: inout TrialTime
    ) {
        guard let inputs = inputs(key.shapes), var best = compile(key) else { return }
        for choice in open.sorted(by: { $0.multiplyAdds > $1.multiplyAdds }) {
            for form in choice.forms where form != forms[choice.shape] {
                let trial = compile(key) { $0.isLike(choice.shape) ? form : nil }
                guard let trial, !time.isOver else { return }
                guard isFaster(trial, than: best, inputs, within: &time) else { continue }
                forms.set(choice.shape, form)
                best = trial
            }
        }
    }

    /// Runs all trials in turn, for some rounds; false when there was no time for as many as say something,
    /// or one does not run.
    private func run(_ trials: inout [Trial], _ inputs: [Tensor], within time: TrialTime) -> Bool {
        let turns = turns
        for round in 0..<turns.rounds {
            for index in trials.indices {
                for _ in 0..<turns.runs {
                    if time.isOver { return round >= turns.least }
                    guard self.time(&trials[index], inputs) else { return false }
                }
            }
        }
        return true
    }

    /// A shape that was not measured yet, and the forms between which the estimates leave a choice.
    private struct OpenShape {
        let shape: ck_shape
        let forms: [ConvolutionForm]
        /// Of all its convolutions.
        var multiplyAdds: Int
    }

    private func openShapes(of plan: CompiledPlan) -> [OpenShape] {
        var open: [OpenShape] = []
        for step in plan.steps {
            guard case .convolution(let shape, let algorithm, _, _) = step.work, algorithm.form != nil,
                !forms.isKnown(shape)
            else { continue }
            if let index = open.firstIndex(where: { $0.shape.isLike(shape) }) {
                open[index].multiplyAdds += step.multiplyAdds
                continue
            }
            let hopeful = plan.costs.hopeful(shape).compactMap(\.form)
            guard hopeful.count > 1 else { continue }
            open.append(OpenShape(shape: shape, forms: hopeful, multiplyAdds: step.multiplyAdds))
        }
        return open
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

    /// The form of a shape when packed weights must find room in the third-level cache, and when they need
    /// not.
    private struct Decision {
        let shape: ck_shape
        let near: ConvolutionForm
        let far: ConvolutionForm
    }

    /// The fastest forms of each shape, over all steps that have it.
    private func decisions(_ plan: CompiledPlan, _ trials: [Trial]) -> [Decision] {
        var open: [ck_shape] = []
        for case .convolution(let shape, let algorithm, _, _) in plan.steps.map(\.work)
        where algorithm.form != nil && !forms.isKnown(shape) && !open.contains(where: shape.isLike) {
            open.append(shape)
        }
        let options = open.map { shape in
            trials.compactMap { trial -> FormOption? in
                var option = FormOption(form: trial.form, cost: 0, bytes: 0)
                for (step, seconds) in zip(trial.plan.steps, trial.least) {
                    guard case .convolution(let other, let algorithm, _, _) = step.work,
                        algorithm.form == trial.form, other.isLike(shape)
                    else { continue }
                    option.cost += seconds
                    option.bytes += trial.form.weightBytes(shape)
                }
                return option.bytes > 0 ? option : nil
            }
        }
        let budget = WeightBudget(room: plan.costs.weightRoom, gainLeast: Self.gainLeast)
        let any = WeightBudget(room: nil, gainLeast: Self.gainLeast)
        return zip(open, zip(budget.choose(options), any.choose(options))).compactMap { shape, choices in
            guard let near = choices.0, let far = choices.1 else { return nil }
            return Decision(shape: shape, near: near.form, far: far.form)
        }
    }
}
