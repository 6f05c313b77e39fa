/// Puts the results of one row together: targets, then published outputs in order.
struct Answers: Sendable {
    private let targets: [String?]
    private let outputs: [(name: String, slot: Int)]
    private let layout: ResultLayout

    init(unit: ModelUnit) {
        targets = unit.hasTarget ? unit.targets.map(\.name) : []
        var outputs: [(name: String, slot: Int)] = []
        for output in unit.finalOutputs where !outputs.contains(where: { $0.slot == output.slot }) {
            outputs.append((output.name, output.slot))
        }
        self.outputs = outputs
        layout = ResultLayout(names: targets.map { $0 ?? "_target" } + outputs.map(\.name))
    }

    /// The results after the model has been evaluated in `frame`.
    func results(of outcome: Outcome, _ frame: Frame) throws(EvaluationError) -> Results {
        var values: [ResultValue] = []
        values.reserveCapacity(layout.names.count)
        for target in targets { values.append(outcome.target(target).value.value.result) }
        if outcome.isMissing, !targets.isEmpty { return Results(layout: layout, values: values) }
        var absent = false
        for output in outputs {
            if frame.isSet(output.slot) {
                values.append(try frame.value(output.slot).value.result)
            } else {
                absent = true
            }
        }
        guard absent else { return Results(layout: layout, values: values) }
        let names = outputs.filter { frame.isSet($0.slot) }.map(\.name)
        return Results(
            layout: ResultLayout(names: targets.map { $0 ?? "_target" } + names), values: values)
    }
}

extension ModelUnit {
    /// Whether the kind of model has a target at all.
    var hasTarget: Bool { element != "AssociationModel" }

    /// The outputs that show in final results: those of segments that publish, then the model's own.
    var finalOutputs: [Output] {
        var found: [Output] = []
        if let ensemble = scoring as? Ensemble, ensemble.method.publishesOutputs {
            for segment in ensemble.segments { found += segment.unit.finalOutputs }
        }
        return found + outputs.filter(\.isFinal)
    }

    /// All outputs, final or not, in the same order.
    var allOutputs: [Output] {
        var found: [Output] = []
        if let ensemble = scoring as? Ensemble, ensemble.method.publishesOutputs {
            for segment in ensemble.segments { found += segment.unit.allOutputs }
        }
        return found + outputs
    }
}

extension Value {
    /// As an answer.
    var result: ResultValue {
        switch self {
        case .missing: .missing
        case .double(let value): .double(value)
        case .float(let value): .float(value)
        case .integer(let value): .integer(Int64(value))
        case .boolean(let value): .boolean(value)
        case .text(let value): .text(value)
        case .date, .time, .dateTime: .text(displayText)
        case .days(let count, _), .seconds(let count), .dateSeconds(let count, _): .integer(Int64(count))
        case .list(let values): .list(values.map(\.result))
        }
    }
}
