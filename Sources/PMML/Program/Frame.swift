/// The working memory of one evaluation: a value for each slot, computed at most once a row.
///
///     slots   [ FieldValue ]          value of each slot, where its stamp says so
///     stamps  [ generation * 2 + busy ]   older generations are unset; `busy` marks a slot being computed
///
/// One thread uses a frame at a time.
final class Frame {
    let program: Program
    let orders: [[Value]]
    private let slots: UnsafeMutablePointer<FieldValue>
    private let stamps: UnsafeMutablePointer<UInt64>
    private var generation: UInt64 = 1
    /// Outcomes of the models evaluated in this row, by model number: what outputs refer to.
    var outcomes: [Outcome?]
    /// Segments whose results are those of an ensemble (chains and selections), by the ensemble's number.
    var chosen: [Int: [Int]] = [:]

    let forms: ElementForms
    /// For the fast forms of single elements.
    private(set) lazy var plane = Plane(forms.size)

    init(program: Program, forms: ElementForms = ElementForms()) {
        self.program = program
        self.forms = forms
        orders = program.orders
        let count = program.definitions.count
        slots = .allocate(capacity: count)
        slots.initialize(repeating: .missing, count: count)
        stamps = .allocate(capacity: count)
        stamps.initialize(repeating: 0, count: count)
        outcomes = Array(repeating: nil, count: program.outcomeCount)
    }

    deinit {
        // SAFETY: both hold exactly `definitions.count` initialised elements since `init`.
        slots.deinitialize(count: program.definitions.count)
        slots.deallocate()
        stamps.deallocate()
    }

    /// Forgets every value: the next row begins.
    func reset() {
        generation &+= 1
        for index in outcomes.indices { outcomes[index] = nil }
        if !chosen.isEmpty { chosen.removeAll(keepingCapacity: true) }
    }

    /// Sets a slot.
    func set(_ slot: Int, _ value: FieldValue) {
        guard slot >= 0, slot < program.definitions.count else { return }
        // SAFETY: `slot` was just checked against the allocation's count.
        slots[slot] = value
        stamps[slot] = generation &* 2
    }

    /// Whether a slot has its value for this row.
    func isSet(_ slot: Int) -> Bool {
        // SAFETY: slot numbers come from the compiler that made `definitions`; checked all the same.
        slot >= 0 && slot < program.definitions.count && stamps[slot] == generation &* 2
    }

    /// The value of a slot, computed now where this row has not asked before.
    func value(_ slot: Int) throws(EvaluationError) -> FieldValue {
        guard isSet(slot) else { return try compute(slot) }
        // SAFETY: `isSet` checked the bounds.
        return slots[slot]
    }

    private func compute(_ slot: Int) throws(EvaluationError) -> FieldValue {
        guard slot >= 0, slot < program.definitions.count else { return .missing }
        guard stamps[slot] != generation &* 2 &+ 1 else {
            throw EvaluationError(
                .modelFault, "org.jpmml.evaluator.EvaluationException", "Field refers to itself")
        }
        stamps[slot] = generation &* 2 &+ 1
        let value: FieldValue
        do throws(EvaluationError) {
            value = try defined(program.definitions[slot])
        } catch {
            stamps[slot] = 0
            throw program.definitions[slot].name.map { error.about(field: $0) } ?? error
        }
        set(slot, value)
        return value
    }

    private func defined(_ definition: Definition) throws(EvaluationError) -> FieldValue {
        switch definition {
        case .given: return .missing
        case .derived(let field): return try field.evaluate(self)
        case .treated(let from, let field): return try field.prepare(try value(from))
        case .published(let name): throw .missingField(name)
        case .failing(let error): throw error
        }
    }
}

extension EvaluationError {
    /// A name that nothing defines.
    static func missingField(_ name: String) -> EvaluationError {
        EvaluationError(
            .modelFault, "org.jpmml.evaluator.MissingFieldException", "Field \"\(name)\" is not defined",
            field: name)
    }
}

extension EvaluationError {
    /// A field that should have a value by now and has none.
    static func missingFieldValue(_ name: String) -> EvaluationError {
        EvaluationError(
            .missingValue, "org.jpmml.evaluator.MissingFieldValueException",
            "The value for field \"\(name)\" is not defined", field: name)
    }
}

extension EvaluationError {
    /// A field that already has a value and is given another.
    static func duplicateFieldValue(_ name: String) -> EvaluationError {
        EvaluationError(
            .invalidValue, "org.jpmml.evaluator.DuplicateFieldValueException",
            "The value for field \"\(name)\" has already been defined", field: name)
    }
}
