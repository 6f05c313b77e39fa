/// PMML element `DataField`: a declared input or target with its domain.
struct DataField: Sendable {
    /// What a `Value` element says of its value.
    enum Property: Sendable {
        case valid, invalid, missing
    }

    let name: String
    let displayName: String?
    let dataType: DataType
    let opType: OpType
    let values: [(text: String, property: Property, display: String?)]
    let intervals: [Interval]
    /// As the schema shows them.
    let intervalTexts: [String]
    /// Number of the explicit order of an ordinal field, or 0.
    let order: UInt16
    let line: Int

    /// The texts of the valid values.
    var validTexts: [String] { values.filter { $0.property == .valid }.map(\.text) }

    /// The display value of a category, where the document gives one.
    func display(of value: Value) -> String? {
        values.first { entry in
            guard entry.property == .valid, let parsed = try? Value.parse(entry.text, as: dataType) else {
                return false
            }
            return parsed.isSame(as: value)
        }?.display
    }
}

/// The domain of a field, compiled for one data type.
struct FieldDomain: Sendable {
    /// Where a value stands.
    enum Status: Sendable {
        case valid, invalid, missing
    }

    private let byText: [String: DataField.Property]
    private let typed: [(value: Value, property: DataField.Property)]
    private let intervals: [Interval]
    private let hasValidValues: Bool
    private let isContinuous: Bool
    /// Intervals of a field that is not continuous: a fault of the document that any present value meets.
    let isContradictory: Bool

    init(field: DataField, dataType: DataType, opType: OpType) {
        byText = Dictionary(
            field.values.map { ($0.text, $0.property) }, uniquingKeysWith: { first, _ in first })
        typed = field.values.compactMap { entry in
            guard let value = try? Value.parse(entry.text, as: dataType) else { return nil }
            return (value, entry.property)
        }
        intervals = field.intervals
        hasValidValues = field.values.contains { $0.property == .valid }
        isContinuous = opType == .continuous
        isContradictory = !isContinuous && !intervals.isEmpty
    }

    /// Whether nothing is declared of numbers but that NaN is missing (true), or nothing at all (false);
    /// nil where more is.
    var onlyTellsNaN: Bool? {
        guard intervals.isEmpty, !hasValidValues else { return nil }
        if typed.isEmpty, byText.isEmpty { return false }
        guard byText.count == 1, typed.count == 1, let only = typed.first, only.property == .missing,
            only.value.number?.isNaN == true
        else { return nil }
        return true
    }

    /// Whether raw text is declared to mean a missing value, or an invalid one.
    func status(ofText text: String) -> Status? {
        switch byText[text] {
        case .missing: .missing
        case .invalid: .invalid
        case .valid, nil: nil
        }
    }

    /// The status of a typed value.
    func status(of value: Value) -> Status {
        if !typed.isEmpty, let property = property(of: value) {
            switch property {
            case .valid: return .valid
            case .invalid: return .invalid
            case .missing: return .missing
            }
        }
        if isContinuous, let number = value.number {
            if number.isNaN { return .invalid }
            if !intervals.isEmpty { return intervals.contains { $0.contains(number) } ? .valid : .invalid }
        }
        return hasValidValues ? .invalid : .valid
    }

    private func property(of value: Value) -> DataField.Property? {
        if case .text(let text) = value { return byText[text] }
        return typed.first { $0.value.isSame(as: value) }?.property
    }
}
