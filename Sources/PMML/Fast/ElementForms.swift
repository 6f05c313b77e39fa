/// The fast forms of single elements, in documents that have none as a whole.
struct ElementForms: Sendable {
    /// An ensemble, with where its values come from.
    struct EnsembleElement: Sendable {
        let form: EnsembleForm
        fileprivate let sources: [PlaneSource]
    }

    /// By the number of the model.
    private(set) var ensembles: [Int: EnsembleElement] = [:]
    /// What the greatest of them takes of a plane.
    private(set) var size = PlaneSize()
    /// One line for each element that has a fast form, or might have.
    private(set) var description: [String] = []
    private static let linesMax = 50
    /// Outcomes that outputs ask for by themselves: they must be there.
    private var asked: Set<Int> = []

    init() {}

    /// Looks through a model and its segments.
    init(_ unit: ModelUnit, _ types: SlotTypes) {
        collect(unit)
        add(unit, types)
    }

    private mutating func collect(_ unit: ModelUnit) {
        asked.formUnion(unit.outputs.compactMap { $0.segment?.outcome })
        guard let ensemble = unit.scoring as? Ensemble else { return }
        for segment in ensemble.segments { collect(segment.unit) }
    }

    private mutating func add(_ unit: ModelUnit, _ types: SlotTypes) {
        guard let ensemble = unit.scoring as? Ensemble else { return }
        do throws(Unfit) {
            guard !ensemble.method.isSelection else { throw Unfit("a selection") }
            guard !ensemble.segments.contains(where: { asked.contains($0.unit.number) }) else {
                throw Unfit("segments with outputs")
            }
            var layout = PlaneLayout()
            let form = try EnsembleForm(EnsembleOutline(ensemble), types, &layout)
            let sources = try ElementForms.sources(layout, types)
            ensembles[ensemble.number] = EnsembleElement(form: form, sources: sources)
            var needed = form.forest.size
            needed.values = layout.count
            size.cover(needed)
            note(form.description)
        } catch {
            if !ensemble.method.isSelection { note("\(ensemble.form): \(error.reason)") }
            for segment in ensemble.segments { add(segment.unit, types) }
        }
    }

    private mutating func note(_ line: String) {
        if description.count < ElementForms.linesMax { description.append(line) }
    }

    private static func sources(_ layout: PlaneLayout, _ types: SlotTypes) throws(Unfit) -> [PlaneSource] {
        var sources: [PlaneSource] = []
        for slot in layout.slots.sorted() {
            sources.append(PlaneSource(slot, try types.asked(slot).dataType, layout))
        }
        return sources
    }
}

extension ElementForms.EnsembleElement {
    /// The ensemble's answer for the row in `frame`; nil where the general form must find it, or its error.
    func score(_ ensemble: Ensemble, _ frame: Frame) -> Outcome? {
        let plane = frame.plane
        for source in sources {
            guard let value = try? frame.value(source.slot),
                source.fill(plane, value, row: 0, stride: 1)
            else { return nil }
        }
        plane.isGeneral[0] = false
        form.forest.score(plane, rows: 1, stride: 1)
        guard !plane.isGeneral[0] else { return nil }
        guard let categories = form.categories else {
            let sum = plane.sum(0)
            return sum.isNaN ? nil : try? ensemble.target.regression(form.number(sum))
        }
        guard plane.gather(form.forest.width, from: 0, step: 1) else { return nil }
        return .full(
            ensemble.target.classified(
                Distribution(
                    categories: categories,
                    scores: (0..<form.forest.width).map { form.number(plane.scores[$0]) },
                    isFloat: form.math.isFloat)
            ))
    }
}
