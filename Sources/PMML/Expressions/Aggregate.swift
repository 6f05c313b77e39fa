/// PMML element `Aggregate` over a grouped field.
struct Aggregate: Expression {
    /// Attribute `function`.
    enum Function: String, Sendable {
        case count, sum, average, min, max, multiset
    }

    let slot: Int
    let function: Function

    func evaluate(_ frame: Frame) throws(EvaluationError) -> FieldValue {
        let field = try frame.value(slot)
        guard case .list(let members) = field.value else {
            throw .type(expected: "java.util.Collection", actual: field.value.typeName)
        }
        let present = members.filter { !$0.isMissing }
        switch function {
        case .count: return FieldValue(.integer(Int32(clamping: present.count)))
        case .multiset: return FieldValue(.list(present), field.opType)
        case .sum: return try folded(present, "sum", frame)
        case .average: return try folded(present, "avg", frame)
        case .min: return try folded(present, "min", frame)
        case .max: return try folded(present, "max", frame)
        }
    }

    private func folded(
        _ values: [Value], _ name: String, _ frame: Frame
    ) throws(EvaluationError) -> FieldValue {
        guard case .variadic(_, _, let function)? = FunctionBody.aggregate(name) else { return .missing }
        return FieldValue(try function(values.map { FieldValue($0) }, frame))
    }
}

/// PMML element `Lag` over a grouped field: the value some records back.
struct Lag: Expression {
    /// Attribute `aggregate` over the last `n` records.
    enum Function: String, Sendable {
        case none, avg, max, median, min, product, sum, stddev
    }

    let slot: Int
    let records: Int
    let function: Function

    func evaluate(_ frame: Frame) throws(EvaluationError) -> FieldValue {
        let field = try frame.value(slot)
        guard case .list(let members) = field.value else {
            throw .evaluation(
                "The user-supplied arguments object class does not implement "
                    + "org.jpmml.evaluator.LaggableMap interface")
        }
        if function == .none {
            let index = members.count - 1 - records
            return index >= 0 && index < members.count ? FieldValue(members[index], field.opType) : .missing
        }
        let window = members.dropLast().suffix(records).compactMap(\.number)
        return summary(window).map { FieldValue(.double($0)) } ?? .missing
    }

    private func summary(_ window: [Double]) -> Double? {
        guard let first = window.first else { return nil }
        let mean = window.reduce(0, +) / Double(window.count)
        switch function {
        case .none: return nil
        case .avg: return mean
        case .sum: return window.reduce(0, +)
        case .product: return window.reduce(1, *)
        case .max: return window.reduce(first, Swift.max)
        case .min: return window.reduce(first, Swift.min)
        case .median:
            let sorted = window.sorted()
            let middle = sorted.count / 2
            return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        case .stddev:
            guard window.count > 1 else { return nil }
            let squares = window.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            return (squares / Double(window.count - 1)).squareRoot()
        }
    }
}

extension Scope {
    /// Compiles an `Aggregate` element.
    func aggregate(_ element: Element) throws(Fault) -> any Expression {
        Aggregate(
            slot: slot(of: try element.required("field"), at: element),
            function: try element.choice("function", default: Aggregate.Function.multiset))
    }

    /// Compiles a `Lag` element.
    func lag(_ element: Element) throws(Fault) -> any Expression {
        Lag(
            slot: slot(of: try element.required("field"), at: element),
            records: max(0, try element.integer("n") ?? 1),
            function: try element.choice("aggregate", default: Lag.Function.none))
    }
}
