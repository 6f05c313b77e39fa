/// What is known at load of a slot's values: every present value has this type.
struct SlotType: Sendable {
    let dataType: DataType
    let opType: OpType

    /// Whether values are 64-bit, 32-bit or whole numbers.
    var isNumeric: Bool { dataType.isNumeric }

    /// Whether `<` and its like compare the numbers themselves.
    var isOrderedNumber: Bool { isNumeric && opType == .continuous }
}

/// The types of a program's slots, as far as the document declares them.
struct SlotTypes {
    let program: Program
    private let inputs: [Int: TreatedField]
    /// Outputs of segments, by their slots.
    private var published: [Int: SlotType] = [:]
    /// Whether trees may ask only for what is given: nothing derives a field in a plan of a whole document.
    private let areGiven: Bool

    /// - Parameter inputs: The top model's inputs, whose slots have no definition of their own.
    init(program: Program, inputs: [Evaluator.Input], areGiven: Bool = false) {
        self.program = program
        self.areGiven = areGiven
        self.inputs = Dictionary(
            inputs.filter { !$0.isGrouped && !$0.isGroup }.map { ($0.slot, $0.field) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Notes an output of a segment, which later segments may ask for.
    mutating func publish(_ slot: Int, _ type: SlotType) {
        published[slot] = type
    }

    /// The slots of outputs.
    var publishedSlots: some Collection<Int> { published.keys }

    /// The slot whose values a slot takes over as they are: segments may declare treatments that change
    /// nothing, each for itself.
    func origin(of slot: Int) -> Int {
        var slot = slot
        for _ in 0..<64 {
            guard inputs[slot] == nil, program.definitions.indices.contains(slot),
                case .treated(let from, let field) = program.definitions[slot],
                let outer = treatment(of: from), field.keeps(outer)
            else { return slot }
            slot = from
        }
        return slot
    }

    private func treatment(of slot: Int) -> TreatedField? {
        if let field = inputs[slot] { return field }
        guard program.definitions.indices.contains(slot),
            case .treated(_, let field) = program.definitions[slot]
        else { return nil }
        return field
    }

    /// Whether a slot's values come with the row, or from an earlier segment.
    func isGiven(_ slot: Int) -> Bool { inputs[slot] != nil || published[slot] != nil }

    /// The type of a slot that a tree asks for.
    ///
    /// - Throws: For a slot without one; in a plan of a whole document, for one that must be computed too.
    func asked(_ slot: Int) throws(Unfit) -> SlotType {
        guard !areGiven || isGiven(slot) else { throw Unfit("derived fields, or fields treated anew") }
        guard let type = self[slot] else { throw Unfit("a field without a data type") }
        return type
    }

    /// The type of a slot; nil where values may be of any type.
    subscript(slot: Int) -> SlotType? {
        if let field = inputs[slot] { return SlotType(dataType: field.dataType, opType: field.opType) }
        if let type = published[slot] { return type }
        guard program.definitions.indices.contains(slot) else { return nil }
        switch program.definitions[slot] {
        case .given, .published, .failing: return nil
        case .treated(_, let field): return SlotType(dataType: field.dataType, opType: field.opType)
        case .derived(let field):
            return field.dataType.map { SlotType(dataType: $0, opType: field.opType ?? $0.naturalOpType) }
        }
    }
}

/// Why an element has no fast form, in a few words for `describeForms`.
struct Unfit: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
