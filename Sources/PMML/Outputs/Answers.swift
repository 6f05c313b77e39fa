/// Puts the results of one row together: targets, then published outputs in order.
///
/// The results of a chain or selection are those of its segments, with its own outputs added.
struct Answers: Sendable {
    private let unit: ModelUnit
    /// The names that most rows answer with.
    private let usual: ResultLayout

    private typealias Field = (name: String, value: ResultValue)

    init(unit: ModelUnit) {
        self.unit = unit
        usual = ResultLayout(names: unit.usualNames)
    }

    /// The results after the model has been evaluated in `frame`.
    func results(of outcome: Outcome, _ frame: Frame) throws(EvaluationError) -> Results {
        let fields = try fields(of: unit, outcome, frame)
        let values = fields.map(\.value)
        let isUsual =
            fields.count <= usual.names.count && zip(fields, usual.names).allSatisfy { $0.name == $1 }
        return Results(
            layout: isUsual ? usual : ResultLayout(names: fields.map(\.name)), values: values)
    }

    private func fields(
        of unit: ModelUnit, _ outcome: Outcome, _ frame: Frame
    ) throws(EvaluationError) -> [Field] {
        var fields: [Field] = []
        if let ensemble = unit.scoring as? Ensemble, let chosen = frame.chosen[unit.number] {
            for index in chosen {
                let segment = ensemble.segments[index].unit
                let outcome = frame.outcomes[segment.number] ?? .missing
                let more = try self.fields(of: segment, outcome, frame)
                if ensemble.method == .selectAll {
                    Answers.append(more, to: &fields)
                } else {
                    for field in more { Answers.set(field, in: &fields) }
                }
            }
        } else if unit.hasTarget {
            for target in unit.targets where !outcome.isEmpty {
                fields.append(
                    (target.name ?? Target.standardName, outcome.target(target.name).value.value.result))
            }
        }
        for output in unit.outputs where output.isFinal && frame.isSet(output.slot) {
            Answers.set((output.name, try frame.value(output.slot).value.result), in: &fields)
        }
        return fields
    }

    private static func set(_ field: Field, in fields: inout [Field]) {
        if let index = fields.firstIndex(where: { $0.name == field.name }) {
            fields[index].value = field.value
        } else {
            fields.append(field)
        }
    }

    private static func append(_ more: [Field], to fields: inout [Field]) {
        for field in more {
            if let index = fields.firstIndex(where: { $0.name == field.name }),
                case .list(let values) = fields[index].value
            {
                fields[index].value = .list(values + [field.value])
            } else {
                fields.append((field.name, .list([field.value])))
            }
        }
    }
}

extension ModelUnit {
    /// Whether the kind of model has a target at all.
    var hasTarget: Bool { !ModelUnit.ruleModels.contains(element) }

    /// The names of a row's results where every segment runs and every output is published.
    var usualNames: [String] {
        var names: [String] = []
        if let ensemble = scoring as? Ensemble, ensemble.method.isSelection {
            let units = ensemble.segments.map(\.unit)
            switch ensemble.method {
            case .modelChain: names = units.last?.usualNames ?? []
            case .selectFirst: names = units.first?.usualNames ?? []
            case .multiModelChain, .selectAll, .majorityVote, .weightedMajorityVote, .average,
                .weightedAverage,
                .median, .weightedMedian, .max, .sum, .weightedSum, .extendedWeightedSum:
                names = units.flatMap(\.usualNames)
            }
        } else if hasTarget {
            names = targets.map { $0.name ?? Target.standardName }
        }
        for name in names + outputs.filter(\.isFinal).map(\.name) where !names.contains(name) {
            names.append(name)
        }
        return names
    }

    /// All outputs, final or not: those of segments that publish, then the model's own.
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
