import CScoring

/// Finds the fast form of a whole document.
struct FastPlanner {
    let program: Program
    let inputs: [Evaluator.Input]
    private var types: SlotTypes
    private var layout = PlaneLayout()
    private var size = PlaneSize()
    /// What becomes a stage when the whole layout is known.
    private var stages: [(form: EnsembleForm, outputs: [Output])] = []

    init(program: Program, inputs: [Evaluator.Input]) {
        self.program = program
        self.inputs = inputs
        types = SlotTypes(program: program, inputs: inputs, areGiven: true)
    }

    /// The document's fast form.
    ///
    /// - Throws: `Unfit` with the first thing that has none.
    static func plan(
        _ unit: ModelUnit, _ program: Program, _ inputs: [Evaluator.Input]
    ) throws(Unfit) -> FastPlan {
        var planner = FastPlanner(program: program, inputs: inputs)
        guard !inputs.contains(where: { $0.isGroup || $0.isGrouped }) else { throw Unfit("grouped inputs") }
        let finish = try planner.finish(unit, around: [])
        for slot in planner.layout.slots {
            guard planner.types.isGiven(slot) else { throw Unfit("derived fields, or fields treated anew") }
        }
        // One more place, for what no part reads.
        planner.size.values = planner.layout.count + 1
        return FastPlan(
            inputs: PlaneInputs(inputs, planner.layout), stages: try planner.finishedStages(),
            finish: finish, size: planner.size)
    }

    private func finishedStages() throws(Unfit) -> [FastPlan.Stage] {
        var finished: [FastPlan.Stage] = []
        for (form, outputs) in stages {
            var sources: [(output: Output, source: PlaneSource)] = []
            for output in outputs {
                let type = try types.asked(output.slot).dataType
                sources.append((output, PlaneSource(output.slot, type, layout)))
            }
            finished.append(FastPlan.Stage(form: form, outputs: sources))
        }
        return finished
    }

    private mutating func finish(_ unit: ModelUnit, around: [ModelUnit]) throws(Unfit) -> any FastFinish {
        switch unit.scoring {
        case let chain as Ensemble where chain.method == .modelChain:
            return try finish(chain, unit, around: around)
        case let ensemble as Ensemble:
            return try finish(ensemble, [unit] + around)
        case let tree as Tree:
            guard around.isEmpty else { throw Unfit("a tree inside a chain") }
            return try finish(tree, unit)
        case let regression as Regression:
            let form = try LinearForm(regression, types, &layout)
            size.cover(form.size)
            guard let categories = regression.categories else {
                return ScoreFinish(form, try answer([unit] + around, nil))
            }
            guard categories.count == form.tables.count else { throw Unfit("tables without a category") }
            let choice = FastAnswer.Choice(
                categories: categories, isFloat: regression.math.isFloat,
                predicted: regression.target.predicted(categories), entityIds: nil)
            return ScoreFinish(form, try answer([unit] + around, choice))
        case let network as NeuralNetwork:
            let form = try DenseForm(network, types, &layout)
            size.cover(form.size)
            return ScoreFinish(form, try answer([unit] + around, form.choice))
        default: throw Unfit("\(unit.element) has none")
        }
    }

    // The answer first: where it has no such form the trees need not be laid out.
    private mutating func finish(
        _ ensemble: Ensemble, _ units: [ModelUnit]
    ) throws(Unfit) -> any FastFinish {
        let outline = try EnsembleOutline(ensemble)
        guard let categories = outline.categories else {
            let answer = try answer(units, nil)
            return ScoreFinish(try form(outline), answer)
        }
        let choice = FastAnswer.Choice(
            categories: categories, isFloat: ensemble.math.isFloat,
            predicted: ensemble.target.predicted(categories), entityIds: nil)
        let answer = try answer(units, choice)
        return ScoreFinish(try form(outline), answer)
    }

    private mutating func form(_ outline: EnsembleOutline) throws(Unfit) -> EnsembleForm {
        let form = try EnsembleForm(outline, types, &layout)
        size.cover(form.forest.size)
        return form
    }

    private func answer(_ units: [ModelUnit], _ choice: FastAnswer.Choice?) throws(Unfit) -> FastAnswer {
        try FastAnswer(units, choice, taken: Set(inputs.map(\.slot)).union(types.publishedSlots))
    }

    private mutating func finish(
        _ chain: Ensemble, _ unit: ModelUnit, around: [ModelUnit]
    ) throws(Unfit) -> any FastFinish {
        guard chain.missingTreatment != .skipSegment, let last = chain.segments.last else {
            throw Unfit("a chain that skips segments")
        }
        for segment in chain.segments {
            guard case .always = segment.predicate else { throw Unfit("segments with conditions") }
        }
        for segment in chain.segments.dropLast() { try addStage(segment.unit) }
        return try finish(last.unit, around: [unit] + around)
    }

    /// A segment that computes a number for later ones.
    private mutating func addStage(_ unit: ModelUnit) throws(Unfit) {
        guard let ensemble = unit.scoring as? Ensemble else { throw Unfit("\(unit.element) inside a chain") }
        let outline = try EnsembleOutline(ensemble)
        guard outline.categories == nil else { throw Unfit("a classification inside a chain") }
        guard unit.targets.count == 1 else { throw Unfit("several targets") }
        let form = try form(outline)
        for output in unit.outputs {
            guard case .predictedValue = output.feature, output.segment == nil, let type = output.dataType,
                type.isNumeric, output.target == nil || output.target == ensemble.target.name,
                !types.isGiven(output.slot)
            else { throw Unfit("outputs inside a chain") }
            types.publish(
                output.slot, SlotType(dataType: type, opType: output.opType ?? type.naturalOpType))
        }
        stages.append((form, unit.outputs))
    }

    /// A single tree: what each leaf answers is known now.
    private mutating func finish(_ tree: Tree, _ unit: ModelUnit) throws(Unfit) -> any FastFinish {
        for output in unit.outputs {
            switch output.feature {
            case .predictedValue, .predictedDisplayValue, .probability, .confidence, .entityId, .affinity:
                break
            case .residual, .reasonCode, .rule, .spread, .segmentId, .segmentValue, .transformed, .failing,
                .absent:
                throw Unfit("an output of another feature")
            }
        }
        guard unit.outputs.count <= 1000 else { throw Unfit("too many outputs") }
        var builder = ForestBuilder(types: types)
        try builder.add(tree)
        let forest = try builder.forest(
            &layout, sums: CS_DOUBLES, width: 1, keepsOrigins: true
        ) { _, _ in nil }
        size.cover(forest.size)
        guard forest.origins.count * (unit.outputs.count + 1) <= FastAnswer.choicesMax else {
            throw Unfit("too many results")
        }
        let frame = Frame(program: program)
        let answers = Answers(unit: unit)
        let results = forest.origins.map { node -> Results? in
            guard let node, case .success(let outcome) = tree.nodes[node].answer, !outcome.isMissing else {
                return nil
            }
            frame.reset()
            guard (try? unit.publish(outcome, frame)) != nil else { return nil }
            return try? answers.results(of: outcome, frame)
        }
        return LeafFinish(forest, results)
    }
}

extension Target {
    /// The value predicted, by the position of the best category.
    func predicted(_ categories: Categories) -> [FieldValue] {
        categories.values.map(answer)
    }
}

extension DenseForm {
    /// What a classification chooses from; nil for regression.
    var choice: FastAnswer.Choice? {
        output.categories.map { categories in
            FastAnswer.Choice(
                categories: categories, isFloat: false,
                predicted: categories.values.map { FieldValue($0, output.target.opType ?? .categorical) },
                entityIds: output.entityIds)
        }
    }
}
