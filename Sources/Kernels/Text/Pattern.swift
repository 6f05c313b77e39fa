/// A regular expression made into an automaton that is run on all its states at once (Thompson's
/// construction), so that no pattern and no text takes more than pattern times text.
struct Pattern: Sendable {
    private enum Instruction: Sendable {
        case characters(CharacterRanges)
        case edge(PatternPart.Edge)
        case split(Int, Int)
        case accept
    }

    private var program: [Instruction] = []
    /// Elementary operations of taking every state past one character.
    private var stepWork = 0
    /// Parts added so far, those that add no instruction among them.
    private var partCount = 0

    /// Most instructions of a pattern, its repetitions written out.
    private static let instructionsMax = 20_000
    /// Most parts, their repetitions written out: empty ones come to no instruction, but to work.
    private static let partsMax = 4 * instructionsMax

    /// The automaton of `text`, in RE2's syntax.
    /// - Throws: `KernelError.invalid` for a wrong pattern, `.unsupported`, or `.tooLarge`.
    init(_ text: String) throws(KernelError) {
        var parser = PatternParser(text)
        try add(try parser.pattern())
        program.append(.accept)
    }

    private mutating func append(_ instruction: Instruction) throws(KernelError) {
        guard program.count < Self.instructionsMax else {
            throw .tooLarge("a pattern of more than \(Self.instructionsMax) steps")
        }
        program.append(instruction)
        if case .characters(let set) = instruction { stepWork += set.work } else { stepWork += 1 }
    }

    /// Nests as deep as the groups do.
    private mutating func add(_ part: PatternPart) throws(KernelError) {
        partCount += 1
        guard partCount <= Self.partsMax else {
            throw .tooLarge("a pattern of more than \(Self.partsMax) parts")
        }
        switch part {
        case .characters(let set): try append(.characters(set.settled))
        case .edge(let edge): try append(.edge(edge))
        case .sequence(let parts): for part in parts { try add(part) }
        case .choice(let branches): try addChoice(branches)
        case .repeated(let inner, let least, let most):
            for _ in 0..<least { try add(inner) }
            guard let most else { return try addLoop(inner) }
            var skips: [Int] = []
            for _ in least..<most {
                skips.append(program.count)
                try append(.split(program.count + 1, 0))
                try add(inner)
            }
            for skip in skips { program[skip] = .split(skip + 1, program.count) }
        }
    }

    private mutating func addLoop(_ inner: PatternPart) throws(KernelError) {
        let start = program.count
        try append(.split(start + 1, 0))
        try add(inner)
        try append(.split(start, start))
        program[start] = .split(start + 1, program.count)
    }

    private mutating func addChoice(_ branches: [PatternPart]) throws(KernelError) {
        var ends: [Int] = []
        for branch in branches.dropLast() {
            let start = program.count
            try append(.split(start + 1, 0))
            try add(branch)
            ends.append(program.count)
            try append(.split(0, 0))
            program[start] = .split(start + 1, program.count)
        }
        if let last = branches.last { try add(last) }
        for end in ends { program[end] = .split(program.count, program.count) }
    }
}

extension Pattern {
    /// Where the longest match that starts at `start` ends, nil when there is none.
    func longestMatch(in text: [Unicode.Scalar], from start: Int, _ workspace: Workspace) throws(KernelError)
        -> Int?
    {
        var states = StateSet(program.count)
        var end: Int?
        var place = start
        enter(0, text, place, &states)
        while true {
            try workspace.charge(stepWork)
            if states.contains(program.count - 1) { end = place }
            guard place < text.count, !states.members.isEmpty else { return end }
            let character = text[place].value
            place += 1
            var following = StateSet(program.count)
            for state in states.members {
                if case .characters(let set) = program[state], set.contains(character) {
                    enter(state + 1, text, place, &following)
                }
            }
            states = following
        }
    }

    /// The first match from `start` on, the longest of those that start there.
    func firstMatch(in text: [Unicode.Scalar], from start: Int, _ workspace: Workspace) throws(KernelError)
        -> Range<Int>?
    {
        for place in start..<(text.count + 1) {
            if let end = try longestMatch(in: text, from: place, workspace) { return place..<end }
        }
        return nil
    }

    /// Adds state `first` and all that follow from it without a character.
    private func enter(_ first: Int, _ text: [Unicode.Scalar], _ place: Int, _ states: inout StateSet) {
        var waiting = [first]
        while let state = waiting.popLast() {
            guard states.insert(state) else { continue }
            switch program[state] {
            case .split(let a, let b): waiting += [b, a]
            case .edge(let edge): if holds(edge, text, place) { waiting.append(state + 1) }
            case .characters, .accept: break
            }
        }
    }

    private static let wordCharacters = (CharacterRanges.named("w") ?? CharacterRanges()).settled

    private func holds(_ edge: PatternPart.Edge, _ text: [Unicode.Scalar], _ place: Int) -> Bool {
        let before = place > 0 ? text[place - 1].value : nil
        let after = place < text.count ? text[place].value : nil
        func isWord(_ character: UInt32?) -> Bool {
            character.map(Self.wordCharacters.contains) ?? false
        }
        return switch edge {
        case .start: place == 0
        case .end: place == text.count
        case .lineStart: before == nil || before == 10
        case .lineEnd: after == nil || after == 10
        case .wordEdge: isWord(before) != isWord(after)
        case .wordInside: isWord(before) == isWord(after)
        }
    }
}

/// States of an automaton, each once.
private struct StateSet {
    private(set) var members: [Int] = []
    private var isMember: [Bool]

    init(_ count: Int) { isMember = [Bool](repeating: false, count: count) }

    func contains(_ state: Int) -> Bool { isMember[state] }

    /// False when it was there already.
    mutating func insert(_ state: Int) -> Bool {
        guard !isMember[state] else { return false }
        isMember[state] = true
        members.append(state)
        return true
    }
}
