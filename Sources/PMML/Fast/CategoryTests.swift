/// How the values of a slot become whole numbers, for tests of equality and membership.
struct CategoryCodes: Sendable {
    private enum Kind: Sendable {
        case text([String: Int])
        case number([Double: Int])
        case boolean
    }

    private let kind: Kind
    /// The number of every value that no test names.
    let other: Int

    init(texts: [String: Int]) {
        kind = .text(texts)
        other = texts.count
    }

    init(numbers: [Double: Int]) {
        kind = .number(numbers)
        other = numbers.count
    }

    /// For the two truth values.
    init() {
        kind = .boolean
        other = 2
    }

    /// The number of a present value; nil where the general form must decide.
    func code(_ value: Value) -> Int? {
        switch (kind, value) {
        case (.text(let codes), .text(let text)):
            guard let index = codes.index(forKey: text) else { return other }
            // Texts of different lengths may be equal to Unicode: the general form tells those apart. Where
            // the lengths agree too, it takes them for the same, as `sameText` does.
            return codes[index].key.utf8.count == text.utf8.count ? codes[index].value : nil
        case (.number(let codes), .double(let number)): return number.isNaN ? nil : codes[number] ?? other
        case (.number(let codes), .float(let number)):
            return number.isNaN ? nil : codes[Double(number)] ?? other
        case (.number(let codes), .integer(let number)): return codes[Double(number)] ?? other
        case (.boolean, .boolean(let flag)): return flag ? 1 : 0
        default: return nil
        }
    }
}

/// The tests of equality and membership that some trees ask of categories.
struct CategoryTests {
    /// Those about one slot.
    struct Slot {
        let type: SlotType
        /// What asking all of them about one value costs: a step each, or one for each member of a set that
        /// is searched.
        private(set) var cost = 0
        private(set) var predicates: [Predicate] = []
        /// By the predicate's meaning, so that equal ones are asked once.
        private(set) var positions: [String: Int] = [:]
        /// The constants that the predicates name.
        private(set) var operands: [Operand] = []

        init(type: SlotType) {
            self.type = type
        }

        /// Adds a predicate that none of the others equals; its number.
        fileprivate mutating func add(_ predicate: Predicate, _ key: String, _ operands: [Operand]) -> Int {
            let position = predicates.count
            positions[key] = position
            predicates.append(predicate)
            self.operands += operands
            if case .set(let set) = predicate { cost += set.steps(type.dataType) } else { cost += 1 }
            return position
        }
    }

    private(set) var slots: [Int: Slot] = [:]

    /// The number of a predicate among those about its slot.
    mutating func test(_ predicate: Predicate, slot: Int, type: SlotType) throws(Unfit) -> Int {
        guard type.isNumeric || type.dataType == .string || type.dataType == .boolean else {
            throw Unfit("categories that are dates")
        }
        let key: String
        let operands: [Operand]
        switch predicate {
        case .simple(_, let comparison, let operand):
            key = comparison.rawValue + operand.text
            operands = [operand]
        case .set(let set):
            key =
                (set.isIn ? "in " : "not in ")
                + set.members.map(\.text.debugDescription).joined(separator: " ")
            operands = set.members
        case .always, .never, .isMissing, .and, .or, .xor, .surrogate, .failing:
            throw Unfit("a compound test")
        }
        if let known = slots[slot]?.positions[key] { return known }
        return slots[slot, default: Slot(type: type)].add(predicate, key, operands)
    }
}

extension CategoryTests.Slot {
    /// What every predicate answers about every category.
    struct Answers {
        let codes: CategoryCodes
        /// How many codes there are, `other` among them.
        let categories: Int
        /// By code, then by predicate.
        private(set) var table: [Bool] = []

        fileprivate init(_ codes: CategoryCodes, categories: Int) {
            self.codes = codes
            self.categories = categories
        }

        fileprivate mutating func append(_ answer: Bool) { table.append(answer) }
    }

    /// The codes of the constants, and for each code, `other` last, what every predicate answers.
    ///
    /// The predicates themselves are asked, so that the answers are theirs.
    /// - Parameter stepsMax: A bound on the table and on the work to fill it.
    func answers(_ program: Program, stepsMax: Int) throws(Unfit) -> Answers {
        let (codes, samples) = try samples()
        guard cost <= stepsMax / (samples.count + 1) else { throw Unfit("too many categories") }
        let frame = Frame(program: program)
        var answers = Answers(codes, categories: samples.count)
        for sample in samples {
            frame.reset()
            for predicate in predicates {
                if let slot = predicate.slot { frame.set(slot, FieldValue(sample, type.opType)) }
                guard let truth = try? predicate.evaluate(frame), truth != .unknown else {
                    throw Unfit("a test that fails")
                }
                answers.append(truth == .yes)
            }
        }
        return answers
    }

    /// A value for each code.
    private func samples() throws(Unfit) -> (CategoryCodes, [Value]) {
        if type.dataType == .boolean { return (CategoryCodes(), [.boolean(false), .boolean(true)]) }
        if type.dataType == .string {
            var codes: [String: Int] = [:]
            for operand in operands where codes[operand.text] == nil { codes[operand.text] = codes.count }
            let texts = codes.sorted { $0.value < $1.value }.map { Value.text($0.key) }
            var other = "other"
            while codes[other] != nil { other += "." }
            return (CategoryCodes(texts: codes), texts + [.text(other)])
        }
        var codes: [Double: Int] = [:]
        for operand in operands {
            guard let number = operand.number(as: type.dataType), number.isFinite else {
                throw Unfit("a constant that is no finite number")
            }
            if codes[number] == nil { codes[number] = codes.count }
        }
        var other = 0.0
        while codes[other] != nil { other += 1 }
        var values: [Value] = []
        for number in codes.sorted(by: { $0.value < $1.value }).map(\.key) + [other] {
            guard let value = try? Value.double(number).cast(to: type.dataType) else {
                throw Unfit("a constant that is no \(type.dataType.name)")
            }
            values.append(value)
        }
        return (CategoryCodes(numbers: codes), values)
    }
}

extension Predicate {
    /// The slot of a test of one field.
    var slot: Int? {
        switch self {
        case .simple(let slot, _, _), .isMissing(let slot, _): slot
        case .set(let set): set.slot
        case .always, .never, .and, .or, .xor, .surrogate, .failing: nil
        }
    }
}
