/// A regular expression made into an automaton that is run on all its states at once, those first that Java's
/// matcher would try first (Thompson's construction with priorities, as Pike's and RE2's machines have it).
/// So no pattern and no text take more steps than one times the other, where a matcher that backtracks may
/// take exponentially many.
struct PatternProgram: Sendable {
    enum Instruction: Sendable {
        case characters(CharacterTest)
        case edge(PatternPart.Edge)
        /// Both follow, the first before the second.
        case split(Int, Int)
        /// The place is the value of a slot: 2 n and 2 n + 1 are the ends of group n.
        case save(Int)
        case accept
    }

    private(set) var instructions: [Instruction] = []
    let groupCount: Int
    let groupNames: [String: Int]
    /// What a match may begin with; nil where it may be empty.
    private(set) var first: FirstCharacters?

    /// Whether there are `\b` or `\B`.
    private(set) var hasWordEdges = false
    /// Longer patterns are refused.
    static let bytesMax = 1 << 17
    /// Most instructions of a pattern, its repetitions written out.
    static let instructionsMax = 1 << 16
    /// Most places that the states of one run keep.
    static let placesMax = 1 << 22

    /// The automaton of a pattern in Java's syntax.
    init(_ text: String) throws(PatternFault) {
        guard text.utf8.count <= PatternProgram.bytesMax else { throw .tooLarge }
        var parser = PatternParser(text)
        let part = try parser.pattern()
        groupCount = parser.groupCount
        groupNames = parser.groupNames
        try append(.save(0))
        try add(part)
        try append(.save(1))
        try append(.accept)
        guard instructions.count <= PatternProgram.placesMax / (2 * groupCount + 2) else { throw .tooLarge }
        first = FirstCharacters(self)
    }

    private mutating func append(_ instruction: Instruction) throws(PatternFault) {
        guard instructions.count < PatternProgram.instructionsMax else { throw .tooLarge }
        instructions.append(instruction)
    }

    private mutating func add(_ part: PatternPart) throws(PatternFault) {
        switch part {
        case .characters(let test): try append(.characters(test))
        case .edge(let edge):
            if edge == .wordEdge || edge == .wordInside { hasWordEdges = true }
            try append(.edge(edge))
        case .sequence(let parts): for part in parts { try add(part) }
        case .choice(let branches): try addChoice(branches)
        case .group(let number, let inner):
            try append(.save(2 * number))
            try add(inner)
            try append(.save(2 * number + 1))
        case .repeated(let inner, let least, let most, let isLazy):
            for _ in 0..<least {
                let start = instructions.count
                try add(inner)
                // Nothing at all: once is as good as often.
                if instructions.count == start { return }
            }
            if let most {
                try addOptional(inner, most - least, isLazy)
            } else {
                try addLoop(inner, isLazy)
            }
        }
    }

    private mutating func addOptional(_ inner: PatternPart, _ count: Int, _ isLazy: Bool) throws(PatternFault)
    {
        var skips: [Int] = []
        for _ in 0..<count {
            skips.append(instructions.count)
            try append(.split(0, 0))
            let start = instructions.count
            try add(inner)
            if instructions.count == start { break }
        }
        for skip in skips { instructions[skip] = split(skip + 1, instructions.count, isLazy) }
    }

    private mutating func addLoop(_ inner: PatternPart, _ isLazy: Bool) throws(PatternFault) {
        let start = instructions.count
        try append(.split(0, 0))
        try add(inner)
        if inner.isNullable {
            // Behind an empty round the way leads out, not to what the round would have tried next.
            try append(split(start + 1, instructions.count + 1, isLazy))
        } else {
            try append(.split(start, start))
        }
        instructions[start] = split(start + 1, instructions.count, isLazy)
    }

    private func split(_ inner: Int, _ behind: Int, _ isLazy: Bool) -> Instruction {
        isLazy ? .split(behind, inner) : .split(inner, behind)
    }

    private mutating func addChoice(_ branches: [PatternPart]) throws(PatternFault) {
        var ends: [Int] = []
        for (index, branch) in branches.enumerated() {
            let start = instructions.count
            let isLast = index + 1 == branches.count
            if !isLast { try append(.split(0, 0)) }
            try add(branch)
            guard !isLast else { break }
            ends.append(instructions.count)
            try append(.split(0, 0))
            instructions[start] = .split(start + 1, instructions.count)
        }
        for end in ends { instructions[end] = .split(instructions.count, instructions.count) }
    }
}

/// The characters with which a match may begin.
struct FirstCharacters: Sendable {
    private var tests: [CharacterTest] = []
    private var weight = 0
    private var ascii = Array(repeating: false, count: 128)
    /// More steps than this to tell a character past ASCII are no gain.
    private static let weightMax = 32

    /// Nil where a match may take no character.
    init?(_ program: PatternProgram) {
        var isSeen = Array(repeating: false, count: program.instructions.count)
        var waiting = [0]
        while let index = waiting.popLast() {
            guard !isSeen[index] else { continue }
            isSeen[index] = true
            switch program.instructions[index] {
            case .characters(let test):
                tests.append(test)
                weight += test.weight
            case .edge, .save: waiting.append(index + 1)
            case .split(let a, let b): waiting += [a, b]
            case .accept: return nil
            }
        }
        for character in ascii.indices {
            ascii[character] = tests.contains { $0.accepts(UInt32(character)) }
        }
    }

    func accepts(_ character: UInt32) -> Bool {
        if character < 128 { return ascii[Int(character)] }
        return weight > Self.weightMax || tests.contains { $0.accepts(character) }
    }
}
