/// A mining field over its data field: turns raw input into a typed value within the domain.
///
///     raw -> missing?  -> replacement, error or missing
///         -> parse     -> does not parse: invalid
///         -> domain    -> invalid: error, as is, as missing or replacement
///         -> outliers  -> as missing, or moved to the nearest bound
struct TreatedField: Sendable {
    let name: String
    let dataType: DataType
    let opType: OpType
    let order: UInt16
    private let domain: FieldDomain
    private let mining: MiningField
    private let missingReplacement: FieldValue?
    private let invalidReplacement: FieldValue?
    /// What the field takes, as error messages say it.
    private let expected: String

    init(field: DataField, mining: MiningField) throws(EvaluationError) {
        name = field.name
        dataType = field.dataType
        let opType = mining.opType ?? field.opType
        self.opType = opType
        order = field.order
        domain = FieldDomain(field: field, dataType: field.dataType, opType: opType)
        self.mining = mining
        expected = field.expectation
        func replacement(_ text: String?) throws(EvaluationError) -> FieldValue? {
            guard let text else { return nil }
            return FieldValue(try Value.parse(text, as: field.dataType), opType, order: field.order)
        }
        missingReplacement = try replacement(mining.missingReplacement)
        invalidReplacement = try replacement(mining.invalidReplacement)
    }

    /// Whether a value that `outer` has prepared stays what it is here.
    func keeps(_ outer: TreatedField) -> Bool {
        guard !mining.rejectsMissing, missingReplacement == nil, mining.outliers == .asIs,
            opType == outer.opType, dataType == outer.dataType, order == outer.order
        else { return false }
        if mining.invalidTreatment == .asIs { return true }
        switch outer.mining.invalidTreatment {
        case .returnInvalid, .asMissing: return outer.missingReplacement == nil
        // What is put in an invalid value's place may be invalid itself.
        case .asIs, .asValue: return false
        }
    }

    /// How plain numbers are prepared; nil where more than a copy is needed.
    var plainNumber: PlainNumber? {
        guard dataType == .double || dataType == .float, opType == .continuous, mining.outliers == .asIs,
            let isNaNMissing = domain.onlyTellsNaN, !mining.rejectsMissing
        else { return nil }
        var replacement = Double.nan
        if let missingReplacement {
            guard let number = missingReplacement.value.number, !number.isNaN else { return nil }
            replacement = number
        }
        return PlainNumber(isFloat: dataType == .float, isNaNMissing: isNaNMissing, replacement: replacement)
    }

    /// Prepares one input of a request.
    func prepare(_ input: InputValue) throws(EvaluationError) -> FieldValue {
        switch input {
        case .missing: return try missing()
        case .text(let text): return try prepare(text: text)
        case .number(let number):
            if dataType == .double { return try prepare(typed: .double(number)) }
            return try prepare(raw: .double(number))
        case .integer(let integer):
            return try prepare(raw: Int32(exactly: integer).map(Value.integer) ?? .double(Double(integer)))
        case .boolean(let boolean): return try prepare(raw: .boolean(boolean))
        case .object(let text): throw invalid(text)
        case .list(let values):
            throw invalid("[" + values.map(\.displayText).joined(separator: ", ") + "]")
        }
    }

    /// Prepares every member of a grouped field.
    func prepare(list: [InputValue]) throws(EvaluationError) -> FieldValue {
        var values: [Value] = []
        for input in list { values.append(try prepare(input).value) }
        return FieldValue(.list(values), opType)
    }

    /// Prepares a value that an outer model has already prepared.
    func prepare(_ value: FieldValue) throws(EvaluationError) -> FieldValue {
        value.isMissing ? try missing() : try prepare(raw: value.value)
    }

    private func prepare(text: String) throws(EvaluationError) -> FieldValue {
        let status = domain.status(ofText: text)
        if status == .missing { return try missing() }
        let value: Value
        do throws(EvaluationError) {
            value = try Value.parse(text, as: dataType)
        } catch {
            return try treatInvalid(nil, shown: "\"\(text)\"", reason: error)
        }
        if status == .invalid { return try treatInvalid(value, shown: "\"\(text)\"", reason: nil) }
        return try prepare(typed: value)
    }

    private func prepare(raw: Value) throws(EvaluationError) -> FieldValue {
        if case .text(let text) = raw { return try prepare(text: text) }
        let value: Value
        do throws(EvaluationError) {
            value = try raw.cast(to: dataType)
        } catch {
            return try treatInvalid(nil, shown: raw.displayText, reason: error)
        }
        return try prepare(typed: value)
    }

    private func prepare(typed value: Value) throws(EvaluationError) -> FieldValue {
        if domain.isContradictory { throw .invalidElement("DataField") }
        switch domain.status(of: value) {
        case .valid: return try treatOutlier(value)
        case .missing: return try missing()
        case .invalid: return try treatInvalid(value, shown: shown(value), reason: nil)
        }
    }

    private func shown(_ value: Value) -> String {
        if case .text(let text) = value { return "\"\(text)\"" }
        return value.displayText
    }

    private func treatOutlier(_ value: Value) throws(EvaluationError) -> FieldValue {
        guard mining.outliers != .asIs, let number = value.number else {
            return FieldValue(value, opType, order: order)
        }
        var bound: Double?
        if let low = mining.lowValue, number < low { bound = low }
        if let high = mining.highValue, number > high { bound = high }
        guard let bound else { return FieldValue(value, opType, order: order) }
        if mining.outliers == .asMissingValues { return try missing() }
        return FieldValue(try Value.double(bound).cast(to: dataType), opType, order: order)
    }

    private func missing() throws(EvaluationError) -> FieldValue {
        if mining.rejectsMissing {
            throw EvaluationError(
                .invalidValue, "org.jpmml.evaluator.ValueCheckException",
                "Field \"\(name)\" cannot accept missing value; \(expected) was expected", field: name)
        }
        return missingReplacement ?? .missing
    }

    private func invalid(_ shown: String) -> EvaluationError {
        EvaluationError(
            .invalidValue, "org.jpmml.evaluator.ValueCheckException",
            "Field \"\(name)\" cannot accept invalid value \(shown); \(expected) was expected", field: name)
    }

    private func treatInvalid(
        _ value: Value?, shown: String, reason: EvaluationError?
    ) throws(EvaluationError) -> FieldValue {
        switch mining.invalidTreatment {
        case .returnInvalid: throw invalid(shown)
        case .asIs:
            if let reason { throw reason.about(field: name, expected: expected) }
            guard let value else { throw invalid(shown) }
            var kept = FieldValue(value, opType, order: order)
            kept.isValid = false
            return kept
        case .asMissing: return try missing()
        case .asValue:
            guard let invalidReplacement else { throw invalid(shown) }
            return invalidReplacement
        }
    }
}

extension DataField {
    /// What the field takes: its data type, its intervals and the first of its values.
    var expectation: String {
        let article = dataType.name.first.map { "aeiou".contains($0) } == true ? "an" : "a"
        var text = "\(article) \(dataType.name)"
        if !intervalTexts.isEmpty { text += " in " + intervalTexts.prefix(8).joined(separator: " or ") }
        let values = validTexts
        guard !values.isEmpty else { return text }
        let shown = values.prefix(8).map { "\"\($0.prefix(40))\"" }.joined(separator: ", ")
        return text + " of " + shown + (values.count > 8 ? " and \(values.count - 8) more" : "")
    }
}

extension EvaluationError {
    /// The error with the field that it is about, where nobody has named one.
    func about(field name: String, expected: String? = nil) -> EvaluationError {
        guard field == nil else { return self }
        let wish = expected.map { "; \($0) was expected" } ?? ""
        return EvaluationError(kind, javaClass, "\(message) (field \"\(name)\"\(wish))", field: name)
    }
}

/// A field whose numbers need no more than a copy.
struct PlainNumber: Sendable {
    /// Numbers are 32-bit.
    let isFloat: Bool
    /// Whether a NaN is a missing value; an invalid one otherwise.
    let isNaNMissing: Bool
    /// What a missing value becomes: NaN where it stays missing.
    let replacement: Double
}

extension InputValue {
    /// The value as error messages show it.
    var displayText: String {
        switch self {
        case .missing: "null"
        case .number(let number): JavaNumber.text(number)
        case .integer(let integer): String(integer)
        case .boolean(let boolean): boolean ? "true" : "false"
        case .text(let text), .object(let text): text
        case .list(let values): "[" + values.map(\.displayText).joined(separator: ", ") + "]"
        }
    }
}
