/// The search of a pattern in one text.
struct PatternRun {
    private let program: PatternProgram
    private let text: [UInt32]
    /// Places that a state keeps: those of the whole match, and of the groups where they are asked for.
    private let width: Int
    private var stepsLeft: Int
    /// Where the next match may begin.
    private var from = 0
    private var current: States
    private var following: States
    private var stack: [Visit] = []
    /// The places of the state that is being followed.
    private var places: [Int]
    /// Whether each character is one of a word, where the pattern asks.
    private let isWord: [Bool]

    /// Steps of all of a text's matches beyond which the search is an error: some tenths of a second.
    static let stepsMax = 1 << 25

    /// States in the order in which they are tried, with their places.
    private struct States {
        var members: [Int] = []
        var places: [Int] = []
        /// Where an instruction is a member, the number of the round.
        var rounds: [UInt32]
        var round: UInt32 = 1

        init(_ count: Int) { rounds = Array(repeating: 0, count: count) }

        /// Whether an instruction has not been met in this round.
        mutating func enter(_ instruction: Int) -> Bool {
            guard rounds[instruction] != round else { return false }
            rounds[instruction] = round
            return true
        }

        mutating func add(_ instruction: Int, _ places: [Int]) {
            members.append(instruction)
            self.places += places
        }

        mutating func clear() {
            members.removeAll(keepingCapacity: true)
            places.removeAll(keepingCapacity: true)
            round &+= 1
            guard round == 0 else { return }
            for index in rounds.indices { rounds[index] = 0 }
            round = 1
        }
    }

    private enum Visit {
        case instruction(Int)
        /// A place to be put back behind a branch.
        case place(slot: Int, Int)
    }

    init(_ program: PatternProgram, _ text: [UInt32], withGroups: Bool, stepsMax: Int = PatternRun.stepsMax) {
        self.program = program
        self.text = text
        stepsLeft = stepsMax
        width = withGroups ? 2 * program.groupCount + 2 : 2
        current = States(program.instructions.count)
        following = current
        places = Array(repeating: -1, count: width)
        isWord = program.hasWordEdges ? PatternRun.words(text) : []
    }

    /// The places of the next match, as Java's `Matcher.find` gives them: of group n at 2 n and 2 n + 1, -1
    /// where it took no part.
    mutating func next() throws(EvaluationError) -> [Int]? {
        guard from <= text.count, let match = try firstMatch() else { return nil }
        from = match[1] > match[0] ? match[1] : match[1] + 1
        return match
    }

    private mutating func firstMatch() throws(EvaluationError) -> [Int]? {
        var match: [Int]?
        var place = from
        current.clear()
        while place <= text.count {
            if current.members.isEmpty {
                guard match == nil else { break }
                place = skipped(place)
                guard place <= text.count else { break }
            }
            if match == nil {
                for slot in places.indices { places[slot] = -1 }
                try follow(0, at: place, isNext: false)
            }
            following.clear()
            match = try step(place) ?? match
            swap(&current, &following)
            place += 1
        }
        return match
    }

    /// The next place where a match may begin.
    private mutating func skipped(_ place: Int) -> Int {
        guard let first = program.first else { return place }
        var place = place
        while place < text.count, !first.accepts(text[place]) { place += 1 }
        return place < text.count ? place : text.count + 1
    }

    /// Takes all states over one character; the match of the first that has come to the end.
    private mutating func step(_ place: Int) throws(EvaluationError) -> [Int]? {
        for (index, instruction) in current.members.enumerated() {
            switch program.instructions[instruction] {
            case .accept:
                // What would be tried later is not.
                return Array(current.places[index * width..<(index + 1) * width])
            case .characters(let test):
                guard place < text.count else { continue }
                try charge(text[place] < 128 ? 1 : test.weight)
                guard test.accepts(text[place]) else { continue }
                for slot in 0..<width { places[slot] = current.places[index * width + slot] }
                try follow(instruction + 1, at: place + 1, isNext: true)
            case .edge, .split, .save: continue
            }
        }
        return nil
    }

    /// Adds an instruction and all that follow from it without a character.
    private mutating func follow(
        _ first: Int, at place: Int, isNext: Bool
    ) throws(EvaluationError) {
        stack.append(.instruction(first))
        while let visit = stack.popLast() {
            guard case .instruction(let index) = visit else {
                if case .place(let slot, let old) = visit { places[slot] = old }
                continue
            }
            try charge(1)
            guard isNext ? following.enter(index) : current.enter(index) else { continue }
            switch program.instructions[index] {
            case .split(let a, let b):
                stack.append(.instruction(b))
                stack.append(.instruction(a))
            case .edge(let edge): if holds(edge, place) { stack.append(.instruction(index + 1)) }
            case .save(let slot):
                if slot < width {
                    stack.append(.place(slot: slot, places[slot]))
                    places[slot] = place
                }
                stack.append(.instruction(index + 1))
            case .characters, .accept:
                try charge(width)
                if isNext { following.add(index, places) } else { current.add(index, places) }
            }
        }
    }

    private mutating func charge(_ steps: Int) throws(EvaluationError) {
        stepsLeft -= steps
        guard stepsLeft >= 0 else { throw .evaluation("The text is too long for the pattern") }
    }
}

// Edges, as Java 17 has them.
extension PatternRun {
    private func holds(_ edge: PatternPart.Edge, _ place: Int) -> Bool {
        switch edge {
        case .start: return place == 0
        case .end: return place == text.count
        case .lastEnd:
            let left = text.count - place
            return left == 0 || (left == 1 && isLineEnd(place))
                || (left == 2 && text[place] == 13 && text[place + 1] == 10)
        case .lineStart:
            guard place < text.count else { return false }
            return place == 0 || (isBreak(text[place - 1]) && !(text[place - 1] == 13 && text[place] == 10))
        case .lineEnd: return place == text.count || isLineEnd(place)
        case .wordEdge: return isWord(at: place - 1) != isWord(at: place)
        case .wordInside: return isWord(at: place - 1) == isWord(at: place)
        }
    }

    private func isBreak(_ character: UInt32) -> Bool { CharacterTest.Rule.lineEnd.accepts(character) }

    /// Whether a line ends at a place; not between carriage return and line feed.
    private func isLineEnd(_ place: Int) -> Bool {
        guard isBreak(text[place]) else { return false }
        return !(text[place] == 10 && place > 0 && text[place - 1] == 13)
    }

    private func isWord(at place: Int) -> Bool { isWord.indices.contains(place) && isWord[place] }

    /// Which characters are those of a word: letters of any script, digits and `_`; marks whose base is a
    /// letter or a digit.
    private static func words(_ text: [UInt32]) -> [Bool] {
        var isBase = false
        return text.map { character in
            switch Unicode.Scalar(character)?.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
                .decimalNumber:
                isBase = true
                return true
            case .nonspacingMark: return isBase
            default:
                isBase = false
                return character == 0x5F
            }
        }
    }
}
