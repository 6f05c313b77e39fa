/// A part of a regular expression.
indirect enum PatternPart: Sendable {
    /// A condition on a place between characters.
    enum Edge: Sendable {
        /// `\A`, `\z`, and `\Z` or `$`: at the end, or before a line's end that is the last.
        case start, end, lastEnd
        /// `^` and `$` with the flag `m`.
        case lineStart, lineEnd
        /// `\b`, `\B`
        case wordEdge, wordInside
    }

    case characters(CharacterTest)
    case edge(Edge)
    case sequence([PatternPart])
    /// The first that fits.
    case choice([PatternPart])
    /// A group whose text is kept, by its number from 1.
    case group(Int, PatternPart)
    /// At least `least` times, at most `most` (nil: without a bound); as often as it can, or as seldom.
    case repeated(PatternPart, least: Int, most: Int?, isLazy: Bool)

    /// Whether the part takes no character in some case.
    var isNullable: Bool {
        switch self {
        case .characters: false
        case .edge: true
        case .sequence(let parts): parts.allSatisfy(\.isNullable)
        case .choice(let parts): parts.contains(where: \.isNullable)
        case .group(_, let part): part.isNullable
        case .repeated(let part, let least, _, _): least == 0 || part.isNullable
        }
    }
}

/// Why a text is no pattern.
enum PatternFault: Error {
    /// Java refuses it too.
    case wrong
    /// What no automaton can do, or what is left out: back-references, look-around, possessive repetition.
    case unsupported(String)
    /// More steps than a pattern may have.
    case tooLarge
}

/// Reads the syntax of `java.util.regex.Pattern`.
struct PatternParser {
    let text: [UInt32]
    var place = 0
    var depth = 0
    var flags = Flags()
    /// How many groups there are.
    private(set) var groupCount = 0
    /// The numbers of named groups.
    private(set) var groupNames: [String: Int] = [:]

    /// Deeper nesting is refused.
    static let depthMax = 100
    /// Repetitions past this are refused.
    private static let countMax = 100_000

    struct Flags {
        var foldsCase = false
        var isUnicode = false
        var dotTakesAll = false
        var isMultiline = false
    }

    init(_ text: String) { self.text = text.unicodeScalars.map(\.value) }

    /// The whole expression.
    mutating func pattern() throws(PatternFault) -> PatternPart {
        let part = try choice()
        guard place == text.count else { throw .wrong }
        return part
    }

    var next: UInt32? { place < text.count ? text[place] : nil }

    mutating func take(_ wanted: Unicode.Scalar) -> Bool {
        guard next == wanted.value else { return false }
        place += 1
        return true
    }

    mutating func take(_ wanted: String) -> Bool {
        guard text[place...].starts(with: wanted.unicodeScalars.map(\.value)) else { return false }
        place += wanted.unicodeScalars.count
        return true
    }

    private mutating func choice() throws(PatternFault) -> PatternPart {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthMax else { throw .tooLarge }
        var branches: [PatternPart] = []
        repeat { branches.append(try sequence()) } while take("|")
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(PatternFault) -> PatternPart {
        var parts: [PatternPart] = []
        while let character = next, character != 0x7C, character != 0x29 {
            guard let part = try atom() else { continue }
            parts.append(try repeated(part))
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    /// The part with the repetition behind it.
    mutating func repeated(_ part: PatternPart) throws(PatternFault) -> PatternPart {
        let least: Int
        let most: Int?
        if take("*") {
            (least, most) = (0, nil)
        } else if take("+") {
            (least, most) = (1, nil)
        } else if take("?") {
            (least, most) = (0, 1)
        } else if take("{") {
            least = try number()
            most = take(",") ? (next == 0x7D ? nil : try number()) : least
            guard take("}"), most ?? least >= least else { throw .wrong }
        } else {
            return part
        }
        guard !take("+") else { throw .unsupported("possessive repetition") }
        return .repeated(part, least: least, most: most, isLazy: take("?"))
    }

    private mutating func number() throws(PatternFault) -> Int {
        guard let first = next, (48...57).contains(first) else { throw .wrong }
        var value = 0
        while let digit = next, (48...57).contains(digit) {
            value = value * 10 + Int(digit) - 48
            guard value <= Self.countMax else { throw .tooLarge }
            place += 1
        }
        return value
    }

    /// One character, class, group or edge; nil for flags, which match nothing themselves.
    private mutating func atom() throws(PatternFault) -> PatternPart? {
        guard let character = next else { return nil }
        place += 1
        switch Unicode.Scalar(character) {
        case "(": return try group()
        case "[":
            let rule = try bracket()
            return .characters(CharacterTest(rule))
        case ".": return .characters(CharacterTest(flags.dotTakesAll ? .everything : .not(.lineEnd)))
        case "^": return .edge(flags.isMultiline ? .lineStart : .start)
        case "$": return .edge(flags.isMultiline ? .lineEnd : .lastEnd)
        case "*", "+", "?", "{": throw .wrong
        case "\\": return try escaped()
        default: return .characters(CharacterTest(single(character)))
        }
    }

    /// One character, in both cases where they count as one.
    func single(_ character: UInt32) -> CharacterTest.Rule {
        guard flags.foldsCase else { return .one(character) }
        let meant = flags.isUnicode ? Letter.lower(Letter.upper(character)) : character
        return .folded(.one(meant), isUnicode: flags.isUnicode)
    }

    private mutating func group() throws(PatternFault) -> PatternPart? {
        let outer = flags
        var number: Int?
        if take("?<") {
            guard next != 0x3D, next != 0x21 else { throw .unsupported("look-around") }
            let name = try groupName()
            groupCount += 1
            number = groupCount
            guard groupNames.updateValue(groupCount, forKey: name) == nil else { throw .wrong }
        } else if take("?") {
            guard let character = next else { throw .wrong }
            switch Unicode.Scalar(character) {
            case "=", "!": throw .unsupported("look-around")
            case ">": throw .unsupported("an atomic group")
            default: break
            }
            try readFlags()
            if take(")") { return nil }
            guard take(":") else { throw .wrong }
        } else {
            groupCount += 1
            number = groupCount
        }
        let part = try choice()
        guard take(")") else { throw .wrong }
        flags = outer
        return number.map { .group($0, part) } ?? part
    }

    private mutating func groupName() throws(PatternFault) -> String {
        var name = ""
        while let character = next, character != 0x3E {
            guard let scalar = Unicode.Scalar(character), scalar.isASCII,
                Character(scalar).isLetter
                    || (!name.isEmpty && Character(scalar).isNumber)
            else { throw .wrong }
            name.unicodeScalars.append(scalar)
            place += 1
        }
        guard take(">"), !name.isEmpty else { throw .wrong }
        return name
    }

    private mutating func readFlags() throws(PatternFault) {
        var isOn = true
        while let character = next, character != 0x3A, character != 0x29 {
            place += 1
            switch Unicode.Scalar(character) {
            case "-": isOn = false
            case "i": flags.foldsCase = isOn
            case "u": flags.isUnicode = isOn
            case "s": flags.dotTakesAll = isOn
            case "m": flags.isMultiline = isOn
            case "d", "x", "U": throw .unsupported("one of the flags d, x and U")
            default: throw .wrong
            }
        }
    }
}
