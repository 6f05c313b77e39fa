/// Which characters one place of a pattern accepts, as `java.util.regex` has them.
struct CharacterTest: Sendable {
    /// How characters are told. No enumeration: patterns are kept until the process ends, and the pointers in
    /// an enumeration's payloads are none that a check for leaks would know.
    struct Rule: Sendable {
        /// What tells them; `parts` are the rules below.
        enum Kind: Sendable {
            case ranges, categories, property, not, any, all
            /// Regardless of case: that of ASCII, or of all letters (flag `u`).
            case folded, foldedInUnicode
        }

        let kind: Kind
        var ranges: [ClosedRange<UInt32>] = []
        var categories: Set<Unicode.GeneralCategory> = []
        var property: Property?
        var parts: [Rule] = []

        static func ranges(_ ranges: [ClosedRange<UInt32>]) -> Rule { Rule(kind: .ranges, ranges: ranges) }
        static func not(_ rule: Rule) -> Rule { Rule(kind: .not, parts: [rule]) }
        static func any(_ rules: [Rule]) -> Rule { Rule(kind: .any, parts: rules) }
        static func all(_ rules: [Rule]) -> Rule { Rule(kind: .all, parts: rules) }
        static func folded(_ rule: Rule, isUnicode: Bool) -> Rule {
            Rule(kind: isUnicode ? .foldedInUnicode : .folded, parts: [rule])
        }
    }

    /// What Unicode says of a character.
    enum Property: Sendable {
        case alphabetic, uppercase, lowercase, whiteSpace
    }

    /// Bit c says whether ASCII's character c is accepted.
    private let ascii: (low: UInt64, high: UInt64)
    private let rule: Rule
    /// How many steps it takes to tell a character past ASCII.
    let weight: Int

    /// The test of a rule.
    init(_ rule: Rule) {
        weight = rule.weight
        var (low, high): (UInt64, UInt64) = (0, 0)
        for bit in 0..<64 {
            if rule.accepts(UInt32(bit)) { low |= 1 << UInt64(bit) }
            if rule.accepts(UInt32(bit) + 64) { high |= 1 << UInt64(bit) }
        }
        ascii = (low, high)
        self.rule = rule
    }

    /// Whether a character is accepted.
    func accepts(_ character: UInt32) -> Bool {
        switch character {
        case 0..<64: ascii.low >> UInt64(character) & 1 == 1
        case 64..<128: ascii.high >> UInt64(character - 64) & 1 == 1
        default: rule.accepts(character)
        }
    }
}

extension CharacterTest.Rule {
    static let digits = Self.ranges([48...57])
    static let word = Self.ranges([48...57, 65...90, 95...95, 97...122])
    static let space = Self.ranges([9...13, 32...32])
    static let horizontal = Self.ranges([
        9...9, 32...32, 0xA0...0xA0, 0x1680...0x1680, 0x180E...0x180E, 0x2000...0x200A, 0x202F...0x202F,
        0x205F...0x205F, 0x3000...0x3000,
    ])
    static let vertical = Self.ranges([10...13, 0x85...0x85, 0x2028...0x2029])
    /// What a point does not take.
    static let lineEnd = Self.ranges([10...10, 13...13, 0x85...0x85, 0x2028...0x2029])
    static let everything = Self.ranges([0...0x10FFFF])

    /// One character.
    static func one(_ character: UInt32) -> Self { .ranges([character...character]) }

    /// Ranges and the like.
    fileprivate var weight: Int {
        let below = parts.reduce(0) { $0 + $1.weight }
        switch kind {
        case .ranges: return ranges.count
        case .categories, .property: return 1
        case .not: return below
        case .any, .all: return 1 + below
        case .folded, .foldedInUnicode: return 3 * below
        }
    }

    /// Whether a character is accepted.
    func accepts(_ character: UInt32) -> Bool {
        switch kind {
        case .ranges: return ranges.contains { $0.contains(character) }
        case .categories:
            return Unicode.Scalar(character).map { categories.contains($0.properties.generalCategory) }
                ?? false
        case .property: return hasProperty(character)
        case .not: return !parts.contains { $0.accepts(character) }
        case .any: return parts.contains { $0.accepts(character) }
        case .all: return parts.allSatisfy { $0.accepts(character) }
        case .folded, .foldedInUnicode: return parts.contains { acceptsEitherCase(character, $0) }
        }
    }

    private func hasProperty(_ character: UInt32) -> Bool {
        guard let properties = Unicode.Scalar(character)?.properties else { return false }
        switch property {
        case .alphabetic: return properties.isAlphabetic
        case .uppercase: return properties.isUppercase
        case .lowercase: return properties.isLowercase
        case .whiteSpace: return properties.isWhitespace
        case nil: return false
        }
    }

    private func acceptsEitherCase(_ character: UInt32, _ rule: Self) -> Bool {
        if rule.accepts(character) { return true }
        if kind == .foldedInUnicode {
            let upper = Letter.upper(character)
            return rule.accepts(upper) || rule.accepts(Letter.lower(upper))
        }
        switch character {
        case 65...90: return rule.accepts(character + 32)
        case 97...122: return rule.accepts(character - 32)
        default: return false
        }
    }

    /// The one character that is accepted; nil for more.
    var only: UInt32? {
        switch kind {
        case .ranges: return ranges.count == 1 && ranges[0].count == 1 ? ranges[0].lowerBound : nil
        case .folded, .foldedInUnicode: return parts.first?.only
        case .categories, .property, .not, .any, .all: return nil
        }
    }
}

/// Letters by their case, one for one, as `java.lang.Character` has them.
enum Letter {
    static func upper(_ character: UInt32) -> UInt32 {
        single(character, Unicode.Scalar(character)?.properties.uppercaseMapping)
    }

    static func lower(_ character: UInt32) -> UInt32 {
        single(character, Unicode.Scalar(character)?.properties.lowercaseMapping)
    }

    private static func single(_ character: UInt32, _ mapping: String?) -> UInt32 {
        guard let scalars = mapping?.unicodeScalars, let only = scalars.first, scalars.count == 1 else {
            return character
        }
        return only.value
    }
}

extension CharacterTest.Rule {
    /// The characters of a name in `\p{...}`: POSIX classes in ASCII, categories of Unicode, and some of its
    /// properties; nil for others.
    static func named(_ name: String) -> Self? {
        switch name {
        case "Lower": return .ranges([97...122])
        case "Upper": return .ranges([65...90])
        case "ASCII": return .ranges([0...127])
        case "Alpha": return .ranges([65...90, 97...122])
        case "Digit": return .digits
        case "Alnum": return .ranges([48...57, 65...90, 97...122])
        case "Punct": return .ranges([33...47, 58...64, 91...96, 123...126])
        case "Graph": return .ranges([33...126])
        case "Print": return .ranges([32...126])
        case "Blank": return .ranges([9...9, 32...32])
        case "Cntrl": return .ranges([0...31, 127...127])
        case "XDigit": return .ranges([48...57, 65...70, 97...102])
        case "Space": return .space
        case "IsAlphabetic": return Self(kind: .property, property: .alphabetic)
        case "IsUppercase": return Self(kind: .property, property: .uppercase)
        case "IsLowercase": return Self(kind: .property, property: .lowercase)
        case "IsWhite_Space": return Self(kind: .property, property: .whiteSpace)
        case "IsLetter": return named("L")
        case "IsDigit": return named("Nd")
        case "IsPunctuation": return named("P")
        default:
            let short = name.hasPrefix("Is") ? String(name.dropFirst(2)) : name
            let categories = short == "LC" ? ["Lu", "Ll", "Lt"] : [short]
            let found = CharacterTest.categories.filter { entry in
                categories.contains { entry.name == $0 || entry.name.prefix(1) == $0 }
            }
            return found.isEmpty ? nil : Self(kind: .categories, categories: Set(found.map(\.category)))
        }
    }
}

extension CharacterTest {
    /// Unicode's general categories by their short names.
    fileprivate static let categories: [(name: String, category: Unicode.GeneralCategory)] = [
        ("Lu", .uppercaseLetter), ("Ll", .lowercaseLetter), ("Lt", .titlecaseLetter),
        ("Lm", .modifierLetter), ("Lo", .otherLetter), ("Mn", .nonspacingMark), ("Mc", .spacingMark),
        ("Me", .enclosingMark), ("Nd", .decimalNumber), ("Nl", .letterNumber), ("No", .otherNumber),
        ("Pc", .connectorPunctuation), ("Pd", .dashPunctuation), ("Ps", .openPunctuation),
        ("Pe", .closePunctuation), ("Pi", .initialPunctuation), ("Pf", .finalPunctuation),
        ("Po", .otherPunctuation), ("Sm", .mathSymbol), ("Sc", .currencySymbol), ("Sk", .modifierSymbol),
        ("So", .otherSymbol), ("Zs", .spaceSeparator), ("Zl", .lineSeparator), ("Zp", .paragraphSeparator),
        ("Cc", .control), ("Cf", .format), ("Cs", .surrogate), ("Co", .privateUse), ("Cn", .unassigned),
    ]
}
