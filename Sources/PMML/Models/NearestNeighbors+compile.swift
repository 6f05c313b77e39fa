extension NearestNeighbors {
    /// Compiles a `NearestNeighborModel` element.
    static func compile(_ model: ModelContext) throws(Fault) -> any ScoringModel {
        let element = model.element
        let isClustering = model.functionName == "clustering"
        guard isClustering || model.target.name != nil else {
            throw element.fault("a target is required in the mining schema")
        }
        let measureElement = try element.requiredChild("ComparisonMeasure")
        let measure = try Measure(measureElement)
        var inputs: [Measure.Field] = []
        for input in try element.requiredChild("KNNInputs").children("KNNInput") {
            inputs.append(
                Measure.Field(
                    slot: model.slot(try input.required("field"), at: input),
                    weight: try input.number("fieldWeight") ?? 1,
                    comparison: try Measure.Comparison(input, measure: measureElement, model.compiler)))
        }
        guard !inputs.isEmpty else { throw element.fault("element KNNInput is required") }
        let training = try TrainingRows(model)
        let ids = try training.ids(element["instanceIdVariable"])
        let (unique, entities) = unique(ids)
        return NearestNeighbors(
            measure: measure, inputs: inputs, rows: try training.inputs(measure, inputs),
            ids: unique, entities: entities, neighbourCount: try count(element, training.rows.count, model),
            threshold: try element.number("threshold") ?? 0.001,
            targets: isClustering ? [] : try targets(training), isClustering: isClustering, math: model.math)
    }

    /// At least one, and no more than there are training rows.
    private static func count(
        _ element: Element, _ rows: Int, _ model: ModelContext
    ) throws(Fault) -> Int {
        guard let count = try element.integer("numberOfNeighbors"), count >= 1 else {
            throw element.fault("attribute numberOfNeighbors must be at least 1")
        }
        if count > rows {
            model.compiler.report(
                element.warning("numberOfNeighbors is \(count) for \(rows) training rows: all count"))
        }
        return min(count, rows)
    }

    private static func unique(_ ids: [String]) -> (unique: [String], entities: [Int]) {
        var positions: [String: Int] = [:]
        var unique: [String] = []
        var entities: [Int] = []
        for id in ids {
            let position = positions[id] ?? unique.count
            if position == unique.count {
                positions[id] = position
                unique.append(id)
            }
            entities.append(position)
        }
        return (unique, entities)
    }

    private static func targets(
        _ training: TrainingRows
    ) throws(Fault) -> [(target: Target, answers: Answers)] {
        let element = training.model.element
        let averaging = try element.choice("continuousScoringMethod", default: Averaging.average)
        let voting = try element.choice("categoricalScoringMethod", default: Voting.majorityVote)
        var targets: [(target: Target, answers: Answers)] = []
        for target in training.model.targets {
            guard let name = target.name else { continue }
            if !targets.isEmpty { try training.charge(1, at: element) }
            let values = try training.values(of: name)
            switch target.opType {
            case .continuous:
                targets.append((target, .numbers(values.map { $0.number ?? .nan }, averaging)))
            case .categorical:
                targets.append((target, .categories(Ballot(values, voting))))
            case .ordinal, nil:
                training.model.compiler.report(
                    element.warning("target \"\(name)\" is neither continuous nor categorical"))
                targets.append((target, .failing(.invalidElement("NearestNeighborModel"))))
            }
        }
        return targets
    }
}

extension NearestNeighbors.Ballot {
    init(_ values: [Value], _ voting: NearestNeighbors.Voting) {
        var positions: [String: Int] = [:]
        var categories: [Value] = []
        var byRow: [Int] = []
        var frequencies: [Int] = []
        for value in values {
            let text = value.displayText
            let position = positions[text] ?? categories.count
            if position == categories.count {
                positions[text] = position
                categories.append(value)
                frequencies.append(0)
            }
            frequencies[position] += 1
            byRow.append(position)
        }
        self.init(
            categories: categories, byRow: byRow, frequencies: frequencies,
            isWeighted: voting == .weightedMajorityVote)
    }
}

/// PMML element `TrainingInstances`: rows of cells by column, with the fields that the columns hold.
struct TrainingRows {
    let model: ModelContext
    /// The column of each field, with the `InstanceField` that says so.
    private let columns: [String: (column: String, element: Element)]
    let rows: [(element: Element, cells: [String: String])]

    init(_ model: ModelContext) throws(Fault) {
        self.model = model
        let element = try model.element.requiredChild("TrainingInstances")
        guard let table = element.child("InlineTable") else {
            throw element.fault("an InlineTable is required; a TableLocator cannot be followed")
        }
        var columns: [String: (column: String, element: Element)] = [:]
        for field in element.child("InstanceFields")?.children("InstanceField") ?? [] {
            let name = try field.required("field")
            columns[name] = (InlineCell.name(field["column"] ?? name), field)
        }
        self.columns = columns
        rows = table.children("row").map { row in
            (
                row,
                Dictionary(
                    row.children.map { (InlineCell.name($0.name), $0.text) },
                    uniquingKeysWith: { first, _ in first })
            )
        }
        guard !rows.isEmpty else { throw table.fault("at least one row is required") }
    }

    /// The ids of the rows: those of the id variable, or numbers from 1.
    func ids(_ variable: String?) throws(Fault) -> [String] {
        guard let variable else { return rows.indices.map { String($0 + 1) } }
        guard columns[variable] != nil else {
            throw model.element.fault("instanceIdVariable \"\(variable)\" is no InstanceField")
        }
        return try texts(of: variable)
    }

    /// Takes the values of so many fields from what the document may fill: an input may come twice, a column
    /// may be that of many fields, a derived field has no cells. A value takes as much as several numbers.
    func charge(_ fields: Int, at element: Element) throws(Fault) {
        try model.compiler.charge(rows.count * 4, by: fields, at: element)
    }

    /// The cells of a field.
    private func texts(of name: String) throws(Fault) -> [String] {
        guard let (column, _) = columns[name] else {
            throw model.element.fault("field \"\(name)\" is no InstanceField")
        }
        var texts: [String] = []
        texts.reserveCapacity(rows.count)
        for row in rows {
            guard let cell = row.cells[column] else {
                throw row.element.fault("cell \(column) is required")
            }
            texts.append(cell)
        }
        return texts
    }

    /// The values of a field that the rows hold, treated as its mining field says.
    func values(of name: String) throws(Fault) -> [Value] {
        let texts = try texts(of: name)
        var values: [Value] = []
        values.reserveCapacity(texts.count)
        let parse = try parser(of: name)
        for (row, text) in zip(rows, texts) {
            do throws(EvaluationError) {
                let value = try parse(text)
                guard !value.isMissing else { throw .missingFieldValue(name) }
                values.append(value)
            } catch {
                throw row.element.fault(error.message)
            }
        }
        return values
    }

    private func parser(of name: String) throws(Fault) -> (String) throws(EvaluationError) -> Value {
        if let mining = model.scope.mining[name], let data = model.compiler.dataFields[name] {
            do throws(EvaluationError) {
                let field = try TreatedField(field: data, mining: mining)
                return { (text) throws(EvaluationError) in try field.prepare(.text(text)).value }
            } catch {
                throw model.element.fault(error.message)
            }
        }
        let slot = model.slot(name, at: columns[name]?.element ?? model.element)
        guard case .derived(let field) = model.compiler.definitions[slot] else {
            throw (columns[name]?.element ?? model.element).fault("field \"\(name)\" is not defined here")
        }
        let type = field.dataType ?? .double
        return { (text) throws(EvaluationError) in try Value.parse(text, as: type) }
    }

    /// The inputs of every row: cells, or derived from them.
    func inputs(
        _ measure: Measure, _ fields: [Measure.Field]
    ) throws(Fault) -> NearestNeighbors.Rows {
        let elements = model.element.child("KNNInputs")?.children("KNNInput") ?? []
        // Each column's own cells are free: the document spells them out.
        try charge(max(0, elements.count - Set(columns.values.map(\.column)).count), at: model.element)
        var byInput: [[Value]] = []
        var known: [Int: [Value]] = [:]
        for (input, field) in zip(elements, fields) {
            if known[field.slot] == nil {
                let name = try input.required("field")
                if columns[name] != nil {
                    known[field.slot] = try values(of: name)
                } else {
                    let slots = Set(elements.map { model.slot($0["field"] ?? "", at: $0) })
                    known.merge(try derive(slots)) { first, _ in first }
                }
            }
            byInput.append(known[field.slot] ?? [])
        }
        return arrange(byInput, measure, fields)
    }

    private func arrange(
        _ byInput: [[Value]], _ measure: Measure, _ fields: [Measure.Field]
    ) -> NearestNeighbors.Rows {
        let isPlain =
            measure.isDistance
            && fields.allSatisfy { field in
                if case .absDiff = field.comparison { return true }
                return false
            }
        if isPlain, byInput.allSatisfy({ $0.allSatisfy { $0.number != nil } }) {
            let vectors = rows.indices.map { row in byInput.map { $0[row].number ?? .nan } }
            return .table(VectorTable(vectors, width: fields.count))
        }
        return .constants(rows.indices.map { row in byInput.map { Operand($0[row].displayText) } })
    }

    /// The values of slots that the rows do not hold, by slot.
    private func derive(_ slots: Set<Int>) throws(Fault) -> [Int: [Value]] {
        var given: [(slot: Int, values: [Value])] = []
        var spelled: Set<String> = []
        for (name, column) in columns where model.scope.mining[name] != nil {
            if !spelled.insert(column.column).inserted { try charge(1, at: column.element) }
            given.append((model.slot(name, at: column.element), try values(of: name)))
        }
        let frame = Frame(program: model.compiler.program())
        var derived: [Int: [Value]] = [:]
        for (position, row) in rows.enumerated() {
            frame.reset()
            for (slot, values) in given { frame.set(slot, FieldValue(values[position])) }
            for slot in slots {
                do throws(EvaluationError) {
                    let value = try frame.value(slot).value
                    guard !value.isMissing else { throw .missingFieldValue("KNNInput") }
                    derived[slot, default: []].append(value)
                } catch {
                    throw row.element.fault(error.message)
                }
            }
        }
        return derived
    }
}
